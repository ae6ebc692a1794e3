package dev.haneul.storage;

import java.io.IOException;

/** Why something cannot be done to a layer or an upload. */
public final class LayerException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The reasons. */
    public enum Reason {
        /** There is no such layer. */
        NO_LAYER,
        /** There is no such upload: never begun, finished, cancelled, or forgotten after a day. */
        NO_UPLOAD,
        /** The part does not begin where the last one ended. */
        OUT_OF_ORDER,
        /** The bytes have another digest than was said. */
        WRONG_DIGEST,
        /** More bytes than allowed. */
        TOO_LARGE,
        /** More parts than allowed. */
        TOO_MANY_PARTS,
        /** An upload without a byte. */
        EMPTY
    }

    private final Reason reason;

    LayerException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
