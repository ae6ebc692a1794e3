package dev.haneul.kernel.policy;

import java.util.ArrayList;
import java.util.List;

/**
 * An ARN pattern. Wildcards stay within their colon-separated segment, except in the sixth, which is the whole rest;
 * missing segments are filled up with {@code *}; a lone {@code *} is everything.
 */
public final class ArnGlob {
    private static final int SEGMENTS = 6;
    private static final Glob ANY = Glob.compile("*", true, false);

    private final String source;
    private final boolean everything;
    private final List<Glob> segments;

    private ArnGlob(String source, boolean everything, List<Glob> segments) {
        this.source = source;
        this.everything = everything;
        this.segments = List.copyOf(segments);
    }

    /** Compiles; variables only where {@code variables}. */
    public static ArnGlob compile(String source, boolean variables) {
        if (source.equals("*")) {
            return new ArnGlob(source, true, List.of());
        }
        List<Glob> segments = new ArrayList<>(SEGMENTS);
        List<Glob.Part> segment = new ArrayList<>();
        for (Glob.Part part : Glob.Part.split(source, true, variables)) {
            String text = part.text();
            if (part.key() != null || text == null) {
                segment.add(part);
                continue;
            }
            int from = 0;
            int colon;
            while (segments.size() < SEGMENTS - 1 && (colon = text.indexOf(':', from)) >= 0) {
                segment.add(new Glob.Part(text.substring(from, colon), null));
                segments.add(Glob.ofParts(source, segment));
                segment = new ArrayList<>();
                from = colon + 1;
            }
            segment.add(new Glob.Part(text.substring(from), null));
        }
        segments.add(Glob.ofParts(source, segment));
        while (segments.size() < SEGMENTS) {
            segments.add(ANY);
        }
        return new ArnGlob(source, false, segments);
    }

    /** Whether an ARN matches; {@code *} as the text stands for "no resource in particular" and matches only itself. */
    public boolean matches(String arn, RequestContext context) {
        if (everything) {
            return true;
        }
        int from = 0;
        for (int i = 0; i < SEGMENTS - 1; i++) {
            int colon = arn.indexOf(':', from);
            if (colon < 0 || !segments.get(i).matches(arn, from, colon, context)) {
                return false;
            }
            from = colon + 1;
        }
        return segments.get(SEGMENTS - 1).matches(arn, from, arn.length(), context);
    }

    /** The pattern as it was written. */
    @Override
    public String toString() {
        return source;
    }
}
