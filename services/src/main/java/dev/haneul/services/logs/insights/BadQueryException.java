package dev.haneul.services.logs.insights;

/** A query that breaks the syntax; the message is for the client. */
public final class BadQueryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadQueryException(String message) {
        super(message, null, false, false);
    }

    /** What the client is told. */
    public String message() {
        return String.valueOf(getMessage());
    }
}
