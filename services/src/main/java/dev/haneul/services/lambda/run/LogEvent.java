package dev.haneul.services.lambda.run;

/**
 * One entry of a function's log.
 *
 * @param epochMillis when it was written
 * @param message with its line end, as CloudWatch Logs keeps it
 */
public record LogEvent(long epochMillis, String message) {}
