package dev.haneul.services.lambda.image;

/** An image that is not acceptable; its message says why. */
public final class BadImageException extends Exception {
    private static final long serialVersionUID = 1L;

    BadImageException(String message) {
        super(message);
    }
}
