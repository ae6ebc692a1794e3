package dev.haneul.services.ec2.compute;

import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries values between structures that say the same under other class names, as EC2's requests, templates and answers
 * do. Members are matched by name whatever the case of their letters.
 */
final class Structs {
    private Structs() {}

    /** Sets every member of {@code to} that {@code from} has set under the same name, over what was there. */
    static <T extends Struct> T copy(Struct from, T to) {
        for (Member target : to.shape().members()) {
            Member source = named(from.shape(), target.name());
            Object value = source == null ? null : from.get(source.index());
            if (value != null) {
                Object fit = fit(value, target);
                if (fit != null) {
                    to.set(target.index(), fit);
                }
            }
        }
        return to;
    }

    private static @Nullable Member named(StructShape shape, String name) {
        Member exact = shape.member(name);
        if (exact != null) {
            return exact;
        }
        for (Member member : shape.members()) {
            if (member.name().equalsIgnoreCase(name)) {
                return member;
            }
        }
        return null;
    }

    private static @Nullable Object fit(Object value, Member target) {
        if (value instanceof Struct struct) {
            return target.shape() instanceof StructShape shape ? copy(struct, shape.create()) : null;
        }
        if (value instanceof List<?> list) {
            if (!(target.shape() instanceof ListShape shape)) {
                return null;
            }
            List<Object> out = new ArrayList<>();
            for (Object each : list) {
                Object fit = each == null ? null : fit(each, shape.element());
                if (fit != null) {
                    out.add(fit);
                }
            }
            return out;
        }
        return target.shape() instanceof StructShape || target.shape() instanceof ListShape ? null : value;
    }

    /** A copy that may be changed. */
    @SuppressWarnings("unchecked")
    static <T extends Struct> T clone(T original) {
        return copy(original, (T) original.fresh());
    }
}
