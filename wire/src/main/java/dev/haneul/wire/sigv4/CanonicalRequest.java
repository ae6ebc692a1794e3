package dev.haneul.wire.sigv4;

import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.Percent;
import dev.haneul.wire.protocols.QueryString;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;

/**
 * A request in the one form that client and service hash. See IAM's user guide, "Create a canonical request".
 *
 * <p>The object store's paths are encoded once and taken as they are; all others are freed of {@code .}, {@code ..}
 * and empty segments and encoded a second time.
 */
final class CanonicalRequest {
    static final String EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final String SIGNATURE_PARAMETER = "X-Amz-Signature";

    private CanonicalRequest() {}

    /** The canonical request's text. */
    static String of(SigningInput in, List<String> signedHeaders, String payloadHash, boolean objectStyle) {
        StringBuilder out = new StringBuilder(512);
        out.append(in.method()).append('\n');
        out.append(path(in.path(), objectStyle)).append('\n');
        appendQuery(out, in.query()).append('\n');
        for (String name : signedHeaders) {
            appendHeader(out, name, in.headers());
        }
        out.append('\n').append(String.join(";", signedHeaders)).append('\n');
        return out.append(payloadHash).toString();
    }

    /** SHA-256 of the text's UTF-8 bytes in lower-case hexadecimal. */
    static String sha256(String text) {
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    /** SHA-256 of bytes in lower-case hexadecimal. */
    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static String path(String raw, boolean objectStyle) {
        if (objectStyle) {
            return raw.isEmpty() ? "/" : Percent.encode(Percent.decode(raw), true);
        }
        return Percent.encode(normalized(raw), true);
    }

    /** Without dot segments and empty ones; a trailing slash stays. RFC 3986, 5.2.4. */
    private static String normalized(String raw) {
        if (raw.isEmpty() || raw.equals("/")) {
            return "/";
        }
        Deque<String> kept = new ArrayDeque<>();
        String[] segments = raw.split("/", -1);
        for (String segment : segments) {
            if (segment.equals("..")) {
                kept.pollLast();
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                kept.addLast(segment);
            }
        }
        String last = segments[segments.length - 1];
        boolean folder = last.isEmpty() || last.equals(".") || last.equals("..");
        return kept.isEmpty() ? "/" : "/" + String.join("/", kept) + (folder ? "/" : "");
    }

    private static StringBuilder appendQuery(StringBuilder out, QueryString query) {
        List<Pair> pairs = new ArrayList<>(query.parameters().size());
        for (QueryString.Parameter parameter : query.parameters()) {
            if (!parameter.name().equals(SIGNATURE_PARAMETER)) {
                pairs.add(new Pair(Percent.encode(parameter.name(), false), Percent.encode(parameter.value(), false)));
            }
        }
        Collections.sort(pairs);
        for (int i = 0; i < pairs.size(); i++) {
            Pair pair = pairs.get(i);
            out.append(i == 0 ? "" : "&").append(pair.name).append('=').append(pair.value);
        }
        return out;
    }

    private record Pair(String name, String value) implements Comparable<Pair> {
        @Override
        public int compareTo(Pair other) {
            int byName = name.compareTo(other.name);
            return byName != 0 ? byName : value.compareTo(other.value);
        }
    }

    /** Lines of one name are joined by commas in their order; runs of spaces become one. */
    private static void appendHeader(StringBuilder out, String name, Headers headers) {
        out.append(name).append(':');
        boolean first = true;
        for (int line = 0; line < headers.size(); line++) {
            if (headers.lowerNameAt(line).equals(name)) {
                if (!first) {
                    out.append(',');
                }
                appendFolded(out, headers.valueAt(line));
                first = false;
            }
        }
        out.append('\n');
    }

    private static void appendFolded(StringBuilder out, String value) {
        String trimmed = value.strip();
        boolean space = false;
        for (int i = 0; i < trimmed.length(); i++) {
            char c = trimmed.charAt(i);
            boolean blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
            if (!blank) {
                out.append(c);
            } else if (!space) {
                out.append(' ');
            }
            space = blank;
        }
    }
}
