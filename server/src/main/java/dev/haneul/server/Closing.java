package dev.haneul.server;

import java.util.Deque;

/** Closing what was opened, last first, whatever each of them throws. */
final class Closing {
    private static final System.Logger LOG = System.getLogger(Closing.class.getName());

    private Closing() {}

    /** Closes and removes every part; a failure is logged and the rest is closed all the same. */
    static void all(Deque<AutoCloseable> open) {
        while (!open.isEmpty()) {
            AutoCloseable part = open.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "closing " + part.getClass().getSimpleName(),
                        e);
            }
        }
    }
}
