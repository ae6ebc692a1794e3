package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;

/** The rule of unions: exactly one member is set. */
final class Unions {
    private Unions() {}

    /**
     * Checks a union that was read.
     *
     * @throws Malformed where none or several members are set
     */
    static void check(Struct union) {
        int set = 0;
        for (Member member : union.shape().members()) {
            set += union.has(member.index()) ? 1 : 0;
        }
        if (set != 1) {
            throw new Malformed("Unions must have exactly one member set, found " + set + ".");
        }
    }
}
