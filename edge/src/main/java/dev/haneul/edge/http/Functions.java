package dev.haneul.edge.http;

import java.io.IOException;

/** Calls functions that are targets. */
@FunctionalInterface
public interface Functions {
    /** Where there are none. */
    Functions NONE = (group, arn, event) -> {
        throw new IOException("functions are not reachable here");
    };

    /** A function that did not answer well; the code is an access log's. */
    final class Failed extends IOException {
        private static final long serialVersionUID = 1L;
        private final String code;

        public Failed(String code, String message) {
            super(message);
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    /**
     * Invokes one and waits.
     *
     * @param group the target group it stands in: the function's policy may speak of it
     * @param event JSON
     * @return what the function answered, JSON
     * @throws IOException where it failed, was not allowed or answered nothing
     */
    byte[] invoke(String group, String arn, byte[] event) throws IOException;
}
