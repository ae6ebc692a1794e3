package dev.haneul.services.sqs;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sqs.*;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.sqs.SqsContext.Queue;
import dev.haneul.services.sqs.SqsTables.GoneRow;
import dev.haneul.services.sqs.SqsTables.QueueRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Queues' lives, attributes and tags. */
final class Queues {
    private static final long MINUTE_MILLIS = 60_000;
    private static final int MOST_TAGS = 50;
    private static final int PAGE = 1000;
    private static final String FIFO_SUFFIX = ".fifo";

    private final SqsContext sqs;

    Queues(SqsContext sqs) {
        this.sqs = sqs;
    }

    CreateQueueResult create(CreateQueueRequest in, Call call) {
        String name = in.queueName();
        boolean fifo = "true".equals(in.attributes().get("FifoQueue"));
        if (!Attributes.NAME.matcher(name).matches() || fifo != name.endsWith(FIFO_SUFFIX)) {
            throw SqsFaults.invalid(
                    fifo
                            ? "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must"
                                    + " end with .fifo suffix and be 1 to 80 in length."
                            : "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
        }
        if (in.attributes().containsKey("FifoQueue") && !fifo) {
            throw SqsFaults.attributeName("FifoQueue");
        }
        Map<String, String> start = new LinkedHashMap<>();
        start.put("SqsManagedSseEnabled", "true");
        if (fifo) {
            start.put("ContentBasedDeduplication", "false");
            start.put("DeduplicationScope", "queue");
            start.put("FifoThroughputLimit", "perQueue");
        }
        Map<String, String> attributes = Attributes.merged(start, in.attributes(), fifo);
        Key key = new Key(call.account(), call.region(), name);
        long now = sqs.nowMillis();
        QueueRow made =
                new QueueRow(name, SqsTables.newLog(key.scope()), now, now, 0, attributes, tagged(Map.of(), in.tags()));
        sqs.queues().change(tx -> {
            QueueRow there = tx.get(SqsTables.QUEUES, key).map(Row::value).orElse(null);
            if (there != null) {
                requireSame(there, in.attributes());
                return there;
            }
            tx.get(SqsTables.GONE, key).map(Row::value).ifPresent(gone -> {
                if (gone.deletedMillis() + MINUTE_MILLIS > now) {
                    throw Fault.of(
                            new QueueDeletedRecently(),
                            "You must wait 60 seconds after deleting a queue before you can create another with the same"
                                    + " name.");
                }
                tx.delete(SqsTables.GONE, key);
            });
            checkRedrive(tx, key, made);
            tx.put(SqsTables.QUEUES, key, made);
            return made;
        });
        return new CreateQueueResult().queueUrl(SqsTables.url(key, call));
    }

    private static void requireSame(QueueRow there, Map<String, String> wanted) {
        wanted.forEach((name, value) -> {
            String has = there.attributes().getOrDefault(name, Attributes.DEFAULTS.getOrDefault(name, ""));
            if (!has.equals(value)) {
                throw Fault.of(
                        new QueueNameExists(),
                        "A queue already exists with the same name and a different value for attribute " + name);
            }
        });
    }

    private static void checkRedrive(ReadTx tx, Key key, QueueRow queue) {
        Redrive redrive = Redrive.of(queue).orElse(null);
        if (redrive == null) {
            return;
        }
        String policy = queue.attributes().getOrDefault("RedrivePolicy", "");
        Key target = SqsTables.ofArn(redrive.targetArn()).orElseThrow();
        QueueRow dead = target.equals(key)
                ? queue
                : tx.get(SqsTables.QUEUES, target).map(Row::value).orElse(null);
        if (!target.scope().equals(key.scope()) || dead == null) {
            throw Redrive.bad("RedrivePolicy", policy, "Dead letter target does not exist.");
        }
        if (dead.fifo() != queue.fifo()) {
            throw Redrive.bad("RedrivePolicy", policy, "Dead-letter queue must be same type of queue as the source.");
        }
        if (!Redrive.allows(dead, SqsTables.arn(key))) {
            throw Redrive.bad(
                    "RedrivePolicy", policy, "The dead-letter queue's redrive allow policy does not allow this queue.");
        }
    }

    void delete(String url, Call call) {
        Key key = SqsTables.ofUrl(url, call);
        QueueRow gone = sqs.queues().change(tx -> {
            QueueRow row = SqsContext.row(tx, key);
            tx.delete(SqsTables.QUEUES, key);
            tx.put(SqsTables.GONE, key, new GoneRow(sqs.nowMillis()));
            return row;
        });
        sqs.live().remove(gone.log());
    }

    GetQueueUrlResult url(GetQueueUrlRequest in, Call call) {
        String owner = in.queueOwnerAWSAccountId();
        Key key = new Key(owner == null ? call.account() : owner, call.region(), nonEmpty(in.queueName()));
        if (sqs.find(key).isEmpty()) {
            throw SqsFaults.noQueue();
        }
        return new GetQueueUrlResult().queueUrl(SqsTables.url(key, call));
    }

    private static String nonEmpty(String name) {
        if (name.isEmpty()) {
            throw SqsFaults.missing("QueueName");
        }
        return name;
    }

    ListQueuesResult list(ListQueuesRequest in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        String prefix = in.queueNamePrefix() == null ? "" : in.queueNamePrefix();
        String context = "ListQueues/" + scope + "/" + prefix;
        int most = most(in.maxResults(), in.nextToken());
        String from = in.nextToken() == null ? prefix : opened(context, in.nextToken());
        List<Row<QueueRow>> rows = sqs.store().read(tx -> tx.range(SqsTables.QUEUES, scope, from, null, most + 1));
        List<String> urls = new ArrayList<>();
        for (Row<QueueRow> row : rows) {
            if (!row.key().id().startsWith(prefix)) {
                return new ListQueuesResult().queueUrls(urls);
            }
            if (urls.size() == most) {
                String next = in.maxResults() == null
                        ? null
                        : sqs.tokens().seal(context, row.key().id());
                return new ListQueuesResult().queueUrls(urls).nextToken(next);
            }
            urls.add(SqsTables.url(row.key(), call));
        }
        return new ListQueuesResult().queueUrls(urls);
    }

    private static int most(@Nullable Integer asked, @Nullable String token) {
        if (asked == null && token != null) {
            throw SqsFaults.missing("MaxResults");
        }
        if (asked != null && (asked < 1 || asked > PAGE)) {
            throw SqsFaults.parameter("MaxResults", asked, "MaxResults must be an integer between 1 and 1000");
        }
        return asked == null ? PAGE : asked;
    }

    private String opened(String context, String token) {
        return sqs.tokens()
                .open(context, token)
                .orElseThrow(() -> SqsFaults.parameter("NextToken", token, "Invalid or expired next token."));
    }

    ListDeadLetterSourceQueuesResult sources(ListDeadLetterSourceQueuesRequest in, Call call) {
        Queue queue = sqs.queue(in.queueUrl(), call);
        String context = "sources/" + queue.arn();
        int most = most(in.maxResults(), in.nextToken());
        String after = in.nextToken() == null ? "" : opened(context, in.nextToken());
        List<Row<QueueRow>> rows = sqs.store()
                .read(tx -> tx.find(SqsTables.QUEUES, queue.key().scope(), "target", queue.arn(), after, most + 1));
        List<Row<QueueRow>> page = rows.subList(0, Math.min(most, rows.size()));
        String next = rows.size() <= most || in.maxResults() == null
                ? null
                : sqs.tokens().seal(context, page.getLast().key().id());
        return new ListDeadLetterSourceQueuesResult()
                .queueUrls(
                        page.stream().map(row -> SqsTables.url(row.key(), call)).toList())
                .nextToken(next);
    }

    GetQueueAttributesResult attributes(GetQueueAttributesRequest in, Call call) {
        Queue queue = sqs.queue(in.queueUrl(), call);
        for (String name : in.attributeNames()) {
            if (!Attributes.known(name)) {
                throw SqsFaults.attributeName(name);
            }
        }
        if (in.attributeNames().isEmpty()) {
            return new GetQueueAttributesResult();
        }
        Map<String, String> all = describe(queue);
        if (!in.attributeNames().contains("All")) {
            all.keySet().retainAll(in.attributeNames());
        }
        return new GetQueueAttributesResult().attributes(all);
    }

    private Map<String, String> describe(Queue queue) {
        LiveQueue.Counts counts = sqs.live().of(queue.row()).counts(queue.retentionMillis());
        Map<String, String> all = new LinkedHashMap<>(Attributes.DEFAULTS);
        all.putAll(queue.row().attributes());
        if (all.containsKey("KmsMasterKeyId")) {
            all.putIfAbsent("KmsDataKeyReusePeriodSeconds", "300");
        }
        all.putIfAbsent("SqsManagedSseEnabled", "true");
        all.put("QueueArn", queue.arn());
        all.put("ApproximateNumberOfMessages", "" + counts.visible());
        all.put("ApproximateNumberOfMessagesNotVisible", "" + counts.inFlight());
        all.put("ApproximateNumberOfMessagesDelayed", "" + counts.delayed());
        all.put("CreatedTimestamp", "" + queue.row().createdMillis() / 1000);
        all.put("LastModifiedTimestamp", "" + queue.row().modifiedMillis() / 1000);
        return all;
    }

    void set(SetQueueAttributesRequest in, Call call) {
        Key key = SqsTables.ofUrl(in.queueUrl(), call);
        if (in.attributes().containsKey("FifoQueue")) {
            throw SqsFaults.attributeName("FifoQueue");
        }
        sqs.queues().change(tx -> {
            QueueRow row = SqsContext.row(tx, key);
            Map<String, String> merged = Attributes.merged(row.attributes(), in.attributes(), row.fifo());
            QueueRow changed = row.withAttributes(merged, sqs.nowMillis());
            if (in.attributes().containsKey("RedrivePolicy")) {
                checkRedrive(tx, key, changed);
            }
            tx.put(SqsTables.QUEUES, key, changed);
            return changed;
        });
    }

    void purge(String url, Call call) {
        Key key = SqsTables.ofUrl(url, call);
        QueueRow purged = sqs.queues().change(tx -> {
            QueueRow row = SqsContext.row(tx, key);
            if (row.purgedMillis() + MINUTE_MILLIS > sqs.nowMillis()) {
                throw Fault.of(
                        new PurgeQueueInProgress(),
                        "Only one PurgeQueue operation on " + row.name() + " is allowed every 60 seconds.");
            }
            tx.put(SqsTables.QUEUES, key, row.purged(sqs.nowMillis()));
            return row;
        });
        sqs.live().of(purged).purge();
    }

    void tag(String url, Map<String, String> tags, Call call) {
        Key key = SqsTables.ofUrl(url, call);
        sqs.queues().change(tx -> {
            QueueRow row = SqsContext.row(tx, key);
            tx.put(SqsTables.QUEUES, key, row.withTags(tagged(row.tags(), tags)));
            return row;
        });
    }

    void untag(String url, List<String> names, Call call) {
        Key key = SqsTables.ofUrl(url, call);
        sqs.queues().change(tx -> {
            QueueRow row = SqsContext.row(tx, key);
            Map<String, String> tags = new LinkedHashMap<>(row.tags());
            names.forEach(tags::remove);
            tx.put(SqsTables.QUEUES, key, row.withTags(tags));
            return row;
        });
    }

    private static Map<String, String> tagged(Map<String, String> before, Map<String, String> more) {
        Map<String, String> tags = new LinkedHashMap<>(before);
        tags.putAll(more);
        if (tags.size() > MOST_TAGS) {
            throw SqsFaults.invalid(
                    "Too many tags added for queue. Maximum number of tags allowed is " + MOST_TAGS + ".");
        }
        tags.forEach((name, value) -> {
            if (name.isEmpty() || name.length() > 128 || value.length() > 256 || name.startsWith("aws:")) {
                throw SqsFaults.invalid(
                        "Tag keys must be between 1 and 128 characters in length, tag values at most 256, and"
                                + " keys must not begin with aws:.");
            }
        });
        return tags;
    }
}
