package dev.haneul.wire.sigv4;

import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Regions;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.call.SigningKey;
import dev.haneul.wire.sigv4.AuthFaults.ScopePart;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks signatures: form, clock, key, and then the signature itself, in AWS's order, so that each request gets the
 * error AWS would give it. Safe for all threads.
 */
public final class SigV4 {
    /** How far the signer's clock may be from ours, either way. */
    public static final Duration TOLERANCE = Duration.ofMinutes(15);

    private final KnownKeys known;
    private final InstantSource clock;
    private final SigningKeys keys = new SigningKeys();

    public SigV4(Credentials credentials, InstantSource clock) {
        this.known = new KnownKeys(credentials);
        this.clock = clock;
    }

    /**
     * What a signature is checked against.
     *
     * @param faults the words of refusals
     * @param signingName the service its scope must name
     * @param region the region its scope must name, null where any will do
     * @param objectStyle whether paths are encoded once and every {@code x-amz-} header must be signed (S3)
     */
    public record Expectation(
            AuthFaults faults, String signingName, @Nullable String region, boolean objectStyle) {}

    /**
     * The claim of a request; null for an anonymous one.
     *
     * @throws Fault where it is malformed, names another service or region, or is out of its time
     */
    public @Nullable Claim claim(SigningInput in, Expectation expected) {
        Claim claim = new ClaimParser(in, expected.faults()).parse();
        if (claim == null) {
            return null;
        }
        checkScope(claim, expected);
        checkSignedHeaders(claim, in, expected);
        checkTime(claim, expected.faults());
        return claim;
    }

    /**
     * Proves a claim.
     *
     * @param payloadHash the last line of the canonical request: the body's hash or a keyword
     * @throws Fault where the key is unknown or may not be used, or the signature is another one
     */
    public Verified verify(Claim claim, SigningInput in, String payloadHash, Expectation expected) {
        Credentials.Identity identity = identity(claim, expected.faults());
        SigningKey key = keys.get(identity.secretKey(), claim.scope());
        String canonical = CanonicalRequest.of(in, claim.signedHeaders(), payloadHash, expected.objectStyle());
        String stringToSign = "AWS4-HMAC-SHA256\n" + claim.timestamp() + "\n" + claim.scope() + "\n"
                + CanonicalRequest.sha256(canonical);
        if (!key.verifies(stringToSign, claim.signature())) {
            throw expected.faults().mismatch(claim, stringToSign, canonical);
        }
        return new Verified(identity.principal(), claim, key);
    }

    /** The hash of a body known as a whole, as it stands in a canonical request. */
    public static String payloadHash(byte[] body) {
        return body.length == 0 ? CanonicalRequest.EMPTY_SHA256 : CanonicalRequest.sha256(body);
    }

    /**
     * Looks a claim's key up before anything costly is done for the request, such as reading its body.
     *
     * @throws Fault where the key is unknown or may not be used
     */
    public void checkKey(Claim claim, AuthFaults faults) {
        identity(claim, faults);
    }

    private Credentials.Identity identity(Claim claim, AuthFaults faults) {
        return known.identity(claim.accessKeyId(), claim.token(), faults);
    }

    private static void checkScope(Claim claim, Expectation expected) {
        Scope scope = claim.scope();
        boolean presigned = claim.presigned();
        if (!scope.service().equals(expected.signingName())) {
            throw expected.faults().scopeWrong(presigned, ScopePart.SERVICE, scope.service(), expected.signingName());
        }
        String region = expected.region();
        if (!Regions.wellFormed(scope.region()) || (region != null && !region.equals(scope.region()))) {
            String wanted = region == null ? Regions.DEFAULT : region;
            throw expected.faults().scopeWrong(presigned, ScopePart.REGION, scope.region(), wanted);
        }
    }

    /** The host must be signed, and for the object store every header that changes what a request means. */
    private static void checkSignedHeaders(Claim claim, SigningInput in, Expectation expected) {
        List<String> unsigned = new ArrayList<>();
        if (!claim.signedHeaders().contains("host")) {
            unsigned.add("host");
        }
        if (expected.objectStyle()) {
            for (String name : in.headers().lowerNames()) {
                if (name.startsWith("x-amz-") && !claim.signedHeaders().contains(name)) {
                    unsigned.add(name);
                }
            }
        }
        if (!unsigned.isEmpty()) {
            throw expected.faults().headersNotSigned(unsigned);
        }
    }

    private void checkTime(Claim claim, AuthFaults faults) {
        Instant now = clock.instant();
        Instant signedAt = claim.signedAt();
        boolean ahead = signedAt.isAfter(now.plus(TOLERANCE));
        if (!claim.presigned()) {
            if (ahead || signedAt.isBefore(now.minus(TOLERANCE))) {
                throw faults.skewed(signedAt, now, TOLERANCE);
            }
            return;
        }
        if (ahead) {
            throw faults.presignedNotYetValid(signedAt, now, TOLERANCE);
        }
        Instant end = signedAt.plusSeconds(claim.expiresSeconds());
        if (now.isAfter(end)) {
            throw faults.presignedExpired(claim.expiresSeconds(), end, now);
        }
    }
}
