package dev.haneul.edge.h2;

import java.io.IOException;

/** The connection broke a rule and ends. */
final class H2Error extends IOException {
    private static final long serialVersionUID = 1L;
    static final int NONE = 0;
    static final int PROTOCOL = 1;
    static final int INTERNAL = 2;
    static final int FLOW_CONTROL = 3;
    static final int FRAME_SIZE = 6;
    static final int REFUSED = 7;
    static final int CANCEL = 8;
    static final int COMPRESSION = 9;
    static final int CALM = 11;

    private final int code;

    H2Error(int code, String message) {
        super(message);
        this.code = code;
    }

    int code() {
        return code;
    }
}
