package dev.haneul.services.iam.actions;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the operations of one service need. */
public final class ActionTable {
    private final Map<String, List<Need>> operations = new HashMap<>();
    private final Map<String, String> resources = new HashMap<>();

    private ActionTable() {}

    /** The table of a service, empty where there is no file for it. */
    public static ActionTable load(String serviceId) {
        String name = "/dev/haneul/services/iam/actions/" + serviceId + ".txt";
        try (InputStream in = ActionTable.class.getResourceAsStream(name)) {
            if (in == null) {
                return new ActionTable();
            }
            BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            return parse(reader.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the notation that the package tells. */
    static ActionTable parse(List<String> lines) {
        ActionTable table = new ActionTable();
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith("resource ")) {
                String[] sides = line.substring("resource ".length()).split(" = ", 2);
                table.resources.put(sides[0], sides[1].strip());
                continue;
            }
            String[] sides = line.split(": ", 2);
            table.operations.put(sides[0], table.parseNeeds(sides[1]));
        }
        return table;
    }

    /** What an operation needs: null where the table does not know it, empty where it needs nothing. */
    public @Nullable List<Need> needs(String operation) {
        return operations.get(operation);
    }

    /** Every action an operation may need, e.g. {@code s3:GetObject}. */
    public Set<String> actions() {
        return operations.values().stream()
                .flatMap(List::stream)
                .map(Need::action)
                .collect(Collectors.toUnmodifiableSet());
    }

    Set<String> known() {
        return Set.copyOf(operations.keySet());
    }

    private List<Need> parseNeeds(String text) {
        if (text.equals("public") || text.equals("inside")) {
            return List.of();
        }
        List<Need> needs = new ArrayList<>();
        for (String need : text.split(" ; ")) {
            needs.add(need(List.of(need.strip().split(" +"))));
        }
        return List.copyOf(needs);
    }

    private Need need(List<String> words) {
        if (words.size() < 3 || !words.get(1).equals("on")) {
            throw new IllegalArgumentException("not a need: " + words);
        }
        String resource = words.get(2);
        ResourceTemplate template = ResourceTemplate.parse(resources.getOrDefault(resource, resource));
        MemberPath when = null;
        boolean unless = false;
        List<Need.Key> keys = new ArrayList<>();
        for (int i = 3; i < words.size(); i++) {
            switch (words.get(i)) {
                case "trusted", "closed", "guarded" -> {}
                case "if", "unless" -> {
                    unless = words.get(i).equals("unless");
                    when = MemberPath.parse(words.get(++i));
                }
                case "with" -> {
                    for (i++; i < words.size(); i++) {
                        keys.add(key(words.get(i)));
                    }
                }
                default -> throw new IllegalArgumentException("unknown word " + words.get(i) + " in " + words);
            }
        }
        return new Need(
                words.getFirst(),
                template,
                words.contains("trusted"),
                words.contains("closed"),
                words.contains("guarded"),
                when,
                unless,
                keys);
    }

    private Need.Key key(String word) {
        int equals = word.indexOf('=');
        String name = word.substring(0, equals);
        String value = word.substring(equals + 1);
        if (value.startsWith("'")) {
            return new Need.Key(name, null, value.substring(1, value.length() - 1), null);
        }
        if (value.startsWith("@")) {
            String resource = resources.get(value.substring(1));
            if (resource == null) {
                throw new IllegalArgumentException("no resource " + value);
            }
            return new Need.Key(name, null, "", ResourceTemplate.parse(resource));
        }
        int bar = value.indexOf('|');
        return new Need.Key(
                name,
                MemberPath.parse(bar < 0 ? value : value.substring(0, bar)),
                bar < 0 ? "" : value.substring(bar + 1),
                null);
    }
}
