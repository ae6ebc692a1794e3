package dev.haneul.services.cloudwatch.math;

/** An expression that breaks the syntax or cannot be evaluated; the message is for the client. */
public final class MathException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MathException(String message) {
        super(message, null, false, false);
    }

    /** What the client is told. */
    public String message() {
        return String.valueOf(getMessage());
    }
}
