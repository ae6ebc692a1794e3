package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A {@code multipart/form-data} body (RFC 7578) as S3 takes it: fields first, then the file, which is streamed; what
 * follows the file is ignored. Reads as it goes and keeps one buffer.
 */
final class MultipartForm {
    /** S3 takes at most 20 KB of form data before the file. */
    private static final int MAX_FIELD_BYTES = 20 * 1024;

    private static final int MAX_BOUNDARY_CHARS = 200;
    private static final int BUFFER_BYTES = 64 * 1024;

    private final InputStream in;
    private final byte[] delimiter;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int start;
    private int end;
    private boolean drained;
    private final Map<String, String> fields = new LinkedHashMap<>();
    private int fieldBytes;
    private String fileName = "";

    private MultipartForm(InputStream in, String boundary) {
        this.in = in;
        this.delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * Reads the fields, up to the beginning of the file.
     *
     * @throws Fault MalformedPOSTRequest, MaxPostPreDataLengthExceeded, InvalidArgument where there is no file
     */
    static MultipartForm read(InputStream in, String contentType) throws IOException {
        MultipartForm form = new MultipartForm(in, boundary(contentType));
        form.readFields();
        return form;
    }

    /** The fields before the file: name in lower case → value. The file's own Content-Type is not among them. */
    Map<String, String> fields() {
        return fields;
    }

    /** The file's name without folders, empty where the client told none. */
    String fileName() {
        return fileName;
    }

    /** The file's bytes, up to the boundary. A body that ends before it throws the fault of a malformed form. */
    InputStream file() {
        return new PartStream();
    }

    private static String boundary(String contentType) {
        for (String parameter : contentType.split(";", -1)) {
            String[] pair = parameter.strip().split("=", 2);
            if (pair.length == 2 && pair[0].equalsIgnoreCase("boundary")) {
                String value = Conditions.unquote(pair[1].strip());
                if (!value.isEmpty() && value.length() <= MAX_BOUNDARY_CHARS) {
                    return value;
                }
            }
        }
        throw malformed();
    }

    private void readFields() throws IOException {
        // The first boundary has no line break before it: as if one had been read.
        buffer[0] = '\r';
        buffer[1] = '\n';
        end = 2;
        skipPart();
        while (openPart()) {
            Map<String, String> headers = readHeaders();
            String disposition = headers.getOrDefault("content-disposition", "");
            String name = parameter(disposition, "name").toLowerCase(Locale.ROOT);
            if (name.equals("file")) {
                String path = parameter(disposition, "filename");
                fileName = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
                return;
            }
            byte[] value = new PartStream().readNBytes(MAX_FIELD_BYTES - fieldBytes + 1);
            count(value.length);
            fields.putIfAbsent(name, new String(value, StandardCharsets.UTF_8));
        }
        throw Fault.client("InvalidArgument", 400, "POST requires exactly one file upload per request.")
                .with("ArgumentName", "file")
                .with("ArgumentValue", "0");
    }

    /** Past the delimiter; answers whether another part follows. */
    private boolean openPart() throws IOException {
        String rest = line();
        if (rest.startsWith("--")) {
            return false;
        }
        if (!rest.isBlank()) {
            throw malformed();
        }
        return true;
    }

    private Map<String, String> readHeaders() throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw malformed();
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return headers;
    }

    /** A line without its break. */
    private String line() throws IOException {
        int at = start;
        while (true) {
            for (; at < end; at++) {
                if (buffer[at] == '\n') {
                    int last = at > start && buffer[at - 1] == '\r' ? at - 1 : at;
                    String line = new String(buffer, start, last - start, StandardCharsets.UTF_8);
                    count(at + 1 - start);
                    start = at + 1;
                    return line;
                }
            }
            if (end - start > MAX_FIELD_BYTES) {
                throw tooLong();
            }
            int before = at - start;
            if (!fill()) {
                throw malformed();
            }
            at = start + before;
        }
    }

    private void count(int bytes) {
        fieldBytes += bytes;
        if (fieldBytes > MAX_FIELD_BYTES) {
            throw tooLong();
        }
    }

    private void skipPart() throws IOException {
        InputStream part = new PartStream();
        byte[] preamble = part.readNBytes(MAX_FIELD_BYTES);
        count(preamble.length);
    }

    /** Reads more behind what is there; false at the end of the body. */
    private boolean fill() throws IOException {
        if (drained) {
            return false;
        }
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        int read = in.read(buffer, end, buffer.length - end);
        if (read < 0) {
            drained = true;
            return false;
        }
        end += read;
        return true;
    }

    /** A parameter of a Content-Disposition header. Browsers write quotes inside as {@code %22}. */
    private static String parameter(String header, String name) {
        int at = 0;
        while (at < header.length()) {
            int semicolon = header.indexOf(';', at);
            if (semicolon < 0) {
                return "";
            }
            int equals = header.indexOf('=', semicolon);
            if (equals < 0) {
                return "";
            }
            String found = header.substring(semicolon + 1, equals).strip();
            int valueStart = equals + 1;
            int valueEnd;
            if (valueStart < header.length() && header.charAt(valueStart) == '"') {
                valueStart++;
                valueEnd = header.indexOf('"', valueStart);
                at = valueEnd + 1;
            } else {
                valueEnd = header.indexOf(';', valueStart);
                at = valueEnd;
            }
            if (valueEnd < 0) {
                valueEnd = header.length();
                at = valueEnd;
            }
            if (found.equalsIgnoreCase(name)) {
                return header.substring(valueStart, valueEnd)
                        .replace("%22", "\"")
                        .replace("%0D", "\r")
                        .replace("%0A", "\n");
            }
        }
        return "";
    }

    static Fault malformed() {
        return Fault.client(
                "MalformedPOSTRequest", 400, "The body of your POST request is not well-formed multipart/form-data.");
    }

    private static Fault tooLong() {
        return Fault.client(
                "MaxPostPreDataLengthExceeded",
                400,
                "Your POST request fields preceding the upload file were too large.");
    }

    /** The bytes of the part that begins where the form stands; at its end the form stands past the delimiter. */
    private final class PartStream extends InputStream {
        private boolean done;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (done) {
                return -1;
            }
            if (length == 0) {
                return 0;
            }
            while (true) {
                int at = find();
                if (at == start) {
                    start += delimiter.length;
                    done = true;
                    return -1;
                }
                // Without a delimiter in sight the last bytes may be the beginning of one.
                int safe = at >= 0 ? at - start : end - start - delimiter.length + 1;
                if (safe > 0) {
                    int count = Math.min(safe, length);
                    System.arraycopy(buffer, start, target, offset, count);
                    start += count;
                    return count;
                }
                if (!fill()) {
                    throw malformed();
                }
            }
        }

        private int find() {
            int lastStart = end - delimiter.length;
            for (int at = start; at <= lastStart; at++) {
                if (buffer[at] == '\r' && matchesAt(at)) {
                    return at;
                }
            }
            return -1;
        }

        private boolean matchesAt(int at) {
            for (int i = 1; i < delimiter.length; i++) {
                if (buffer[at + i] != delimiter[i]) {
                    return false;
                }
            }
            return true;
        }
    }
}
