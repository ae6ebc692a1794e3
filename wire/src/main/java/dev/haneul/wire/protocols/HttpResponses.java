package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.TimestampFormat;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** The members of an output or error that travel as status and headers. */
final class HttpResponses {
    private static final SimpleText.Style STYLE = new SimpleText.Style(TimestampFormat.HTTP_DATE, false, false);

    private HttpResponses() {}

    /**
     * The status: the member that carries it, else the given one; 206 for an answer that says which part of a whole it
     * is (RFC 9110, 15.3.7).
     */
    static int status(HttpBinding binding, Struct output, int otherwise) {
        Member member = binding.statusCode;
        if (member != null && output.get(member.index()) instanceof Integer code) {
            return code;
        }
        return otherwise == 200 && partial(binding, output) ? 206 : otherwise;
    }

    private static boolean partial(HttpBinding binding, Struct output) {
        for (Member member : binding.headers) {
            if (member.wireName().equalsIgnoreCase("Content-Range")) {
                return output.has(member.index());
            }
        }
        return false;
    }

    /** Adds the headers that members carry. */
    static void headers(HttpBinding binding, Struct output, Headers into) {
        for (Member member : binding.headers) {
            Object value = Defaults.valueOf(output, member);
            if (value != null) {
                header(member, value, into);
            }
        }
        Member prefixed = binding.prefixHeaders;
        if (prefixed != null && output.get(prefixed.index()) instanceof Map<?, ?> entries) {
            entries.forEach((key, value) -> into.add(prefixed.wireName() + key, safe(String.valueOf(value))));
        }
    }

    private static void header(Member member, Object value, Headers into) {
        if (member.shape() instanceof ListShape list) {
            String joined = joined(list, (List<?>) value);
            if (!joined.isEmpty()) {
                into.add(member.wireName(), safe(joined));
            }
            return;
        }
        String text = SimpleText.format(member, value, STYLE);
        if (member.is(Member.Flag.JSON_VALUE)) {
            text = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        }
        if (!text.isEmpty()) {
            into.add(member.wireName(), safe(text));
        }
    }

    private static String joined(ListShape list, List<?> values) {
        StringBuilder out = new StringBuilder();
        boolean quotable = list.element().shape().kind() == Kind.STRING;
        for (Object value : values) {
            if (value != null) {
                String text = SimpleText.format(list.element(), value, STYLE);
                out.append(out.isEmpty() ? "" : ", ").append(quotable ? HeaderLists.quote(text) : text);
            }
        }
        return out.toString();
    }

    /** Line breaks would begin a header of somebody else's making. */
    private static String safe(String value) {
        if (value.indexOf('\r') < 0 && value.indexOf('\n') < 0) {
            return value;
        }
        return value.replace('\r', ' ').replace('\n', ' ');
    }
}
