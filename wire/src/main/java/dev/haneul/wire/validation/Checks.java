package dev.haneul.wire.validation;

import dev.haneul.api.runtime.Constraints;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Shape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** What has to be checked, per structure, worked out when first needed: patterns compiled, enums as sets. */
final class Checks {
    private final Map<StructShape, List<MemberCheck>> known = new ConcurrentHashMap<>();

    /** A member and what to check of its value. */
    record MemberCheck(int index, String name, boolean required, Check check) {}

    /**
     * What to check of a value.
     *
     * @param pattern null where there is none, or where it is no regular expression of Java's
     * @param element of list elements and map values; null for none
     * @param key of map keys; null for none
     * @param deep whether there may be more inside
     */
    record Check(
            Shape shape,
            Constraints limits,
            @Nullable Pattern pattern,
            Set<String> values,
            boolean unique,
            @Nullable Check element,
            @Nullable Check key,
            boolean deep) {

        /** Whether there is nothing to check. */
        boolean nothing() {
            return limits == Constraints.NONE && !unique && !deep;
        }

        boolean breaksPattern(String text) {
            return pattern != null && !BoundedMatch.matches(pattern, text);
        }

        boolean breaksEnum(String text) {
            return !values.isEmpty() && !values.contains(text);
        }

        boolean lengthFits(long length) {
            Long min = limits.min();
            Long max = limits.max();
            return (min == null || length >= min) && (max == null || length <= max);
        }

        boolean rangeFits(Number number) {
            Long min = limits.min();
            Long max = limits.max();
            double value = number.doubleValue();
            return (min == null || value >= min) && (max == null || value <= max);
        }
    }

    List<MemberCheck> of(StructShape shape) {
        List<MemberCheck> found = known.get(shape);
        if (found == null) {
            found = compile(shape);
            known.put(shape, found);
        }
        return found;
    }

    private static List<MemberCheck> compile(StructShape shape) {
        List<MemberCheck> found = new ArrayList<>();
        for (Member member : shape.members()) {
            Check check = check(member);
            if (member.required() || !check.nothing()) {
                found.add(new MemberCheck(member.index(), member.name(), member.required(), check));
            }
        }
        return List.copyOf(found);
    }

    /** Lists and maps are looked through at once, structures when they are met: only those can be recursive. */
    private static Check check(Member member) {
        Shape shape = member.shape();
        Constraints limits = shape.constraints();
        Check element = null;
        Check key = null;
        if (shape instanceof ListShape list) {
            element = check(list.element());
        } else if (shape instanceof MapShape map) {
            element = check(map.value());
            key = check(map.key());
        }
        boolean deep = shape instanceof StructShape
                || (element != null && !element.nothing())
                || (key != null && !key.nothing());
        return new Check(
                shape,
                limits,
                pattern(limits),
                Set.copyOf(limits.values()),
                member.is(Member.Flag.UNIQUE_ITEMS),
                element,
                key,
                deep);
    }

    private static @Nullable Pattern pattern(Constraints limits) {
        String text = limits.pattern();
        if (text == null) {
            return null;
        }
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            // A few models hold patterns of other dialects; a test lists them, and they are not checked.
            return null;
        }
    }

    /** The length that limits speak of: code points, bytes, elements or entries; -1 for what has none. */
    static long length(Object value) {
        return switch (value) {
            case String text -> text.codePointCount(0, text.length());
            case byte[] bytes -> bytes.length;
            case List<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            default -> -1;
        };
    }

    /** A list's elements in a form that is equal where they are. */
    static List<Object> comparable(List<?> list) {
        List<Object> found = new ArrayList<>(list.size());
        for (Object element : list) {
            found.add(comparable(element));
        }
        return found;
    }

    private static Object comparable(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case byte[] bytes -> ByteBuffer.wrap(bytes);
            case List<?> list -> comparable(list);
            case Struct struct ->
                struct.shape().members().stream()
                        .map(member -> comparable(struct.get(member.index())))
                        .toList();
            default -> value;
        };
    }
}
