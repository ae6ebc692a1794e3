package dev.haneul.edge.stream;

import java.io.IOException;

/** A peer was silent for too long. */
public final class Expired extends IOException {
    private static final long serialVersionUID = 1L;

    public Expired(String message) {
        super(message);
    }
}
