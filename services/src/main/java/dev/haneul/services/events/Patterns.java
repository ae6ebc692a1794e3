package dev.haneul.services.events;

import dev.haneul.delivery.EventPatterns;

/** What rules and archives take for a pattern. */
final class Patterns {
    /** The most a pattern may have, as PutRule and the quotas say. */
    private static final int MOST_CHARS = 4096;

    private Patterns() {}

    /** Refuses what is no pattern. */
    static void check(String pattern) {
        if (pattern.length() > MOST_CHARS) {
            throw EventsFaults.validation("1 validation error detected: Value at 'eventPattern' failed to satisfy"
                    + " constraint: Member must have length less than or equal to " + MOST_CHARS);
        }
        String fault = EventPatterns.fault(pattern);
        if (fault != null) {
            throw EventsFaults.pattern(fault);
        }
    }
}
