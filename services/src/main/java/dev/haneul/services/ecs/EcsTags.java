package dev.haneul.services.ecs;

import dev.haneul.api.ecs.Tag;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.EcsTables.TagRow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tags of the room's resources, by the resource part of their ARN.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html">Tagging</a>
 */
public final class EcsTags {
    private static final int MOST = 50;
    private static final int KEY_CHARS = 128;
    private static final int VALUE_CHARS = 256;

    private EcsTags() {}

    /** A resource's tags, in order of key. */
    public static Map<String, String> of(ReadTx tx, Scope scope, String resource) {
        return tx.get(EcsTables.TAGS, scope.key(resource))
                .map(row -> row.value().tags())
                .orElse(Map.of());
    }

    /** Adds tags, over those of the same keys. */
    public static void put(WriteTx tx, Scope scope, String resource, Map<String, String> more) {
        if (more.isEmpty()) {
            return;
        }
        Map<String, String> tags = new TreeMap<>(of(tx, scope, resource));
        tags.putAll(more);
        if (tags.keySet().stream().filter(key -> !key.startsWith("aws:")).count() > MOST) {
            throw EcsFaults.invalid("Tags can not be more than " + MOST + " in length.");
        }
        tx.put(EcsTables.TAGS, scope.key(resource), new TagRow(tags));
    }

    /** Removes tags by their keys. */
    public static void remove(WriteTx tx, Scope scope, String resource, List<String> keys) {
        Map<String, String> tags = new TreeMap<>(of(tx, scope, resource));
        tags.keySet().removeAll(keys);
        if (tags.isEmpty()) {
            forget(tx, scope, resource);
        } else {
            tx.put(EcsTables.TAGS, scope.key(resource), new TagRow(tags));
        }
    }

    /** Forgets the tags of what is no more. */
    public static void forget(WriteTx tx, Scope scope, String resource) {
        tx.delete(EcsTables.TAGS, scope.key(resource));
    }

    /**
     * The tags a request gives.
     *
     * @throws dev.haneul.api.runtime.Fault InvalidParameterException where one is none
     */
    public static Map<String, String> check(List<Tag> given) {
        Map<String, String> found = new LinkedHashMap<>();
        for (Tag tag : given) {
            String key = tag.key();
            String value = tag.value() == null ? "" : tag.value();
            if (key == null || key.isEmpty() || key.length() > KEY_CHARS) {
                throw EcsFaults.invalid("Tag keys must be between 1 and " + KEY_CHARS + " characters in length.");
            }
            if (value.length() > VALUE_CHARS) {
                throw EcsFaults.invalid("Tag values cannot be longer than " + VALUE_CHARS + " characters.");
            }
            if (key.toLowerCase(Locale.ROOT).startsWith("aws:")) {
                throw EcsFaults.invalid("Tag keys cannot start with \"aws:\".");
            }
            if (found.putIfAbsent(key, value) != null) {
                throw EcsFaults.invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
            }
        }
        if (found.size() > MOST) {
            throw EcsFaults.invalid("Tags can not be more than " + MOST + " in length.");
        }
        return found;
    }
}
