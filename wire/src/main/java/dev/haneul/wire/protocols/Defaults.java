package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values that stand where the client sent none. */
final class Defaults {
    private Defaults() {}

    /** Sets the members that have a default and no value. */
    static void fill(Struct struct) {
        List<Member> members = struct.shape().members();
        for (int i = 0; i < members.size(); i++) {
            Object value = members.get(i).defaultValue();
            if (value != null && !struct.has(i)) {
                struct.set(i, value instanceof byte[] bytes ? bytes.clone() : value);
            }
        }
    }

    /** A member's value, or its default where it is not set. */
    static @Nullable Object valueOf(Struct struct, Member member) {
        Object value = struct.get(member.index());
        return value == null ? member.defaultValue() : value;
    }

    /** Gives idempotency tokens a value of their own: two calls without a token are two calls. */
    static void fillTokens(HttpBinding binding, Struct input) {
        for (Member token : binding.filled) {
            if (!input.has(token.index())) {
                input.set(token.index(), UUID.randomUUID().toString());
            }
        }
    }
}
