package dev.haneul.services.pipes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.haneul.api.pipes.Filter;
import dev.haneul.api.pipes.PipeEnrichmentParameters;
import dev.haneul.api.pipes.PipeTargetInvocationType;
import dev.haneul.api.pipes.PipeTargetParameters;
import dev.haneul.delivery.EcsTasks;
import dev.haneul.delivery.EventPatterns;
import dev.haneul.delivery.InputTemplate;
import dev.haneul.delivery.InputTemplate.Value;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.JsonPath;
import dev.haneul.delivery.Outcome;
import dev.haneul.delivery.Parcel;
import dev.haneul.delivery.QueueReader.Item;
import dev.haneul.delivery.Sender;
import dev.haneul.delivery.Targets;
import dev.haneul.services.pipes.PipesTables.PipeRow;
import dev.haneul.services.pipes.PipesTables.Plan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The way of one batch through a pipe: filter, enrichment, target. */
final class Passage {
    private final Targets targets;
    private final EventPatterns patterns;
    private final PipeRow pipe;
    private final String arn;
    private final Sender sender;
    private final Instant now;

    Passage(Targets targets, EventPatterns patterns, PipeRow pipe, String arn, Sender sender, Instant now) {
        this.targets = targets;
        this.patterns = patterns;
        this.pipe = pipe;
        this.arn = arn;
        this.sender = sender;
        this.now = now;
    }

    /**
     * What came of a batch.
     *
     * @param settled the items that may be removed from the source: filtered out, or taken
     * @param trouble what went wrong, null for nothing
     */
    record Result(List<Item> settled, @Nullable String trouble) {}

    Result pass(List<Item> items) {
        List<Item> settled = new ArrayList<>();
        List<Item> wanted = new ArrayList<>();
        items.forEach(item -> (wants(item) ? wanted : settled).add(item));
        if (wanted.isEmpty()) {
            return new Result(settled, null);
        }
        List<@Nullable Object> events = new ArrayList<>();
        wanted.forEach(item -> events.add(item.tree()));
        if (pipe.plan().enrichment() == null) {
            return deliver(events, wanted, settled);
        }
        return switch (enrich(events)) {
            case Outcome.Done done -> {
                List<@Nullable Object> enriched = enriched(done.answer());
                if (enriched.isEmpty()) {
                    settled.addAll(wanted);
                    yield new Result(settled, null);
                }
                yield deliverEnriched(enriched, wanted, settled);
            }
            case Outcome.Again again -> new Result(settled, again.code() + ": " + again.message());
            case Outcome.Never never -> new Result(settled, never.code() + ": " + never.message());
        };
    }

    private boolean wants(Item item) {
        PipeFilters filters = PipeFilters.of(pipe.plan());
        if (filters.patterns().isEmpty()) {
            return true;
        }
        JsonNode event = EventPatterns.read(Json.write(opened(item.tree())));
        return event != null && filters.patterns().stream().anyMatch(pattern -> patterns.matches(pattern, event));
    }

    /** The filters of a pipe; any may match. */
    private record PipeFilters(List<String> patterns) {
        static PipeFilters of(Plan plan) {
            var criteria = plan.sourceParameters().filterCriteria();
            List<String> found = new ArrayList<>();
            if (criteria != null) {
                for (Filter filter : criteria.filters()) {
                    if (filter.pattern() != null) {
                        found.add(filter.pattern());
                    }
                }
            }
            return new PipeFilters(found);
        }
    }

    /** An event whose body, where it is JSON, is taken for what it says. */
    private static Map<String, @Nullable Object> opened(Map<String, @Nullable Object> event) {
        if (event.get("body") instanceof String body) {
            Json.Document document = Json.read(body).orElse(null);
            if (document != null && !(document.root() instanceof String)) {
                Map<String, @Nullable Object> opened = new LinkedHashMap<>(event);
                opened.put("body", document.root());
                return opened;
            }
        }
        return event;
    }

