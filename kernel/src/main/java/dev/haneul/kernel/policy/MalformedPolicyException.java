package dev.haneul.kernel.policy;

/** A policy document that breaks the language. Its message is AWS's own; services answer it under their own code. */
public final class MalformedPolicyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedPolicyException(String message) {
        super(message, null, false, false);
    }

    /** What is wrong; never null. */
    public String message() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
