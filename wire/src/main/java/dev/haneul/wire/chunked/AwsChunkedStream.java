package dev.haneul.wire.chunked;

import dev.haneul.api.runtime.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes the {@code aws-chunked} encoding off a body. */
public final class AwsChunkedStream extends InputStream {
    /** Every chunk but the last must have as many bytes. */
    private static final int MIN_CHUNK_BYTES = 8192;

    private static final int MAX_LINE_BYTES = 1024;
    private static final int MAX_TRAILERS = 16;
    private static final Pattern SIZE = Pattern.compile("[0-9a-fA-F]{1,15}");
    private static final String CHUNK_SIGNATURE = "chunk-signature=";
    private static final String TRAILER_SIGNATURE = "x-amz-trailer-signature";

    private final LineSource in;
    private final Mode mode;
    private final @Nullable ChunkSignatures signatures;
    private final long decodedLength;
    private final Map<String, String> trailers = new LinkedHashMap<>();
    private String signature = "";
    private long chunkLeft;
    private long lastChunkBytes = -1;
    private int chunks;
    private long delivered;
    private boolean ended;

    /** What a chunked body carries besides its bytes. */
    public enum Mode {
        /** Signed chunks. */
        SIGNED,
        /** Signed chunks, then signed trailers. */
        SIGNED_TRAILER,
        /** Plain chunks, then trailers. */
        UNSIGNED_TRAILER
    }

    /**
     * A decoder.
     *
     * @param in the encoded body
     * @param signatures checks chunks and trailers; null in the unsigned mode
     * @param decodedLength the bytes that must come out, as {@code x-amz-decoded-content-length} says
     */
    public AwsChunkedStream(InputStream in, Mode mode, @Nullable ChunkSignatures signatures, long decodedLength) {
        if ((mode == Mode.UNSIGNED_TRAILER) != (signatures == null)) {
            throw new IllegalArgumentException("signed chunks need signatures, unsigned ones have none");
        }
        this.in = new LineSource(in, MAX_LINE_BYTES);
        this.mode = mode;
        this.signatures = signatures;
        this.decodedLength = decodedLength;
    }

    /** The trailers by lower-case name; whole once the stream has ended. */
    public Map<String, String> trailers() {
        return trailers;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    /** @throws Fault 400 where the encoding is broken, 403 where a signature is wrong */
    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, target.length);
        if (count == 0) {
            return 0;
        }
        if (chunkLeft == 0 && !ended) {
            startChunk();
        }
        if (ended) {
            return -1;
        }
        int read = in.read(target, offset, (int) Math.min(count, chunkLeft));
        if (read < 0) {
            throw incomplete();
        }
        if (signatures != null) {
            signatures.update(target, offset, read);
        }
        chunkLeft -= read;
        delivered += read;
        if (chunkLeft == 0) {
            endChunk();
        }
        return read;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private void startChunk() throws IOException {
        String line = line();
        int semicolon = line.indexOf(';');
        String size = semicolon < 0 ? line : line.substring(0, semicolon);
        if (!SIZE.matcher(size).matches()) {
            throw malformed("The chunk size '" + size + "' is no hexadecimal number.");
        }
        long bytes = Long.parseLong(size, 16);
        signature = signatures == null ? "" : signature(line, semicolon);
        if (bytes > decodedLength - delivered) {
            throw incomplete();
        }
        chunks++;
        if (bytes == 0) {
            end();
            return;
        }
        if (lastChunkBytes >= 0 && lastChunkBytes < MIN_CHUNK_BYTES) {
            throw Fault.client(
                            "InvalidChunkSizeError",
                            403,
                            "Only the last chunk is allowed to have a size less than 8192 bytes")
                    .with("Chunk", Integer.toString(chunks - 1))
                    .with("BadChunkSize", Long.toString(lastChunkBytes));
        }
        lastChunkBytes = bytes;
        chunkLeft = bytes;
    }

    private String signature(String line, int semicolon) {
        int at = semicolon < 0 ? -1 : line.indexOf(CHUNK_SIGNATURE, semicolon);
        if (at < 0) {
            throw malformed("A chunk has no signature.");
        }
        return line.substring(at + CHUNK_SIGNATURE.length()).strip();
    }

    private void endChunk() throws IOException {
        if (signatures != null) {
            signatures.endChunk(signature);
        }
        if (!line().isEmpty()) {
            throw malformed("A chunk is longer than its size says.");
        }
    }

    private void end() throws IOException {
        if (signatures != null) {
            signatures.endChunk(signature);
        }
        if (mode == Mode.SIGNED) {
            // The last CRLF is missing from some clients' bodies, and nothing depends on it.
            String rest = in.line();
            if (rest != null && !rest.isEmpty()) {
                throw malformed("There are bytes after the last chunk.");
            }
        } else {
            readTrailers();
        }
        if (in.line() != null) {
            throw malformed("There are bytes after the last chunk.");
        }
        if (delivered != decodedLength) {
            throw incomplete();
        }
        ended = true;
    }

    private void readTrailers() throws IOException {
        StringBuilder canonical = new StringBuilder();
        String trailerSignature = null;
        for (int lines = 0; ; lines++) {
            String line = in.line();
            boolean more = mode == Mode.SIGNED_TRAILER && trailerSignature == null;
            if (line == null || (line.isEmpty() && !(more && lines > 0))) {
                break;
            }
            if (lines >= MAX_TRAILERS) {
                throw malformedTrailer();
            }
            int colon = line.indexOf(':');
            if (line.isEmpty()) {
                continue;
            }
            if (colon <= 0) {
                throw malformedTrailer();
            }
            String name = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            String value = line.substring(colon + 1).strip();
            if (name.equals(TRAILER_SIGNATURE)) {
                trailerSignature = value;
            } else if (trailers.putIfAbsent(name, value) == null) {
                canonical.append(name).append(':').append(value).append('\n');
            } else {
                throw malformedTrailer();
            }
        }
        if (signatures != null) {
            if (trailerSignature == null) {
                throw malformedTrailer();
            }
            signatures.endTrailers(canonical.toString().getBytes(StandardCharsets.UTF_8), trailerSignature);
        }
    }

    private String line() throws IOException {
        String line = in.line();
        if (line == null) {
            throw incomplete();
        }
        return line;
    }

    private static Fault incomplete() {
        return Fault.client(
                "IncompleteBody",
                400,
                "You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header");
    }

    private static Fault malformed(String what) {
        return Fault.client("InvalidRequest", 400, "The aws-chunked body is malformed. " + what);
    }

    private static Fault malformedTrailer() {
        return Fault.client(
                "MalformedTrailerError",
                400,
                "The request contained trailing data that was not well-formed or did not conform to our published"
                        + " schema.");
    }
}
