package dev.haneul.services.ec2.types;

import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Shape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds members of an answer by the names that filters have for them: {@code ebs-info.nvme-support} is the member
 * {@code NvmeSupport} of {@code EbsInfo}, and a list's filter is named in the singular.
 */
final class MemberPaths {
    private MemberPaths() {}

    /** Whether answers of this shape have such a place. */
    static boolean known(StructShape shape, String path) {
        Shape at = shape;
        for (String name : path.split("\\.", -1)) {
            Member member = at instanceof StructShape struct ? member(struct, name) : null;
            if (member == null) {
                return false;
            }
            at = member.shape() instanceof ListShape list ? list.element().shape() : member.shape();
        }
        return !(at instanceof StructShape);
    }

    /** The values at a known place, as text. */
    static List<String> values(Struct answer, String path) {
        List<Object> at = List.of(answer);
        for (String name : path.split("\\.", -1)) {
            List<Object> next = new ArrayList<>();
            for (Object each : at) {
                Member member = each instanceof Struct struct ? member(struct.shape(), name) : null;
                Object value = member == null ? null : ((Struct) each).get(member.index());
                if (value instanceof List<?> list) {
                    next.addAll(list);
                } else if (value != null) {
                    next.add(value);
                }
            }
            at = next;
        }
        return at.stream().map(String::valueOf).toList();
    }

    private static @Nullable Member member(StructShape shape, String name) {
        String plain = name.replace("-", "").toLowerCase(Locale.ROOT);
        for (Member member : shape.members()) {
            String candidate = member.name().toLowerCase(Locale.ROOT);
            if (candidate.equals(plain) || candidate.equals(plain + "s") || candidate.equals(plain + "es")) {
                return member;
            }
        }
        return null;
    }
}
