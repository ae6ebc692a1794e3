package dev.haneul.storage;

import java.io.IOException;

/** The bytes on disk are not those that were written. None of them was given out. */
public final class BlobDamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    public BlobDamagedException(String message) {
        super(message);
    }

    public BlobDamagedException(String message, Throwable cause) {
        super(message, cause);
    }
}