    private Outcome enrich(List<@Nullable Object> events) {
        Plan plan = pipe.plan();
        PipeEnrichmentParameters parameters = plan.enrichmentParameters();
        String template = parameters == null ? null : parameters.inputTemplate();
        List<String> inputs = new ArrayList<>();
        events.forEach(event -> inputs.add(filled(template, event)));
        Parcel.Manner manner = Parcel.Manner.PLAIN.answering();
        if (parameters != null && parameters.httpParameters() != null) {
            Object first = events.getFirst();
            var http = parameters.httpParameters();
            manner = manner.requesting(
                    request(http.pathParameterValues(), http.headerParameters(), http.queryStringParameters(), first));
        }
        String payload = "[" + String.join(",", inputs) + "]";
        return targets.send(new Parcel(String.valueOf(plan.enrichment()), payload, sender, manner));
    }

    private static List<@Nullable Object> enriched(String answer) {
        List<@Nullable Object> events = new ArrayList<>();
        Json.Document document = Json.read(answer).orElse(new Json.Document(answer));
        if (document.root() instanceof List<?> list) {
            events.addAll(list);
        } else if (document.root() != null && !"".equals(document.root())) {
            events.add(document.root());
        }
        return events;
    }

    /** What an enrichment made cannot be told apart by item: all of it is taken, or the batch comes again. */
    private Result deliverEnriched(List<@Nullable Object> events, List<Item> wanted, List<Item> settled) {
        Result result = deliver(events, List.of(), settled);
        if (result.trouble() == null) {
            settled.addAll(wanted);
        }
        return result;
    }

    private Result deliver(List<@Nullable Object> events, List<Item> items, List<Item> settled) {
        Plan plan = pipe.plan();
        boolean batch = plan.target().contains(":lambda:") || plan.target().contains(":states:");
        return batch ? deliverBatch(events, items, settled) : deliverEach(events, items, settled);
    }

    private Result deliverBatch(List<@Nullable Object> events, List<Item> items, List<Item> settled) {
        PipeTargetParameters parameters = pipe.plan().targetParameters();
        List<String> inputs = new ArrayList<>();
        events.forEach(event -> inputs.add(filled(parameters.inputTemplate(), event)));
        boolean left = parameters.lambdaFunctionParameters() != null
                        && PipeTargetInvocationType.FIRE_AND_FORGET.equals(
                                parameters.lambdaFunctionParameters().invocationType())
                || parameters.stepFunctionStateMachineParameters() != null
                        && PipeTargetInvocationType.FIRE_AND_FORGET.equals(
                                parameters.stepFunctionStateMachineParameters().invocationType());
        Parcel.Manner manner = left ? Parcel.Manner.PLAIN : Parcel.Manner.PLAIN.answering();
        String payload = "[" + String.join(",", inputs) + "]";
        return switch (targets.send(new Parcel(pipe.plan().target(), payload, sender, manner))) {
            case Outcome.Done done -> {
                Set<String> failed = failed(done.answer());
                for (Item item : items) {
                    if (!failed.contains(item.id())) {
                        settled.add(item);
                    }
                }
                yield new Result(settled, failed.isEmpty() ? null : failed.size() + " items failed");
            }
            case Outcome.Again again -> new Result(settled, again.code() + ": " + again.message());
            case Outcome.Never never -> new Result(settled, never.code() + ": " + never.message());
        };
    }

    /** The items a function names as failed. */
    private static Set<String> failed(String answer) {
        Set<String> failed = new HashSet<>();
        Object list =
                Json.object(answer).map(map -> map.get("batchItemFailures")).orElse(null);
        if (list instanceof List<?> failures) {
            for (Object failure : failures) {
                if (failure instanceof Map<?, ?> map) {
                    failed.add(String.valueOf(map.get("itemIdentifier")));
                }
            }
        }
        return failed;
    }

    private Result deliverEach(List<@Nullable Object> events, List<Item> items, List<Item> settled) {
        String trouble = null;
        for (int i = 0; i < events.size(); i++) {
            Object event = events.get(i);
            String payload = filled(pipe.plan().targetParameters().inputTemplate(), event);
            Outcome outcome = targets.send(new Parcel(pipe.plan().target(), payload, sender, manner(event)));
            switch (outcome) {
                case Outcome.Done done -> {
                    if (i < items.size()) {
                        settled.add(items.get(i));
                    }
                }
                case Outcome.Again again -> trouble = again.code() + ": " + again.message();
                case Outcome.Never never -> trouble = never.code() + ": " + never.message();
            }
        }
        return new Result(settled, trouble);
    }

