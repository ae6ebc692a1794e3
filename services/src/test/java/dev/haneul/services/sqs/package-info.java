/** Queues without a server. */
@NullMarked
package dev.haneul.services.sqs;

import org.jspecify.annotations.NullMarked;
