package dev.haneul.storage;

import java.io.IOException;

/** A log's bytes on disk are not those that were written. */
public final class SegmentDamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    public SegmentDamagedException(String message) {
        super(message);
    }
}
