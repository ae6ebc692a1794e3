package dev.haneul.wire.checksum;

import dev.haneul.api.runtime.ChecksummedBody;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request body that proves itself: digests run along as it is read, and where the end is reached and one of them is
 * not what was promised, the read throws instead of answering. Where the length is known, the read of the last byte
 * already is the end, so a reader that stops there has read a checked body too.
 */
public final class CheckedBody implements ChecksummedBody {
    private final InputStream in;
    private final long length;
    private final List<Expectation> expectations = new ArrayList<>();
    private final Map<ChecksumAlgorithm, ChecksumAlgorithm.Running> running = new EnumMap<>(ChecksumAlgorithm.class);
    private final Map<String, String> verified = new LinkedHashMap<>();
    private final InputStream stream = new CheckedStream();

    /**
     * What a digest must be.
     *
     * @param expected the bytes, asked for at the body's end (trailers come last); may throw a Fault
     * @param publish the header name under which the value is told to the operation, null for none
     * @param refusal makes the fault from what was computed
     */
    private record Expectation(
            ChecksumAlgorithm algorithm,
            Supplier<byte[]> expected,
            @Nullable String publish,
            Function<byte[], Fault> refusal) {}

    /**
     * A body that proves nothing yet.
     *
     * @param length -1 where unknown
     */
    public CheckedBody(InputStream in, long length) {
        this.in = in;
        this.length = length;
    }

    /** Adds an expectation; before reading. */
    public CheckedBody expect(
            ChecksumAlgorithm algorithm,
            Supplier<byte[]> expected,
            @Nullable String publish,
            Function<byte[], Fault> refusal) {
        expectations.add(new Expectation(algorithm, expected, publish, refusal));
        running.computeIfAbsent(algorithm, ChecksumAlgorithm::start);
        return this;
    }

    @Override
    public InputStream stream() {
        return stream;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public Map<String, String> checksums() {
        return Map.copyOf(verified);
    }

    private void finish() {
        Map<ChecksumAlgorithm, byte[]> computed = new EnumMap<>(ChecksumAlgorithm.class);
        running.forEach((algorithm, digest) -> computed.put(algorithm, digest.value()));
        for (Expectation expectation : expectations) {
            byte[] value = Objects.requireNonNull(computed.get(expectation.algorithm));
            if (!MessageDigest.isEqual(value, expectation.expected.get())) {
                throw expectation.refusal.apply(value);
            }
            if (expectation.publish != null) {
                verified.put(expectation.publish, Base64.getEncoder().encodeToString(value));
            }
        }
    }

    private final class CheckedStream extends InputStream {
        private long delivered;
        private boolean finished;
        private @Nullable Fault refused;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int count) throws IOException {
            if (refused != null) {
                throw refused;
            }
            if (finished || count == 0) {
                return finished ? -1 : 0;
            }
            try {
                return readOn(target, offset, count);
            } catch (Fault fault) {
                refused = fault;
                throw fault;
            }
        }

        private int readOn(byte[] target, int offset, int count) throws IOException {
            int read = in.read(target, offset, count);
            if (read > 0) {
                delivered += read;
                for (ChecksumAlgorithm.Running digest : running.values()) {
                    digest.update(target, offset, read);
                }
            }
            if (read < 0) {
                finishOnce();
            } else if (delivered == length) {
                // Under a chunked body this reads the last, empty chunk and the trailers.
                if (in.read() >= 0) {
                    throw Fault.client("InvalidRequest", 400, "The body is longer than was announced.");
                }
                finishOnce();
            }
            return read;
        }

        private void finishOnce() {
            finish();
            finished = true;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
