package dev.haneul.services.sqs;

import org.jspecify.annotations.Nullable;

/** What is kept in memory of a message that is not deleted. Guarded by its queue's lock. */
final class Entry {
    /** Where it first stood in the log: its identity, and its place in the order. */
    final long origin;

    final long sentMillis;
    final @Nullable String group;
    /** Its size in the log. */
    final int bytes;
    /** Where it stands now. */
    long position;

    long visibleMillis;
    int receives;
    long firstMillis;
    /** When it was last received: twelve hours later at most it is visible again. */
    long receivedMillis;

    boolean inFlight;
    boolean delayed;
    /** Being deleted or moved: not to be given to anybody. */
    boolean leaving;

    boolean gone;
    /** The message itself, while there is room. */
    @Nullable
    Message message;

    Entry(long origin, long position, Message message, int bytes) {
        this.origin = origin;
        this.position = position;
        this.sentMillis = message.sentMillis();
        this.group = message.group();
        this.bytes = bytes;
        this.visibleMillis = message.visibleMillis();
        this.receives = message.receives();
        this.firstMillis = message.firstMillis();
    }
}
