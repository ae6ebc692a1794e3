package dev.haneul.services.lambda;

import dev.haneul.api.lambda.ErrorObject;
import dev.haneul.api.lambda.ExecutionDetails;
import dev.haneul.api.lambda.Operation;
import dev.haneul.api.runtime.Struct;
import dev.haneul.services.lambda.DurableTables.Execution;
import dev.haneul.services.lambda.DurableTables.Start;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a durable function is invoked with, and what it answers. Pure. */
final class DurableEnvelope {
    private static final int LARGEST_PAGE_BYTES = 5 * 1024 * 1024;

    private DurableEnvelope() {}

    /** The operation that stands for the execution itself: the first of every state. */
    static Operation itself(Execution execution, String input) {
        Start start = execution.start();
        return new Operation()
                .id(start.id())
                .name(start.name())
                .type(DurableRules.EXECUTION)
                .status("STARTED")
                .startTimestamp(start.at())
                .executionDetails(new ExecutionDetails().inputPayload(input));
    }

    /** A page of operations. @param next where the next one begins; null where this is the last */
    record Page(List<Operation> operations, @Nullable String next) {
        /** @param fit whether one that is larger than a page is left for the next question, which takes it */
        static Page of(List<Operation> all, int from, int most, boolean fit) {
            List<Operation> page = new ArrayList<>();
            long bytes = 0;
            for (int i = from; i < all.size(); i++) {
                bytes += size(all.get(i));
                boolean full = bytes > LARGEST_PAGE_BYTES && (fit || !page.isEmpty());
                if (page.size() == most || full) {
                    return new Page(page, Integer.toString(i));
                }
                page.add(all.get(i));
            }
            return new Page(page, null);
        }
    }

    private static long size(Struct struct) {
        long sum = 64;
        for (int i = 0; i < struct.shape().members().size(); i++) {
            Object value = struct.get(i);
            sum += value instanceof String text ? text.length() : value instanceof Struct inner ? size(inner) : 0;
        }
        return sum;
    }

    /** What the function is invoked with. */
    static byte[] write(String arn, String token, Page page) {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put(
                "Operations",
                page.operations.stream().map(DurableEnvelope::tree).toList());
        state.put("NextMarker", page.next == null ? "" : page.next);
        Map<String, Object> envelope = new LinkedHashMap<>();
        envelope.put("DurableExecutionArn", arn);
        envelope.put("CheckpointToken", token);
        envelope.put("InitialExecutionState", state);
        return Json.write(envelope).getBytes(StandardCharsets.UTF_8);
    }

    /** Moments are milliseconds here, as AWS's own SDKs read them. */
    private static Map<String, Object> tree(Struct struct) {
        Map<String, Object> tree = new LinkedHashMap<>();
        for (var member : struct.shape().members()) {
            Object value = struct.get(member.index());
            if (value instanceof Struct inner) {
                tree.put(member.name(), tree(inner));
            } else if (value instanceof Instant at) {
                tree.put(member.name(), at.toEpochMilli());
            } else if (value != null) {
                tree.put(member.name(), value);
            }
        }
        return tree;
    }

    /** A token for this place of an execution. */
    static String token(Start start, long sequence) {
        String plain = start.id() + " " + sequence + " " + start.secret();
        return Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8));
    }

    /** The place a token stands for; -1 where it is not one of this execution's. */
    static long sequence(Start start, String token) {
        String plain;
        try {
            plain = new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return -1;
        }
        String[] parts = plain.split(" ", -1);
        if (parts.length != 3
                || !parts[0].equals(start.id())
                || !parts[2].equals(start.secret())
                || !parts[1].matches("[0-9]{1,18}")) {
            return -1;
        }
        return Long.parseLong(parts[1]);
    }

    /** What a function answered. @param status empty where it is no answer of a durable function */
    record Answer(
            String status,
            @Nullable String result,
            @Nullable ErrorObject error) {}

    static Answer read(byte[] payload) {
        Optional<Map<String, @Nullable Object>> answer =
                dev.haneul.delivery.Json.object(new String(payload, StandardCharsets.UTF_8));
        if (answer.isEmpty()) {
            return new Answer("", null, null);
        }
        String status = answer.get().get("Status") instanceof String text ? text : "";
        String result = answer.get().get("Result") instanceof String text ? text : null;
        return new Answer(
                status,
                result,
                answer.get().get("Error") instanceof Map<?, ?> map
                        ? error(map, "ErrorMessage", "ErrorType", "StackTrace")
                        : null);
    }

    /** The error of an invocation that failed. */
    static ErrorObject failure(byte[] payload) {
        String text = new String(payload, StandardCharsets.UTF_8);
        return dev.haneul.delivery.Json.object(text)
                .map(map -> error(map, "errorMessage", "errorType", "stackTrace"))
                .orElseGet(() -> new ErrorObject().errorMessage(text));
    }

    private static ErrorObject error(Map<?, ?> map, String message, String type, String trace) {
        ErrorObject error = new ErrorObject();
        if (map.get(message) instanceof String text) {
            error.errorMessage(text);
        }
        if (map.get(type) instanceof String text) {
            error.errorType(text);
        }
        if (map.get("ErrorData") instanceof String text) {
            error.errorData(text);
        }
        if (map.get(trace) instanceof List<?> lines) {
            error.stackTrace(lines.stream().map(String::valueOf).toList());
        }
        return error;
    }

    /** An execution's error, as a synchronous caller gets it. */
    static byte[] write(@Nullable ErrorObject error) {
        Map<String, Object> tree = new LinkedHashMap<>();
        if (error != null && error.errorMessage() != null) {
            tree.put("errorMessage", error.errorMessage());
        }
        if (error != null && error.errorType() != null) {
            tree.put("errorType", error.errorType());
        }
        if (error != null && !error.stackTrace().isEmpty()) {
            tree.put("stackTrace", error.stackTrace());
        }
        return Json.write(tree).getBytes(StandardCharsets.UTF_8);
    }
}
