package dev.haneul.edge.http;

import java.io.IOException;

/** A request that is answered by the balancer itself, with one of its own codes. */
public final class Refused extends IOException {
    private static final long serialVersionUID = 1L;
    private final int status;

    /** Refuses with a status; the reason is for logs. */
    public Refused(int status, String reason) {
        super(reason);
        this.status = status;
    }

    public int status() {
        return status;
    }
}
