/** A client of Session Manager's data channel, written from the message format, beside the trials that use it. */
@org.jspecify.annotations.NullMarked
package dev.haneul.trials.session;
