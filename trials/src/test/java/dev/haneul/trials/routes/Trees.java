package dev.haneul.trials.routes;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.EventStream;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Structs as the plain trees that the stock client's script writes too. */
final class Trees {
    private Trees() {}

    /** Members by their names; streams are read to their ends. */
    static Map<String, @Nullable Object> of(Struct struct) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        for (Member member : struct.shape().members()) {
            Object value = struct.get(member.index());
            if (value != null) {
                tree.put(member.name(), plain(value));
            }
        }
        return tree;
    }

    private static @Nullable Object plain(@Nullable Object value) {
        return switch (value) {
            case Struct struct -> of(struct);
            case List<?> list -> new ArrayList<>(list.stream().map(Trees::plain).toList());
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> tree = new LinkedHashMap<>();
                map.forEach((key, each) -> tree.put((String) key, plain(each)));
                yield tree;
            }
            case byte[] bytes -> bytes(bytes);
            case Instant instant -> Map.of("$time", instant.toEpochMilli() / 1000.0);
            case Body body -> bytes(read(body));
            case EventStream events -> read(events);
            case null, default -> value;
        };
    }

    private static List<@Nullable Object> read(EventStream events) {
        List<@Nullable Object> all = new ArrayList<>();
        try (events) {
            for (Struct event = events.next(); event != null; event = events.next()) {
                all.add(of(event));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stopping) {
            throw new AssertionError(stopping);
        }
        return all;
    }

    private static Map<String, Object> bytes(byte[] bytes) {
        return Map.of("$bytes", Base64.getEncoder().encodeToString(bytes));
    }

    private static byte[] read(Body body) {
        try (body) {
            return body.stream().readAllBytes();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Where two trees differ; an empty list or map is as good as none, for some protocols cannot tell them. */
    static List<String> differences(Map<String, @Nullable Object> expected, Map<String, @Nullable Object> actual) {
        List<String> found = new ArrayList<>();
        compare("", expected, actual, found);
        return found;
    }

    private static void compare(String path, @Nullable Object expected, @Nullable Object actual, List<String> found) {
        if (expected instanceof Map<?, ?> left && actual instanceof Map<?, ?> right) {
            for (Object key : left.keySet()) {
                compare(path + "." + key, left.get(key), right.get(key), found);
            }
            for (Object key : right.keySet()) {
                if (!left.containsKey(key)) {
                    compare(path + "." + key, null, right.get(key), found);
                }
            }
        } else if (expected instanceof List<?> left && actual instanceof List<?> right && left.size() == right.size()) {
            for (int index = 0; index < left.size(); index++) {
                compare(path + "[" + index + "]", left.get(index), right.get(index), found);
            }
        } else if (!same(expected, actual) && !(empty(expected) && empty(actual))) {
            found.add(path.substring(Math.min(1, path.length())) + ": " + expected + " became " + actual);
        }
    }

    private static boolean same(@Nullable Object expected, @Nullable Object actual) {
        if (expected instanceof Number left && actual instanceof Number right) {
            return left.doubleValue() == right.doubleValue();
        }
        return Objects.equals(expected, actual);
    }

    private static boolean empty(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case List<?> list -> list.stream().allMatch(Trees::empty);
            case Map<?, ?> map -> map.values().stream().allMatch(Trees::empty);
            default -> false;
        };
    }
}
