package dev.haneul.delivery;

import dev.haneul.api.ecs.RunTaskRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One thing to be handed over.
 *
 * @param arn the target: a queue, topic, function, event bus, log group, state machine, stream, cluster, API
 *     destination, or {@code arn:aws:scheduler:::aws-sdk:service:action}
 * @param payload what it gets, as text
 */
public record Parcel(String arn, String payload, Sender sender, Manner manner) {
    /** A parcel without anything special. */
    public static Parcel of(String arn, String payload, Sender sender) {
        return new Parcel(arn, payload, sender, Manner.PLAIN);
    }

    /** The same in another manner. */
    public Parcel in(Manner other) {
        return new Parcel(arn, payload, sender, other);
    }

    /**
     * How a target is to take it; what does not concern its kind is passed over.
     *
     * @param groupId queues and topics: the message group
     * @param deduplicationId queues and topics: the deduplication id
     * @param subject topics
     * @param attributes queues: string attributes
     * @param answer functions and state machines: waits for the answer instead of leaving the payload there
     * @param partitionKey streams
     * @param name state machines: the execution's name; API destinations: the id of what is delivered
     * @param event buses: what surrounds the payload, which is the detail
     * @param task clusters: the task, whose overrides the payload may give
     * @param request API destinations: how the request differs from the destination's own
     */
    public record Manner(
            @Nullable String groupId,
            @Nullable String deduplicationId,
            @Nullable String subject,
            Map<String, String> attributes,
            boolean answer,
            @Nullable String partitionKey,
            @Nullable String name,
            @Nullable Envelope event,
            @Nullable RunTaskRequest task,
            @Nullable Request request) {
        public static final Manner PLAIN = new Manner(null, null, null, Map.of(), false, null, null, null, null, null);

        public Manner {
            attributes = Map.copyOf(attributes);
        }

        /** For a message group of a queue or topic. */
        public Manner grouped(@Nullable String group, @Nullable String deduplication) {
            return new Manner(
                    group, deduplication, subject, attributes, answer, partitionKey, name, event, task, request);
        }

        /** With a topic's subject. */
        public Manner about(@Nullable String text) {
            return new Manner(
                    groupId, deduplicationId, text, attributes, answer, partitionKey, name, event, task, request);
        }

        /** With a message's attributes. */
        public Manner with(Map<String, String> more) {
            return new Manner(
                    groupId, deduplicationId, subject, more, answer, partitionKey, name, event, task, request);
        }

        /** Waiting for the answer. */
        public Manner answering() {
            return new Manner(
                    groupId, deduplicationId, subject, attributes, true, partitionKey, name, event, task, request);
        }

        /** With a stream's partition key. */
        public Manner keyed(@Nullable String key) {
            return new Manner(groupId, deduplicationId, subject, attributes, answer, key, name, event, task, request);
        }

        /** With a name for what comes of it. */
        public Manner named(@Nullable String text) {
            return new Manner(
                    groupId, deduplicationId, subject, attributes, answer, partitionKey, text, event, task, request);
        }

        /** As an event. */
        public Manner enveloped(@Nullable Envelope envelope) {
            return new Manner(
                    groupId, deduplicationId, subject, attributes, answer, partitionKey, name, envelope, task, request);
        }

        /** As a task. */
        public Manner running(@Nullable RunTaskRequest run) {
            return new Manner(
                    groupId, deduplicationId, subject, attributes, answer, partitionKey, name, event, run, request);
        }

        /** As an HTTP request of this form. */
        public Manner requesting(@Nullable Request form) {
            return new Manner(
                    groupId, deduplicationId, subject, attributes, answer, partitionKey, name, event, task, form);
        }
    }

    /**
     * What surrounds an event's detail.
     *
     * @param forwarded whence it comes, where a bus passes it on to another
     */
    public record Envelope(
            String source,
            String detailType,
            List<String> resources,
            @Nullable Instant time,
            @Nullable Forwarded forwarded) {
        public Envelope {
            resources = List.copyOf(resources);
        }
    }

    /** What is added to an HTTP request: values for the path's wildcards in order, headers, query parameters. */
    public record Request(List<String> path, Map<String, String> headers, Map<String, String> query) {
        public Request {
            path = List.copyOf(path);
            headers = Map.copyOf(headers);
            query = Map.copyOf(query);
        }
    }
}
