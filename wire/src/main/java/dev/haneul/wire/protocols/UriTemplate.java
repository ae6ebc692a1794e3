package dev.haneul.wire.protocols;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operation's URI template, taken apart once: segments (literal, {@code {Label}} or greedy {@code {Label+}}) and
 * the literal query parameters that must be there ({@code ?tagging}, {@code ?list-type=2}).
 *
 * <p>See Smithy's {@code http} trait. A trailing slash of template or path does not matter, except inside a greedy
 * label. A label never matches nothing.
 */
public final class UriTemplate {
    /** SDKs name the operation in this parameter; clients without it are served alike. */
    private static final String OPERATION_HINT = "x-id";

    private final List<Segment> segments = new ArrayList<>();
    private final List<Literal> literals = new ArrayList<>();
    private final int greedyAt;
    private final @Nullable String hint;

    private record Segment(String text, boolean label, boolean greedy) {}

    private record Literal(String name, @Nullable String value) {}

    /** Parses a template such as {@code /{Bucket}/{Key+}?tagging}. */
    public UriTemplate(String template) {
        int question = template.indexOf('?');
        String path = question < 0 ? template : template.substring(0, question);
        int greedy = -1;
        for (String part : path.split("/", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            boolean label = part.startsWith("{") && part.endsWith("}");
            boolean isGreedy = label && part.endsWith("+}");
            greedy = isGreedy ? segments.size() : greedy;
            String text = label ? part.substring(1, part.length() - (isGreedy ? 2 : 1)) : part;
            segments.add(new Segment(text, label, isGreedy));
        }
        greedyAt = greedy;
        String found = null;
        for (QueryString.Parameter parameter : QueryString.parse(question < 0 ? "" : template.substring(question + 1))
                .parameters()) {
            if (parameter.name().equals(OPERATION_HINT)) {
                found = parameter.value();
            } else {
                literals.add(new Literal(parameter.name(), parameter.rawValue() == null ? null : parameter.value()));
            }
        }
        hint = found;
    }

    /** The first segment where it is a literal, null where it is a label or there is none. */
    @Nullable
    String firstLiteral() {
        return segments.isEmpty() || segments.getFirst().label ? null : segments.getFirst().text;
    }

    /** How many literal query parameters must be there. */
    int literalCount() {
        return literals.size();
    }

    /** Whether the query names this operation by its hint parameter. */
    boolean hinted(QueryString query) {
        return hint != null && hint.equals(query.first(OPERATION_HINT));
    }

    /** Whether every literal query parameter is there. */
    boolean matchesQuery(QueryString query) {
        for (Literal literal : literals) {
            String value = query.first(literal.name);
            if (value == null || (literal.value != null && !literal.value.equals(value))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Matches a raw path.
     *
     * @param parts the path's raw segments as {@link #split} gives them
     */
    boolean matchesPath(String[] parts) {
        int length = effectiveLength(parts);
        if (greedyAt < 0 ? length != segments.size() : length < segments.size()) {
            return false;
        }
        int extra = length - segments.size();
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment.greedy) {
                if (extra == 0 && parts[i].isEmpty()) {
                    return false;
                }
                continue;
            }
            String part = parts[greedyAt >= 0 && i > greedyAt ? i + extra : i];
            if (segment.label ? part.isEmpty() : !segment.text.equals(part)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The decoded labels of a path that matches: name at even places, value at odd ones.
     *
     * @throws dev.haneul.api.runtime.Fault 400 InvalidURI for malformed escapes
     */
    List<String> labels(String[] parts) {
        int extra = effectiveLength(parts) - segments.size();
        List<String> found = new ArrayList<>(4);
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment.greedy) {
                found.add(segment.text);
                found.add(Percent.decode(String.join("/", List.of(parts).subList(i, i + extra + 1))));
            } else if (segment.label) {
                found.add(segment.text);
                found.add(Percent.decode(parts[greedyAt >= 0 && i > greedyAt ? i + extra : i]));
            }
        }
        return found;
    }

    /** Without the empty last part of a trailing slash, unless a greedy label ends the template and takes it. */
    private int effectiveLength(String[] parts) {
        boolean trailing = parts.length > 0 && parts[parts.length - 1].isEmpty();
        boolean greedyTakesIt = greedyAt >= 0 && greedyAt == segments.size() - 1 && parts.length > segments.size();
        return trailing && !greedyTakesIt ? parts.length - 1 : parts.length;
    }

    /** Cuts a raw path into its segments: {@code /a//b/} gives {@code a}, empty, {@code b}, empty. */
    static String[] split(String rawPath) {
        String path = rawPath.startsWith("/") ? rawPath.substring(1) : rawPath;
        return path.isEmpty() ? new String[0] : path.split("/", -1);
    }

    /**
     * Orders by what AWS prefers when several match: segment by segment a literal before a label before a greedy
     * label, then the longer template.
     */
    int compareSpecificity(UriTemplate other) {
        int common = Math.min(segments.size(), other.segments.size());
        for (int i = 0; i < common; i++) {
            int order = Integer.compare(rank(segments.get(i)), rank(other.segments.get(i)));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(other.segments.size(), segments.size());
    }

    private static int rank(Segment segment) {
        if (segment.greedy) {
            return 2;
        }
        return segment.label ? 1 : 0;
    }
}
