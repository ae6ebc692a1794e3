package dev.haneul.wire.chunked;

import dev.haneul.wire.sigv4.AuthFaults;
import dev.haneul.wire.sigv4.SigV4;
import dev.haneul.wire.sigv4.Verified;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The chain of chunk signatures: each signs its chunk and the signature before it, the first the request's own. */
public final class ChunkSignatures {
    private static final String EMPTY_SHA256 = SigV4.payloadHash(new byte[0]);
    private final Verified request;
    private final AuthFaults faults;
    private final MessageDigest digest;
    private String previous;

    /** A chain that starts at a verified request. */
    public ChunkSignatures(Verified request, AuthFaults faults) {
        this.request = request;
        this.faults = faults;
        this.previous = request.claim().signature();
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** More bytes of the current chunk. */
    void update(byte[] source, int offset, int length) {
        digest.update(source, offset, length);
    }

    /** Ends the current chunk and checks its signature. */
    void endChunk(String signature) {
        check("AWS4-HMAC-SHA256-PAYLOAD", EMPTY_SHA256 + "\n" + hash(), signature);
    }

    /**
     * Checks the signature over the trailers.
     *
     * @param canonical each trailer as {@code name:value} and a line feed
     */
    void endTrailers(byte[] canonical, String signature) {
        digest.update(canonical);
        check("AWS4-HMAC-SHA256-TRAILER", hash(), signature);
    }

    private void check(String algorithm, String rest, String signature) {
        String stringToSign = algorithm + "\n" + request.claim().timestamp() + "\n"
                + request.claim().scope() + "\n" + previous + "\n" + rest;
        if (!request.key().verifies(stringToSign, signature)) {
            throw faults.chunkMismatch(request.claim(), stringToSign, signature);
        }
        previous = signature;
    }

    private String hash() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
