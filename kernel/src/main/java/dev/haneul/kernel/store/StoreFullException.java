package dev.haneul.kernel.store;

/** The disk is full: the transaction did not happen, and nothing half-made is left. */
public final class StoreFullException extends StoreException {
    private static final long serialVersionUID = 1L;

    public StoreFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