    private Parcel.Manner manner(@Nullable Object event) {
        PipeTargetParameters parameters = pipe.plan().targetParameters();
        Parcel.Manner manner = Parcel.Manner.PLAIN;
        if (parameters.sqsQueueParameters() != null) {
            manner = manner.grouped(
                    resolved(parameters.sqsQueueParameters().messageGroupId(), event),
                    resolved(parameters.sqsQueueParameters().messageDeduplicationId(), event));
        }
        var bus = parameters.eventBridgeEventBusParameters();
        if (pipe.plan().target().contains(":event-bus/")) {
            String source = bus == null ? null : resolved(bus.source(), event);
            String type = bus == null ? null : resolved(bus.detailType(), event);
            manner = manner.enveloped(new Parcel.Envelope(
                    source == null ? "Pipe " + pipe.name() : source,
                    type == null ? "Event from aws:sqs" : type,
                    bus == null ? List.of() : bus.resources(),
                    null,
                    null));
        }
        if (parameters.kinesisStreamParameters() != null) {
            manner = manner.keyed(resolved(parameters.kinesisStreamParameters().partitionKey(), event));
        }
        if (parameters.ecsTaskParameters() != null) {
            manner = manner.running(EcsTasks.of(parameters.ecsTaskParameters()));
        }
        var http = parameters.httpParameters();
        return http == null
                ? manner
                : manner.requesting(request(
                        http.pathParameterValues(), http.headerParameters(), http.queryStringParameters(), event));
    }

    private static Parcel.Request request(
            List<String> path, Map<String, String> headers, Map<String, String> query, @Nullable Object event) {
        Map<String, String> ownHeaders = new LinkedHashMap<>();
        headers.forEach((name, value) -> ownHeaders.put(name, String.valueOf(resolved(value, event))));
        Map<String, String> ownQuery = new LinkedHashMap<>();
        query.forEach((name, value) -> ownQuery.put(name, String.valueOf(resolved(value, event))));
        return new Parcel.Request(
                path.stream()
                        .map(value -> String.valueOf(resolved(value, event)))
                        .toList(),
                ownHeaders,
                ownQuery);
    }

    /** A parameter, or what its path finds in the event. */
    private static @Nullable String resolved(@Nullable String parameter, @Nullable Object event) {
        if (parameter == null || !parameter.startsWith("$")) {
            return parameter;
        }
        Value value = find(parameter, event);
        return value.tree() instanceof String text ? text : value.there() ? Json.write(value.tree()) : "";
    }

    @SuppressWarnings("unchecked")
    private static Value find(String path, @Nullable Object event) {
        Object root = event instanceof Map<?, ?> map ? opened((Map<String, @Nullable Object>) map) : event;
        return JsonPath.parse(path)
                .map(parsed -> parsed.in(root))
                .map(found -> new Value(found.there(), found.value()))
                .orElse(Value.NONE);
    }

    private String filled(@Nullable String template, @Nullable Object event) {
        if (template == null || template.isEmpty()) {
            return Json.write(event);
        }
        return InputTemplate.fill(template, name -> switch (name) {
            case "aws.pipes.pipe-arn" -> Value.of(arn);
            case "aws.pipes.pipe-name" -> Value.of(pipe.name());
            case "aws.pipes.source-arn" -> Value.of(pipe.plan().source());
            case "aws.pipes.enrichment-arn" -> Value.of(pipe.plan().enrichment());
            case "aws.pipes.target-arn" -> Value.of(pipe.plan().target());
            case "aws.pipes.event.ingestion-time" -> Value.of(now.toString());
            case "aws.pipes.event", "aws.pipes.event.json" -> Value.of(event);
            default -> find(name, event);
        });
    }
}
