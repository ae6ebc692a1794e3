package dev.haneul.trials;

import java.util.concurrent.atomic.AtomicLong;

/** Fresh accounts: an access key of 12 digits with the secret {@code test} is that account's root. */
public final class Accounts {
    private static final AtomicLong NEXT = new AtomicLong(300_000_000_000L);

    private Accounts() {}

    public static String fresh() {
        return Long.toString(NEXT.incrementAndGet());
    }
}
