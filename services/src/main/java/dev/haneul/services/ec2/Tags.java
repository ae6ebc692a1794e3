package dev.haneul.services.ec2;

import dev.haneul.api.ec2.Tag;
import dev.haneul.api.ec2.TagSpecification;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tags of every resource of the room, in one table, and the kinds of resources that can carry them.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html">Tag your resources</a>
 */
public final class Tags {
    static final Table<TagRow> TABLE = Table.of("ec2.tag", RecordCodecs.of(TagRow.class));

    private static final int MOST = 50;
    private static final int KEY_CHARS = 127;
    private static final int VALUE_CHARS = 255;
    private static final int PAGE = 1000;

    private final Map<String, Kind<?>> byPrefix = new ConcurrentHashMap<>();
    private final Map<String, Kind<?>> byType = new ConcurrentHashMap<>();

    /** The tags of one resource. */
    record TagRow(String resource, String type, Map<String, String> tags) {}

    /** Makes kinds known, at start-up. */
    public void register(List<Kind<?>> kinds) {
        for (Kind<?> kind : kinds) {
            byPrefix.put(kind.prefix(), kind);
            byType.put(kind.type(), kind);
        }
    }

    /** The kind of an id, by its prefix. */
    public Optional<Kind<?>> kind(String id) {
        int dash = id.lastIndexOf('-');
        return dash < 0 ? Optional.empty() : Optional.ofNullable(byPrefix.get(id.substring(0, dash)));
    }

    /** The kind of a type, e.g. {@code network-acl}. */
    public Optional<Kind<?>> ofType(String type) {
        return Optional.ofNullable(byType.get(type));
    }

    /** A resource's tags, in order of key. */
    public static Map<String, String> of(ReadTx tx, Scope scope, String id) {
        return tx.get(TABLE, scope.key(id)).map(row -> row.value().tags()).orElse(Map.of());
    }

    /** A resource's tags as the API tells them. */
    public static List<Tag> told(ReadTx tx, Scope scope, String id) {
        return told(of(tx, scope, id));
    }

    /** Tags as the API tells them. */
    public static List<Tag> told(Map<String, String> tags) {
        return tags.entrySet().stream()
                .map(each -> new Tag().key(each.getKey()).value(each.getValue()))
                .toList();
    }

    /** Every tagged resource. */
    static List<TagRow> all(ReadTx tx, Scope scope) {
        List<TagRow> found = new ArrayList<>();
        String from = "";
        while (true) {
            List<Row<TagRow>> rows = tx.range(TABLE, scope, from, null, PAGE);
            rows.forEach(row -> found.add(row.value()));
            if (rows.size() < PAGE) {
                return found;
            }
            from = rows.getLast().key().id() + "\u0000";
        }
    }

    /**
     * The tags a creation gives what it makes.
     *
     * @param type what is made
     * @param also other types the operation makes, whose tags are for them
     * @throws Fault where a specification names another type, or a tag nobody may set
     */
    public static Map<String, String> specified(List<TagSpecification> given, String type, String... also) {
        Map<String, String> found = new LinkedHashMap<>();
        for (TagSpecification each : given) {
            String named = each.resourceType();
            if (named == null || named.isEmpty()) {
                throw Ec2Faults.missing("ResourceType");
            }
            if (!named.equals(type)) {
                if (!List.of(also).contains(named)) {
                    throw Ec2Faults.invalid(
                            "'" + named + "' is not a valid taggable resource type for this operation.");
                }
                continue;
            }
            check(each.tags()).forEach((key, value) -> {
                if (found.putIfAbsent(key, value) != null) {
                    throw Ec2Faults.invalid("Duplicate tag key '" + key + "' specified.");
                }
            });
        }
        if (found.size() > MOST) {
            throw limit();
        }
        return found;
    }

    /** Tags a client may set. */
    static Map<String, String> check(List<Tag> given) {
        Map<String, String> found = new LinkedHashMap<>();
        for (Tag tag : given) {
            String key = key(tag.key());
            String value = tag.value() == null ? "" : tag.value();
            if (value.length() > VALUE_CHARS + 1) {
                throw Ec2Faults.invalid("Tag value exceeds the maximum length of 256 characters");
            }
            if (found.putIfAbsent(key, value) != null) {
                throw Ec2Faults.invalid("Duplicate tag key '" + key + "' specified.");
            }
        }
        return found;
    }

    static String key(@Nullable String key) {
        if (key == null || key.isEmpty()) {
            throw Ec2Faults.invalid("Tag key cannot be null or empty");
        }
        if (key.length() > KEY_CHARS + 1) {
            throw Ec2Faults.invalid("Tag key exceeds the maximum length of 128 characters");
        }
        if (key.regionMatches(true, 0, "aws:", 0, 4)) {
            throw Ec2Faults.invalid("Tag keys starting with 'aws:' are reserved for internal use");
        }
        return key;
    }

    /** Adds tags to a resource, over those of the same keys. */
    public static void put(WriteTx tx, Scope scope, Kind<?> kind, String id, Map<String, String> more) {
        if (more.isEmpty()) {
            return;
        }
        Map<String, String> tags = new TreeMap<>(of(tx, scope, id));
        tags.putAll(more);
        if (tags.keySet().stream().filter(key -> !key.startsWith("aws:")).count() > MOST) {
            throw limit();
        }
        tx.put(TABLE, scope.key(id), new TagRow(id, kind.type(), tags));
    }

    /** Removes tags; those with a value only where it is theirs. */
    static void remove(WriteTx tx, Scope scope, String id, List<Tag> gone) {
        TagRow row = tx.get(TABLE, scope.key(id)).map(Row::value).orElse(null);
        if (row == null) {
            return;
        }
        Map<String, String> tags = new TreeMap<>(row.tags());
        for (Tag tag : gone) {
            String key = key(tag.key());
            if (tag.value() == null || tag.value().equals(tags.get(key))) {
                tags.remove(key);
            }
        }
        if (gone.isEmpty()) {
            tags.keySet().removeIf(key -> !key.startsWith("aws:"));
        }
        if (tags.isEmpty()) {
            forget(tx, scope, id);
        } else {
            tx.put(TABLE, scope.key(id), new TagRow(id, row.type(), tags));
        }
    }

    /** Forgets the tags of what is no more. */
    public static void forget(WriteTx tx, Scope scope, String id) {
        tx.delete(TABLE, scope.key(id));
    }

    private static Fault limit() {
        return Ec2Faults.of("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.");
    }
}
