package dev.haneul.engines.container;

/** An image is damaged or hostile; the message says how, for the user. */
public final class BadImageException extends Exception {
    private static final long serialVersionUID = 1L;

    public BadImageException(String message) {
        super(message);
    }
}
