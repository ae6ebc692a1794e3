package dev.haneul.engines.machine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * User data taken apart, as cloud-init does (cloud-init documentation, "User data formats"): gzip, MIME archives and the
 * kinds that the first line tells. What cannot be understood becomes a warning, never an error: the machine boots.
 *
 * @param parts in order
 * @param warnings for the machine's log
 */
record UserData(List<Part> parts, List<String> warnings) {
    private static final int MOST_BYTES = 8 << 20;
    private static final int MOST_PARTS = 100;
    private static final int MOST_DEPTH = 4;
    private static final Pattern BOUNDARY =
            Pattern.compile("boundary=(?:\"([^\"]+)\"|([^;\\s]+))", Pattern.CASE_INSENSITIVE);
    private static final Pattern FILE_NAME =
            Pattern.compile("filename=(?:\"([^\"]+)\"|([^;\\s]+))", Pattern.CASE_INSENSITIVE);
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/\\s]+={0,2}\\s*");

    /** What a part is. */
    enum Kind {
        SCRIPT,
        SCRIPT_EVERY_BOOT,
        BOOT_HOOK,
        CLOUD_CONFIG
    }

    /** @param name safe as a file name */
    record Part(Kind kind, String name, String content) {}

    static UserData parse(byte[] bytes) {
        var parser = new Parser();
        parser.take(bytes, "", "", 0);
        return new UserData(List.copyOf(parser.parts), List.copyOf(parser.warnings));
    }

    List<Part> of(Kind kind) {
        return parts.stream().filter(part -> part.kind() == kind).toList();
    }

    private static final class Parser {
        private final List<Part> parts = new ArrayList<>();
        private final List<String> warnings = new ArrayList<>();

        void take(byte[] bytes, String type, String fileName, int depth) {
            if (bytes.length == 0) {
                return;
            }
            if (depth > MOST_DEPTH || parts.size() >= MOST_PARTS) {
                warnings.add("user data is nested too deeply or has too many parts; the rest is left out");
                return;
            }
            if (bytes.length > 2 && (bytes[0] & 0xff) == 0x1f && (bytes[1] & 0xff) == 0x8b) {
                unzip(bytes, type, fileName, depth);
                return;
            }
            var text = new String(bytes, StandardCharsets.UTF_8);
            var head = text.stripLeading().toLowerCase(Locale.ROOT);
            if (head.startsWith("content-type:") || head.startsWith("mime-version:") || type.startsWith("multipart/")) {
                archive(text, depth);
            } else if (encodedTwice(text)) {
                take(Base64.getMimeDecoder().decode(text.strip()), type, fileName, depth + 1);
            } else {
                single(text, type, fileName);
            }
        }

        private void unzip(byte[] bytes, String type, String fileName, int depth) {
            try (var in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
                var plain = in.readNBytes(MOST_BYTES);
                take(plain, type.contains("gzip") ? "" : type, fileName, depth + 1);
            } catch (IOException e) {
                warnings.add("user data begins like gzip and is none: " + e.getMessage());
            }
        }

        /** Base64 around something that begins like user data: a frequent slip that the real thing forgives too. */
        private static boolean encodedTwice(String text) {
            if (text.startsWith("#") || !BASE64.matcher(text).matches()) {
                return false;
            }
            try {
                var inner = new String(Base64.getMimeDecoder().decode(text.strip()), StandardCharsets.ISO_8859_1);
                return inner.startsWith("#!")
                        || inner.startsWith("#cloud-")
                        || inner.startsWith("\u001f\u008b")
                        || inner.startsWith("Content-Type:")
                        || inner.startsWith("MIME-Version:");
            } catch (IllegalArgumentException e) {
                return false;
            }
        }

        private void archive(String text, int depth) {
            var message = Message.of(text.stripLeading());
            var type = message.header("content-type");
            if (!type.toLowerCase(Locale.ROOT).startsWith("multipart/")) {
                take(message.bytes(), mediaType(type), message.fileName(), depth + 1);
                return;
            }
            var matcher = BOUNDARY.matcher(type);
            if (!matcher.find()) {
                warnings.add("the MIME archive in user data names no boundary");
                return;
            }
            var boundary = "--" + (matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
            var pieces = ("\n" + message.body())
                    .split("\n" + Pattern.quote(boundary) + "(?=-?-?\\s*(\n|$))", MOST_PARTS + 1);
            for (int i = 1; i < pieces.length && !pieces[i].startsWith("--"); i++) {
                var piece = Message.of(pieces[i].replaceFirst("^[ \\t]*\n", ""));
                var pieceType = piece.header("content-type");
                if (mediaType(pieceType).startsWith("multipart/")) {
                    archive(pieces[i].replaceFirst("^[ \\t]*\n", ""), depth + 1);
                } else {
                    take(piece.bytes(), mediaType(pieceType), piece.fileName(), depth + 1);
                }
            }
        }

        private static String mediaType(String header) {
            return header.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        }

        private void single(String text, String type, String fileName) {
            var kind = kind(text, type);
            if (kind == null) {
                var first = text.lines().findFirst().orElse("");
                warnings.add("Unhandled non-multipart (" + (type.isEmpty() ? "text/x-not-multipart" : type)
                        + ") userdata: '" + first.substring(0, Math.min(24, first.length())) + "...'");
                return;
            }
            var name = fileName.isEmpty()
                    ? "part-%03d".formatted(parts.size() + 1)
                    : fileName.replaceAll("[^A-Za-z0-9._-]", "_");
            parts.add(new Part(kind, name, text));
        }

        private static @org.jspecify.annotations.Nullable Kind kind(String text, String type) {
            if (text.startsWith("#!")) {
                return type.equals("text/x-shellscript-per-boot") ? Kind.SCRIPT_EVERY_BOOT : Kind.SCRIPT;
            }
            if (text.startsWith("#cloud-config\n")
                    || text.startsWith("#cloud-config\r")
                    || text.strip().equals("#cloud-config")
                    || text.startsWith("#cloud-config ")) {
                return Kind.CLOUD_CONFIG;
            }
            if (text.startsWith("#cloud-boothook")) {
                return Kind.BOOT_HOOK;
            }
            return switch (type) {
                case "text/x-shellscript", "text/x-shellscript-per-instance", "text/x-shellscript-per-once" ->
                    Kind.SCRIPT;
                case "text/x-shellscript-per-boot" -> Kind.SCRIPT_EVERY_BOOT;
                case "text/cloud-config" -> Kind.CLOUD_CONFIG;
                case "text/cloud-boothook" -> Kind.BOOT_HOOK;
                default -> null;
            };
        }
    }

    /** Headers and body of a MIME entity (RFC 2045), as far as user data needs. */
    private record Message(Map<String, String> headers, String body) {
        static Message of(String text) {
            var plain = text.replace("\r\n", "\n");
            int blank = plain.startsWith("\n") ? 0 : plain.indexOf("\n\n");
            var head = blank < 0 ? plain : plain.substring(0, blank);
            var headers = new TreeMap<String, String>();
            for (var line : head.replaceAll("\n[ \\t]+", " ").split("\n")) {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    headers.put(
                            line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
                            line.substring(colon + 1).strip());
                }
            }
            return new Message(headers, blank < 0 ? "" : plain.substring(blank).replaceFirst("^\n{1,2}", ""));
        }

        String header(String name) {
            return headers.getOrDefault(name, "");
        }

        String fileName() {
            var matcher = FILE_NAME.matcher(header("content-disposition"));
            return !matcher.find() ? "" : matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
        }

        byte[] bytes() {
            return switch (header("content-transfer-encoding").toLowerCase(Locale.ROOT)) {
                case "base64" -> Base64.getMimeDecoder().decode(body.strip());
                case "quoted-printable" -> quotedPrintable(body);
                default -> body.getBytes(StandardCharsets.UTF_8);
            };
        }

        private static byte[] quotedPrintable(String text) {
            var out = new ByteArrayOutputStream();
            var bytes = text.replaceAll("=[ \\t]*\n", "").getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < bytes.length; i++) {
                boolean coded = bytes[i] == '='
                        && i + 2 < bytes.length
                        && Character.digit(bytes[i + 1], 16) >= 0
                        && Character.digit(bytes[i + 2], 16) >= 0;
                out.write(
                        coded ? Character.digit(bytes[i + 1], 16) * 16 + Character.digit(bytes[i + 2], 16) : bytes[i]);
                i += coded ? 2 : 0;
            }
            return out.toByteArray();
        }
    }
}
