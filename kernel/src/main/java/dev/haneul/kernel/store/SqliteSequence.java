package dev.haneul.kernel.store;

/** The numbers of writes. Touched by whoever writes only; what a rollback used up stays a gap. */
final class SqliteSequence {
    private long last;

    SqliteSequence(long last) {
        this.last = last;
    }

    long next() {
        return ++last;
    }

    long current() {
        return last;
    }
}
