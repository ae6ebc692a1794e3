package dev.haneul.services.ecs;

import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;

/** Copies of structures, for records that are not changed in place. */
public final class Copies {
    private Copies() {}

    /** A copy whose members may be set; what they hold is shared. */
    @SuppressWarnings("unchecked")
    public static <S extends Struct> S of(S original) {
        return into(original, (S) original.fresh());
    }

    /** Sets every member that {@code from} has set under the same name and of the same kind. */
    public static <S extends Struct> S into(Struct from, S to) {
        for (Member member : from.shape().members()) {
            Object value = from.get(member.index());
            Member target = to.shape().member(member.name());
            if (value != null && target != null) {
                to.set(target.index(), value);
            }
        }
        return to;
    }
}
