package dev.haneul.services.lambda.run;

/** A custom runtime's program is missing or cannot be run: the function's fault. The message is AWS's. */
final class NoEntrypointException extends Exception {
    private static final long serialVersionUID = 1L;

    NoEntrypointException(String message) {
        super(message);
    }
}
