package dev.haneul.storage;

import java.io.IOException;

/** The disk is full (or the file too large): nothing of what was being written is left. */
public final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1L;

    public DiskFullException(String message) {
        super(message);
    }

    public DiskFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
