package dev.haneul.kernel.store;

/**
 * The data folder cannot be used: no permission, damaged, or written by a newer release. The message says which and fits
 * on one line.
 */
public final class StoreUnreadableException extends StoreException {
    private static final long serialVersionUID = 1L;

    public StoreUnreadableException(String message) {
        super(message);
    }

    public StoreUnreadableException(String message, Throwable cause) {
        super(message, cause);
    }
}
