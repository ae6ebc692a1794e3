/** EventBridge, Scheduler and Pipes through the AWS SDK. */
@org.jspecify.annotations.NullMarked
package dev.haneul.trials.events;
