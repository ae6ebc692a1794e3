package dev.haneul.services.cloudtrail.record;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What events are looked up and selected by. It stands before an event's JSON on disk, in a line of its own, so that
 * looking for one event in a million reads no JSON.
 *
 * @param userName the last part of who called; empty for none
 * @param accessKeyId empty for none
 * @param userArn empty for none
 */
public record EventFacts(
        String eventId,
        String eventName,
        String eventSource,
        boolean readOnly,
        boolean management,
        String userName,
        String accessKeyId,
        String userArn,
        List<Named> resources) {
    private static final int FIXED = 8;

    public EventFacts {
        resources = List.copyOf(resources);
    }

    /** The line, and the event behind it. */
    public byte[] with(byte[] json) {
        List<String> fields = new ArrayList<>(List.of(
                eventId,
                eventName,
                eventSource,
                Boolean.toString(readOnly),
                Boolean.toString(management),
                userName,
                accessKeyId,
                userArn));
        for (Named each : resources) {
            fields.add(each.type());
            fields.add(each.name());
        }
        fields.replaceAll(field -> field.replaceAll("[\\t\\n]", " "));
        byte[] line = (String.join("\t", fields) + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] whole = new byte[line.length + json.length];
        System.arraycopy(line, 0, whole, 0, line.length);
        System.arraycopy(json, 0, whole, line.length, json.length);
        return whole;
    }

    /** Reads the line. */
    public static EventFacts of(byte[] stored) {
        String[] fields = new String(stored, 0, lineEnd(stored), StandardCharsets.UTF_8).split("\t", -1);
        List<Named> named = new ArrayList<>();
        for (int i = FIXED; i + 1 < fields.length; i += 2) {
            named.add(new Named(fields[i], fields[i + 1]));
        }
        return new EventFacts(
                fields[0],
                fields[1],
                fields[2],
                Boolean.parseBoolean(fields[3]),
                Boolean.parseBoolean(fields[4]),
                fields[5],
                fields[6],
                fields[7],
                named);
    }

    /** The event behind the line. */
    public static String json(byte[] stored) {
        int start = lineEnd(stored) + 1;
        return new String(stored, start, stored.length - start, StandardCharsets.UTF_8);
    }

    private static int lineEnd(byte[] stored) {
        for (int i = 0; i < stored.length; i++) {
            if (stored[i] == '\n') {
                return i;
            }
        }
        throw new IllegalArgumentException("a stored event has no line before it");
    }
}
