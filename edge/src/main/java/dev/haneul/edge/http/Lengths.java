package dev.haneul.edge.http;

import java.io.IOException;
import java.util.List;

/** Reads Content-Length, which decides where a message ends and so must mean one thing only. */
final class Lengths {
    private static final int MOST_DIGITS = 18;

    private Lengths() {}

    /**
     * The length.
     *
     * @return -1 where none is told
     * @throws Refused where it is no number, or there are several
     */
    static long of(Headers headers) throws IOException {
        List<String> all = headers.all("content-length");
        if (all.isEmpty()) {
            return -1;
        }
        String text = all.getFirst();
        for (String each : all) {
            if (!each.equals(text)) {
                throw new Refused(400, "two lengths");
            }
        }
        boolean number = !text.isEmpty() && text.length() <= MOST_DIGITS;
        for (int i = 0; number && i < text.length(); i++) {
            number = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        if (!number) {
            throw new Refused(400, "a length that is no number");
        }
        return Long.parseLong(text);
    }
}
