package dev.haneul.services.logs.pattern;

/** A pattern that breaks the syntax; the message is for the caller. */
public final class InvalidPatternException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidPatternException(String message) {
        super(message, null, false, false);
    }

    static InvalidPatternException badTerm(String characters) {
        return new InvalidPatternException("Invalid character(s) in term '" + characters + "'");
    }

    /** What is wrong; never null. */
    public String message() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
