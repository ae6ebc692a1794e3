package dev.haneul.saml;

/** A document that is not what it should be; the message says why and may be told. */
public final class SamlException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SamlException(String message) {
        super(message);
    }

    /** Never null. */
    public String reason() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
