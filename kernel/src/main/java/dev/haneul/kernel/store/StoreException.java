package dev.haneul.kernel.store;

/**
 * The store could not do what was asked: the disk failed or is full, or a record cannot be read. A transaction that
 * ends with it did not happen.
 */
public class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreException(String message) {
        super(message);
    }

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
