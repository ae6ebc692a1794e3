package dev.haneul.codegen.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A member of a structure, the element of a list, or a key or value of a map.
 *
 * @param wire its name on the wire, null where it is its own
 * @param xml its name in XML and Query where that differs from {@code wire} (services of several protocols)
 * @param ec2 its name in the EC2 query protocol where the model gives one
 * @param location in the runtime's spelling, e.g. {@code HEADER}; {@code BODY} by default
 * @param flags in the runtime's spelling, e.g. {@code REQUIRED}
 */
public record MemberModel(
        String name,
        String target,
        @Nullable String wire,
        @Nullable String xml,
        @Nullable String ec2,
        String location,
        @Nullable String namespace,
        @Nullable String namespacePrefix,
        @Nullable String timestampFormat,
        List<String> flags) {
    public MemberModel {
        flags = List.copyOf(flags);
    }

    public boolean is(String flag) {
        return flags.contains(flag);
    }
}
