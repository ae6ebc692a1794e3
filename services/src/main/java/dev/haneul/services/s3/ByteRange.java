package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import org.jspecify.annotations.Nullable;

/**
 * A part of an object.
 *
 * @param first offset of its first byte
 * @param length number of bytes, at least 1 but of an empty part of an upload
 */
record ByteRange(long first, long length) {
    private static final String UNIT = "bytes=";

    long last() {
        return first + length - 1;
    }

    /** {@code bytes 0-9/100}, as the Content-Range header says it. */
    String contentRange(long size) {
        return "bytes " + first + "-" + last() + "/" + size;
    }

    /**
     * Reads a Range header. See RFC 9110, 14.2: what is malformed, of another unit or asks for several ranges is
     * ignored, and so does S3.
     *
     * @return null where the whole object is to be sent
     * @throws Fault InvalidRange (416) where the range lies outside the object
     */
    static @Nullable ByteRange parse(@Nullable String header, long size) {
        if (header == null || !header.startsWith(UNIT)) {
            return null;
        }
        String spec = header.substring(UNIT.length()).trim();
        int dash = spec.indexOf('-');
        if (dash < 0 || spec.indexOf(',') >= 0) {
            return null;
        }
        String from = spec.substring(0, dash).trim();
        String to = spec.substring(dash + 1).trim();
        if (!digits(from) || !digits(to) || from.isEmpty() && to.isEmpty()) {
            return null;
        }
        if (from.isEmpty()) {
            long length = Math.min(number(to), size);
            if (length == 0) {
                throw invalid(header, size);
            }
            return new ByteRange(size - length, length);
        }
        long first = number(from);
        long last = to.isEmpty() ? Long.MAX_VALUE : number(to);
        if (last < first) {
            return null;
        }
        if (first >= size) {
            throw invalid(header, size);
        }
        return new ByteRange(first, Math.min(last, size - 1) - first + 1);
    }

    /**
     * Reads {@code x-amz-copy-source-range}, which must be {@code bytes=first-last} and lie inside the source.
     *
     * @throws Fault InvalidArgument or InvalidRange
     */
    static ByteRange parseCopySource(String header, long size) {
        int dash = header.indexOf('-');
        String from = header.startsWith(UNIT) && dash > 0 ? header.substring(UNIT.length(), dash) : "";
        String to = dash > 0 ? header.substring(dash + 1) : "";
        if (from.isEmpty() || to.isEmpty() || !digits(from) || !digits(to) || number(to) < number(from)) {
            throw Fault.client(
                            "InvalidArgument",
                            400,
                            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and"
                                    + " last are the zero-based offsets of the first and last bytes to copy")
                    .with("ArgumentName", "x-amz-copy-source-range")
                    .with("ArgumentValue", header);
        }
        if (number(to) >= size) {
            throw Fault.client(
                            "InvalidArgument", 400, "Range specified is not valid for source object of size: " + size)
                    .with("ArgumentName", "x-amz-copy-source-range")
                    .with("ArgumentValue", header);
        }
        return new ByteRange(number(from), number(to) - number(from) + 1);
    }

    private static Fault invalid(String header, long size) {
        return Fault.client("InvalidRange", 416, "The requested range is not satisfiable")
                .with("RangeRequested", header)
                .with("ActualObjectSize", Long.toString(size))
                .header("Content-Range", "bytes */" + size);
    }

    private static boolean digits(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** The number, at most Long.MAX_VALUE - 1 however many digits there are. */
    private static long number(String digits) {
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            value = value > (Long.MAX_VALUE - 10) / 10 ? Long.MAX_VALUE / 10 : value * 10 + (digits.charAt(i) - '0');
        }
        return Math.min(value, Long.MAX_VALUE - 1);
    }
}
