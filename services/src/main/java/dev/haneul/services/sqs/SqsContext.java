package dev.haneul.services.sqs;

import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.sqs.SqsTables.QueueRow;
import java.util.Optional;

/** What every operation works with, and how queues are found. */
record SqsContext(Store store, KnownQueues queues, LiveQueues live, Clock clock, Tokens tokens, QueueKeys keys) {
    /** A queue, and where it is; with its redrive policy, read once. */
    record Queue(Key key, QueueRow row, String arn, Optional<Redrive> redrive) {
        static Queue of(Key key, QueueRow row) {
            return new Queue(key, row, SqsTables.arn(key), Redrive.of(row));
        }

        long retentionMillis() {
            return row.seconds("MessageRetentionPeriod") * 1000L;
        }
    }

    long nowMillis() {
        return clock.instant().toEpochMilli();
    }

    Queue queue(String url, Call call) {
        Key key = SqsTables.ofUrl(url, call);
        return find(key).orElseThrow(SqsFaults::noQueue);
    }

    Optional<Queue> find(Key key) {
        return queues.find(key);
    }

    static QueueRow row(ReadTx tx, Key key) {
        return tx.get(SqsTables.QUEUES, key).map(Row::value).orElseThrow(SqsFaults::noQueue);
    }

    /** A message's place in a FIFO queue, as clients see it: 20 digits that grow. */
    static String sequence(long origin) {
        return "188%017d".formatted(origin);
    }

    String receipt(QueueRow queue, long origin, int receives) {
        return tokens.seal(queue.log(), origin + ":" + receives);
    }

    /** Which message, and which of its receipts. */
    record Receipt(long origin, int receives) {}

    Receipt receipt(QueueRow queue, String handle) {
        String[] parts = tokens.open(queue.log(), handle)
                .orElseThrow(() -> SqsFaults.receipt(handle))
                .split(":", -1);
        return new Receipt(Long.parseLong(parts[0]), Integer.parseInt(parts[1]));
    }
}
