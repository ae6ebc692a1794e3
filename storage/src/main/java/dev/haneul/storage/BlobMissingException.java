package dev.haneul.storage;

import java.io.IOException;

/** A content that a reference names is not there. */
public final class BlobMissingException extends IOException {
    private static final long serialVersionUID = 1L;

    public BlobMissingException(String message) {
        super(message);
    }

    public BlobMissingException(String message, Throwable cause) {
        super(message, cause);
    }
}
