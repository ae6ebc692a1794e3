package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.TimestampFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The members of an input that travel in path, query and headers. See Smithy's HTTP binding traits. */
final class HttpRequests {
    private final boolean lenient;
    private final SimpleText.Style uriStyle;
    private final SimpleText.Style headerStyle;

    /**
     * {@code lenient}: whether date-times may carry an offset, and HTTP's own conditional and expiry dates that cannot
     * be read are ignored, as RFC 9110 asks of servers.
     */
    HttpRequests(boolean lenient) {
        this.lenient = lenient;
        uriStyle = new SimpleText.Style(TimestampFormat.DATE_TIME, lenient, false);
        headerStyle = new SimpleText.Style(TimestampFormat.HTTP_DATE, lenient, false);
    }

    /**
     * Sets the members that are not in the body.
     *
     * @throws Malformed for values that are none of their member's kind
     */
    void bind(UriTemplate template, HttpBinding binding, WireRequest request, Struct input) {
        List<String> labels = template.labels(UriTemplate.split(request.path()));
        for (int i = 0; i < labels.size(); i += 2) {
            Member member = binding.labels.get(labels.get(i));
            if (member != null) {
                input.set(member.index(), simple(member, labels.get(i + 1), uriStyle, member.wireName()));
            }
        }
        queries(binding, request.query(), input);
        headers(binding, request.headers(), input);
    }

    private void queries(HttpBinding binding, QueryString query, Struct input) {
        for (Member member : binding.queries) {
            String first = query.first(member.wireName());
            if (first == null) {
                continue;
            }
            if (member.shape() instanceof ListShape list) {
                List<Object> values = new ArrayList<>();
                for (String value : query.all(member.wireName())) {
                    values.add(simple(list.element(), value, uriStyle, member.wireName()));
                }
                input.set(member.index(), values);
            } else {
                input.set(member.index(), simple(member, first, uriStyle, member.wireName()));
            }
        }
        if (binding.queryParams != null) {
            Map<String, Object> all = queryMap(binding.queryParams, query);
            if (!all.isEmpty()) {
                input.set(binding.queryParams.index(), all);
            }
        }
    }

    /** Every parameter, also those that have a member of their own: so say Smithy's server cases. */
    private static Map<String, Object> queryMap(Member member, QueryString query) {
        Map<String, Object> entries = new LinkedHashMap<>();
        boolean many = member.shape() instanceof MapShape map && map.value().shape() instanceof ListShape;
        for (QueryString.Parameter parameter : query.parameters()) {
            if (many) {
                entries.computeIfAbsent(parameter.name(), name -> query.all(name));
            } else {
                entries.putIfAbsent(parameter.name(), parameter.value());
            }
        }
        return entries;
    }

    private void headers(HttpBinding binding, Headers headers, Struct input) {
        for (Member member : binding.headers) {
            String first = headers.first(member.wireName());
            if (first == null) {
                continue;
            }
            try {
                Object value =
                        member.shape() instanceof ListShape list ? list(member, list, headers) : header(member, first);
                input.set(member.index(), value);
            } catch (Malformed e) {
                if (!lenient || !isOptionalDate(member)) {
                    throw e;
                }
            }
        }
        Member prefixed = binding.prefixHeaders;
        if (prefixed != null) {
            Map<String, String> entries = prefixed(binding, prefixed.wireName(), headers);
            if (!entries.isEmpty()) {
                input.set(prefixed.index(), entries);
            }
        }
    }

    private static boolean isOptionalDate(Member member) {
        String name = member.wireName().toLowerCase(Locale.ROOT);
        boolean http = name.equals("expires") || name.startsWith("if-");
        return http && member.shape().kind() == Kind.TIMESTAMP;
    }

    private Object header(Member member, String value) {
        if (member.is(Member.Flag.JSON_VALUE)) {
            try {
                return new String(SimpleText.base64(value.strip()), StandardCharsets.UTF_8);
            } catch (Malformed e) {
                throw e.in(member.wireName());
            }
        }
        return simple(member, value.strip(), headerStyle, member.wireName());
    }

    private List<Object> list(Member member, ListShape list, Headers headers) {
        Member element = list.element();
        boolean dates = element.shape().kind() == Kind.TIMESTAMP
                && SimpleText.format(element, headerStyle) == TimestampFormat.HTTP_DATE;
        List<Object> values = new ArrayList<>();
        for (String line : headers.all(member.wireName())) {
            List<String> parts;
            try {
                parts = dates ? HeaderLists.splitHttpDates(line) : HeaderLists.split(line);
            } catch (Malformed e) {
                throw e.in(member.wireName());
            }
            for (String part : parts) {
                values.add(simple(element, part, headerStyle, member.wireName()));
            }
        }
        return values;
    }

    /** Headers whose names begin with the prefix, by the rest of the name; repeated lines are joined as HTTP does. */
    private static Map<String, String> prefixed(HttpBinding binding, String prefix, Headers headers) {
        Map<String, String> entries = new LinkedHashMap<>();
        String lower = prefix.toLowerCase(Locale.ROOT);
        for (int line = 0; line < headers.size(); line++) {
            String name = headers.lowerNameAt(line);
            if (name.startsWith(lower) && !(lower.isEmpty() && binding.headerNames.contains(name))) {
                entries.merge(
                        headers.nameAt(line).substring(prefix.length()),
                        headers.valueAt(line),
                        (one, other) -> one + "," + other);
            }
        }
        return entries;
    }

    private static Object simple(Member member, String text, SimpleText.Style style, String wireName) {
        try {
            return SimpleText.parse(member, text, style);
        } catch (Malformed e) {
            throw e.in(wireName);
        }
    }
}
