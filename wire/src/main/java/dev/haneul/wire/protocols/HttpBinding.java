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

    /** Names of the query parameters that members take. */
    final Set<String> queryNames = new HashSet<>();

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

    HttpBinding(StructShape shape) {
        payload = shape.payload();
        for (Member member : shape.members()) {
            sort(member);
            if (member.is(Member.Flag.IDEMPOTENCY_TOKEN)) {
                filled.add(member);
            }
        }
    }

    private void sort(Member member) {
        switch (member.location()) {
            case HEADER -> {
                headers.add(member);
                headerNames.add(member.wireName().toLowerCase(Locale.ROOT));
            }
            case PREFIX_HEADERS -> prefixHeaders = member;
            case QUERY -> {
                queries.add(member);
                queryNames.add(member.wireName());
            }
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
