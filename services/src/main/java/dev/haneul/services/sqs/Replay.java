package dev.haneul.services.sqs;

import dev.haneul.kernel.time.Clock;
import dev.haneul.services.sqs.LogCodec.Event;

/** Makes a queue's shelf again from what its log tells. */
final class Replay implements QueueLog.Reader {
    private final boolean fifo;
    private final Duplicates duplicates;
    private final Bodies bodies;
    private final Clock clock;
    private Shelf shelf;

    Replay(boolean fifo, Duplicates duplicates, Bodies bodies, Clock clock) {
        this.fifo = fifo;
        this.duplicates = duplicates;
        this.bodies = bodies;
        this.clock = clock;
        this.shelf = new Shelf(fifo);
    }

    /** The shelf as it stands now. */
    Shelf shelf() {
        shelf.tick(clock.instant().toEpochMilli());
        return shelf;
    }

    private long weight() {
        return fifo ? Bodies.FIFO_BYTES : Bodies.STANDARD_BYTES;
    }

    @Override
    public void apply(long position, Event event, int bytes) {
        long now = clock.instant().toEpochMilli();
        switch (event) {
            case LogCodec.Sent(Message message) -> {
                long origin = message.origin() < 0 ? position : message.origin();
                Entry known = shelf.find(origin);
                if (known != null) {
                    known.position = position;
                } else {
                    bodies.count(weight());
                    shelf.add(new Entry(origin, position, message, bytes), now);
                }
                duplicates.remember(message, origin, now);
            }
            case LogCodec.Deleted(long[] origins) -> {
                for (long origin : origins) {
                    Entry entry = shelf.find(origin);
                    if (entry != null) {
                        shelf.remove(entry, now);
                        bodies.count(-weight());
                    }
                }
            }
            case LogCodec.Seen seen -> {
                for (int i = 0; i < seen.origins().length; i++) {
                    Entry entry = shelf.find(seen.origins()[i]);
                    if (entry != null) {
                        entry.receives = Math.max(entry.receives, seen.receives()[i]);
                        entry.firstMillis = entry.firstMillis == 0 ? seen.firstMillis() : entry.firstMillis;
                        entry.receivedMillis = seen.firstMillis();
                        shelf.hold(entry, now, seen.untilMillis());
                    }
                }
            }
            case LogCodec.Purged _ -> {
                bodies.count(-shelf.entries().size() * weight());
                shelf = new Shelf(fifo);
            }
        }
    }
}
