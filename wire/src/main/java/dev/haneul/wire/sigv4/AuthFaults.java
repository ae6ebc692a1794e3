package dev.haneul.wire.sigv4;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Protocol;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a family of services tells what is wrong with a signature. {@link ObjectStoreFaults} speaks as S3 does,
 * {@link ServiceFaults} as all others, each in its protocol's codes and statuses.
 */
public sealed interface AuthFaults permits ObjectStoreFaults, ServiceFaults {
    /** The refusals of a service that speaks this protocol, or of the object store. */
    static AuthFaults of(Protocol protocol, boolean objectStyle) {
        return objectStyle ? new ObjectStoreFaults() : ServiceFaults.of(protocol);
    }

    /** No signature where one is needed. */
    Fault missing();

    /** A signature in the header and one in the query. */
    Fault twoMechanisms(String authorization);

    /** SigV2, SigV4A, Basic, Bearer and the like. */
    Fault unsupported(String mechanism, String authorization);

    /** Parts are missing ({@code Credential}, {@code X-Amz-Date} …); {@code authorization} is null for queries. */
    Fault incomplete(List<String> missing, @Nullable String authorization);

    /** The credential does not have the form {@code KEY/DATE/REGION/SERVICE/aws4_request}. */
    Fault credentialMalformed(boolean presigned, String credential);

    /** The scope names a wrong part: {@code region}, {@code service}, {@code terminator} or {@code date}. */
    Fault scopeWrong(boolean presigned, ScopePart part, String given, String expected);

    /** No date, or none that can be read. */
    Fault dateMalformed(boolean presigned, @Nullable String given);

    /** {@code X-Amz-Expires} is no number from 0 to a week. */
    Fault expiresMalformed(String given);

    /** Headers that must be signed are not. */
    Fault headersNotSigned(List<String> names);

    /** Signed too long ago, or ahead of our clock. */
    Fault skewed(Instant signedAt, Instant now, Duration tolerance);

    /** A presigned request past its time. */
    Fault presignedExpired(long expiresSeconds, Instant expiredAt, Instant now);

    /** A presigned request ahead of its time. */
    Fault presignedNotYetValid(Instant signedAt, Instant now, Duration tolerance);

    /** Nobody here has this key. */
    Fault unknownKey(String accessKeyId);

    /** The key needs a session token that is missing, or the token is none of ours. */
    Fault invalidToken(@Nullable String token);

    /** The session is over. */
    Fault expiredToken(@Nullable String token);

    /** The signature is another one. */
    Fault mismatch(Claim claim, String stringToSign, String canonicalRequest);

    /** A chunk's or the trailers' signature is another one. */
    Fault chunkMismatch(Claim claim, String stringToSign, String provided);

    /** The body is not the one that was signed. */
    Fault payloadMismatch(String claimed, String computed);

    /** {@code x-amz-content-sha256} is missing where it must be there (null), or is neither a hash nor a keyword. */
    Fault payloadHashMalformed(@Nullable String given);

    /** A part of a credential scope. */
    enum ScopePart {
        DATE,
        REGION,
        SERVICE,
        TERMINATOR
    }
}
