package dev.haneul.services.sqs;

import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The durable state of queues and move tasks; messages are in the segments. */
final class SqsTables {
    static final Table<QueueRow> QUEUES = Table.of(
            "sqs.queue", RecordCodecs.of(QueueRow.class), new Table.Index<>("target", QueueRow::deadLetterTargets));
    static final Table<GoneRow> GONE = Table.of("sqs.gone", RecordCodecs.of(GoneRow.class));
    static final Table<MoveRow> MOVES = Table.of(
            "sqs.move", RecordCodecs.of(MoveRow.class), new Table.Index<>("source", row -> List.of(row.sourceArn())));
    static final List<Table<?>> ALL = List.of(QUEUES, GONE, MOVES);

    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");

    private SqsTables() {}

    /**
     * A queue.
     *
     * @param log its segment log
     * @param attributes what was set, by the API's names
     * @param purgedMillis when it was last purged; 0 for never
     */
    record QueueRow(
            String name,
            String log,
            long createdMillis,
            long modifiedMillis,
            long purgedMillis,
            Map<String, String> attributes,
            Map<String, String> tags) {
        QueueRow withAttributes(Map<String, String> changed, long nowMillis) {
            return new QueueRow(name, log, createdMillis, nowMillis, purgedMillis, changed, tags);
        }

        QueueRow withTags(Map<String, String> changed) {
            return new QueueRow(name, log, createdMillis, modifiedMillis, purgedMillis, attributes, changed);
        }

        QueueRow purged(long nowMillis) {
            return new QueueRow(name, log, createdMillis, modifiedMillis, nowMillis, attributes, tags);
        }

        boolean fifo() {
            return "true".equals(attributes.get("FifoQueue"));
        }

        int seconds(String attribute) {
            return Integer.parseInt(
                    attributes.getOrDefault(attribute, Attributes.DEFAULTS.getOrDefault(attribute, "0")));
        }

        List<String> deadLetterTargets() {
            return Redrive.of(this).map(found -> List.of(found.targetArn())).orElse(List.of());
        }
    }

    /** A name whose queue was deleted a moment ago. */
    record GoneRow(long deletedMillis) {}

    /**
     * A message move task.
     *
     * @param destinationArn null for the queues the messages came from
     * @param perSecond null for as fast as it goes
     * @param status as ListMessageMoveTasks tells it
     */
    record MoveRow(
            String sourceArn,
            @Nullable String destinationArn,
            @Nullable Integer perSecond,
            String status,
            long startedMillis,
            long moved,
            long toMove,
            @Nullable String failure) {
        MoveRow with(String newStatus, long newMoved, @Nullable String why) {
            return new MoveRow(sourceArn, destinationArn, perSecond, newStatus, startedMillis, newMoved, toMove, why);
        }
    }

    /** The name of a new queue's segment log. */
    static String newLog(Scope scope) {
        return logsOf(scope.account()) + scope.region() + "/" + UUID.randomUUID();
    }

    /** What the names of an account's segment logs begin with; of all accounts' for null. */
    static String logsOf(@Nullable String account) {
        return account == null ? "sqs/" : "sqs/" + account + "/";
    }

    static String arn(Key queue) {
        return Arn.of("sqs", queue.region(), queue.account(), queue.id()).toString();
    }

    /** The key in a queue's ARN; empty where it is none. */
    static Optional<Key> ofArn(String arn) {
        return Arn.parse(arn)
                .filter(found -> found.service().equals("sqs")
                        && !found.resource().contains(":")
                        && !found.account().isEmpty())
                .map(found -> new Key(found.account(), found.region(), found.resource()));
    }

    /** The queue a URL names by its last two steps; the host is whatever the client calls the region. */
    static Key ofUrl(String url, Call call) {
        int last = url.lastIndexOf('/');
        String name = url.substring(last + 1);
        if (name.isEmpty() || !Attributes.NAME.matcher(name).matches()) {
            throw SqsFaults.noQueue();
        }
        String before = last < 0 ? "" : url.substring(url.lastIndexOf('/', last - 1) + 1, last);
        return new Key(ACCOUNT.matcher(before).matches() ? before : call.account(), call.region(), name);
    }

    static String url(Key queue, Call call) {
        String endpoint = call.origin().endpoint();
        String base = endpoint.isEmpty() ? "https://sqs." + queue.region() + ".amazonaws.com" : endpoint;
        return base + "/" + queue.account() + "/" + queue.id();
    }
}
