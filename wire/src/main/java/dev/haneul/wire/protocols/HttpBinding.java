package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.StructShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The members of an input, output or error by where they travel; worked out once per shape. */
final class HttpBinding {
    final List<Member> headers = new ArrayList<>();
    final List<Member> queries = new ArrayList<>();
    final List<Member> body = new ArrayList<>();
    final Map<String, Member> labels = new HashMap<>();

    /** Names of the headers that members take, in lower case. */
    final Set<String> headerNames = new HashSet<>();

    /** Members that get a value where the client sent none: idempotency tokens. */
    final List<Member> filled = new ArrayList<>();

    final @Nullable Member payload;

    @Nullable
    Member prefixHeaders;

    @Nullable
    Member queryParams;

    @Nullable
    Member statusCode;

    @Nullable
    Member eventStream;

    private HttpBinding(StructShape shape, boolean input) {
        payload = shape.payload();
        for (Member member : shape.members()) {
            sort(member, input);
            if (member.is(Member.Flag.IDEMPOTENCY_TOKEN)) {
                filled.add(member);
            }
        }
    }

    /** The bindings of an input. */
    static HttpBinding ofInput(StructShape shape) {
        return new HttpBinding(shape, true);
    }

    /** The bindings of an output or error: there is no path or query, what is bound to them is in the body. */
    static HttpBinding ofOutput(StructShape shape) {
        return new HttpBinding(shape, false);
    }

    private void sort(Member member, boolean input) {
        boolean inUri = switch (member.location()) {
            case QUERY, QUERY_PARAMS, URI -> true;
            default -> false;
        };
        if (inUri && !input) {
            body.add(member);
            return;
        }
        switch (member.location()) {
            case HEADER -> {
                headers.add(member);
                headerNames.add(member.wireName().toLowerCase(Locale.ROOT));
            }
            case PREFIX_HEADERS -> prefixHeaders = member;
            case QUERY -> queries.add(member);
            case QUERY_PARAMS -> queryParams = member;
            case URI -> labels.put(member.wireName(), member);
            case STATUS_CODE -> statusCode = member;
            case BODY -> {
                if (member.shape().kind() == Kind.EVENT_STREAM) {
                    eventStream = member;
                } else {
                    body.add(member);
                }
            }
            case PAYLOAD -> {
                if (member.shape().kind() == Kind.EVENT_STREAM) {
                    eventStream = member;
                }
            }
        }
    }

    /** Whether the body is a document of members. */
    boolean hasBodyMembers() {
        return payload == null && !body.isEmpty();
    }
}
