package dev.haneul.services.s3;

import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Members by name. Put, copy, create-upload, get and head are different structures with the same dozen headers; going by
 * name spares six copies of each list.
 */
final class Members {
    private Members() {}

    /** A string member, null where it is unset or the structure has none of this name. */
    static @Nullable String text(Struct struct, String name) {
        return get(struct, name) instanceof String text ? text : null;
    }

    static @Nullable Object get(Struct struct, String name) {
        Member member = struct.shape().member(name);
        return member == null ? null : struct.get(member.index());
    }

    /** Sets a member where the structure has one of this name. */
    static void set(Struct struct, String name, @Nullable Object value) {
        Member member = struct.shape().member(name);
        if (member != null) {
            struct.set(member.index(), value);
        }
    }

    /** The string members among these names that are set and not empty. */
    static Map<String, String> texts(Struct struct, List<String> names) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String name : names) {
            String value = text(struct, name);
            if (value != null && !value.isEmpty()) {
                found.put(name, value);
            }
        }
        return found;
    }
}
