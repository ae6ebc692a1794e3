package dev.haneul.codegen.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One shape.
 *
 * @param kind in the model files' spelling: {@code string}, {@code bigDecimal}, {@code eventStream}, …
 * @param members of a structure or union; the element of a list; key and value of a map
 * @param timestampFormat in the runtime's spelling, null for none
 */
public record ShapeModel(
        String name,
        String kind,
        List<MemberModel> members,
        Limits limits,
        boolean sparse,
        @Nullable String timestampFormat,
        @Nullable Xml xml,
        @Nullable ErrorModel error) {
    public ShapeModel {
        members = List.copyOf(members);
    }

    /** Whether it becomes a class. An event stream does, for it is the union of its events. */
    public boolean isStructure() {
        return kind.equals("structure") || kind.equals("union") || kind.equals("eventStream");
    }

    public boolean isEnum() {
        return kind.equals("string") && !limits.values.isEmpty();
    }

    /** What values may be. */
    public record Limits(
            @Nullable Number min,
            @Nullable Number max,
            @Nullable String pattern,
            List<String> values,
            boolean sensitive) {
        public Limits {
            values = List.copyOf(values);
        }

        public boolean none() {
            return min == null && max == null && pattern == null && values.isEmpty() && !sensitive;
        }
    }

    /** Element name (null for the shape's or member's own name) and namespace. */
    public record Xml(
            @Nullable String name,
            @Nullable String namespace,
            @Nullable String prefix) {}

    /** How an error is told. */
    public record ErrorModel(String code, @Nullable String queryCode, int status, boolean sender) {}
}
