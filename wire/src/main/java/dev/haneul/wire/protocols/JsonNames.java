package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Location;
import dev.haneul.api.runtime.Member;

/** What members are called in JSON and CBOR. */
final class JsonNames {
    private JsonNames() {}

    /** The wire name; members that are bound elsewhere go by their own names where they are nested. */
    static String of(Member member) {
        return member.location() == Location.BODY ? member.wireName() : member.name();
    }
}
