package dev.haneul.wire.sigv4;

import dev.haneul.api.runtime.Fault;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Refusals as S3 words them. See S3's API reference, "Error Responses". */
final class ObjectStoreFaults implements AuthFaults {
    private static final String ALGORITHM_HINT = " Please use AWS4-HMAC-SHA256.";
    private static final String MISMATCH =
            "The request signature we calculated does not match the signature you provided. Check your key and signing"
                    + " method.";
    private static final HexFormat SPACED_HEX = HexFormat.ofDelimiter(" ");

    @Override
    public Fault missing() {
        return Fault.client("AccessDenied", 403, "Access Denied");
    }

    @Override
    public Fault twoMechanisms(String authorization) {
        return Fault.client(
                        "InvalidArgument",
                        400,
                        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
                                + "string parameter or the Authorization header should be specified")
                .with("ArgumentName", "Authorization")
                .with("ArgumentValue", authorization);
    }

    @Override
    public Fault unsupported(String mechanism, String authorization) {
        boolean aws = mechanism.startsWith("AWS");
        if (aws) {
            return Fault.client(
                    "InvalidRequest",
                    400,
                    "The authorization mechanism you have provided is not supported." + ALGORITHM_HINT);
        }
        return Fault.client("InvalidArgument", 400, "Unsupported Authorization Type")
                .with("ArgumentName", "Authorization")
                .with("ArgumentValue", authorization);
    }

    @Override
    public Fault incomplete(List<String> missing, @Nullable String authorization) {
        if (authorization == null) {
            return queryError("Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential,"
                    + " X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
        }
        return headerError(
                "the authorization header requires three components: Credential, SignedHeaders, and" + " Signature.");
    }

    @Override
    public Fault credentialMalformed(boolean presigned, String credential) {
        String what = "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
        return presigned ? queryError("Error parsing the X-Amz-Credential parameter; " + what) : headerError(what);
    }

    @Override
    public Fault scopeWrong(boolean presigned, ScopePart part, String given, String expected) {
        String what = switch (part) {
            case REGION -> "the region '" + given + "' is wrong; expecting '" + expected + "'";
            case SERVICE -> "incorrect service \"" + given + "\". This endpoint belongs to \"" + expected + "\".";
            case TERMINATOR -> "incorrect terminal \"" + given + "\". This endpoint uses \"" + expected + "\".";
            case DATE ->
                "Invalid credential date \"" + given + "\". This date is not the same as X-Amz-Date: \"" + expected
                        + "\".";
        };
        Fault fault =
                presigned ? queryError("Error parsing the X-Amz-Credential parameter; " + what) : headerError(what);
        return part == ScopePart.REGION ? fault.with("Region", expected) : fault;
    }

    @Override
    public Fault dateMalformed(boolean presigned, @Nullable String given) {
        return presigned
                ? queryError("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
                : Fault.client("AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header");
    }

    @Override
    public Fault expiresMalformed(String given) {
        if (!given.matches("-?[0-9]+")) {
            return queryError("X-Amz-Expires should be a number");
        }
        return queryError(
                given.startsWith("-")
                        ? "X-Amz-Expires must be non-negative"
                        : "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must"
                                + " be less than 604800 seconds");
    }

    @Override
    public Fault headersNotSigned(List<String> names) {
        return Fault.client("AccessDenied", 403, "There were headers present in the request which were not signed")
                .with("HeadersNotSigned", String.join(", ", names));
    }

    @Override
    public Fault skewed(Instant signedAt, Instant now, Duration tolerance) {
        return Fault.client(
                        "RequestTimeTooSkewed",
                        403,
                        "The difference between the request time and the current time is too large.")
                .with("RequestTime", Timestamps.basic(signedAt))
                .with("ServerTime", seconds(now))
                .with("MaxAllowedSkewMilliseconds", Long.toString(tolerance.toMillis()));
    }

    @Override
    public Fault presignedExpired(long expiresSeconds, Instant expiredAt, Instant now) {
        return Fault.client("AccessDenied", 403, "Request has expired")
                .with("X-Amz-Expires", Long.toString(expiresSeconds))
                .with("Expires", seconds(expiredAt))
                .with("ServerTime", seconds(now));
    }

    /** Version 2 names a moment, no duration. */
    Fault expired(Instant expiredAt, Instant now) {
        return Fault.client("AccessDenied", 403, "Request has expired")
                .with("Expires", seconds(expiredAt))
                .with("ServerTime", seconds(now));
    }

    @Override
    public Fault presignedNotYetValid(Instant signedAt, Instant now, Duration tolerance) {
        return Fault.client("AccessDenied", 403, "Request is not yet valid")
                .with("X-Amz-Date", Timestamps.basic(signedAt))
                .with("ServerTime", seconds(now));
    }

    @Override
    public Fault unknownKey(String accessKeyId) {
        return Fault.client(
                        "InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.")
                .with("AWSAccessKeyId", accessKeyId);
    }

    @Override
    public Fault invalidToken(@Nullable String token) {
        Fault fault = Fault.client("InvalidToken", 400, "The provided token is malformed or otherwise invalid.");
        return token == null ? fault : fault.with("Token-0", token);
    }

    @Override
    public Fault expiredToken(@Nullable String token) {
        Fault fault = Fault.client("ExpiredToken", 400, "The provided token has expired.");
        return token == null ? fault : fault.with("Token-0", token);
    }

    @Override
    public Fault mismatch(Claim claim, String stringToSign, String canonicalRequest) {
        return Fault.client("SignatureDoesNotMatch", 403, MISMATCH)
                .with("AWSAccessKeyId", claim.accessKeyId())
                .with("StringToSign", stringToSign)
                .with("SignatureProvided", claim.signature())
                .with("StringToSignBytes", bytes(stringToSign))
                .with("CanonicalRequest", canonicalRequest)
                .with("CanonicalRequestBytes", bytes(canonicalRequest));
    }

    @Override
    public Fault chunkMismatch(Claim claim, String stringToSign, String provided) {
        return mismatch(claim.accessKeyId(), stringToSign, provided);
    }

    /** A signature without a canonical request of its own: a chunk's, or one of Version 2. */
    Fault mismatch(String accessKeyId, String stringToSign, String provided) {
        return Fault.client("SignatureDoesNotMatch", 403, MISMATCH)
                .with("AWSAccessKeyId", accessKeyId)
                .with("StringToSign", stringToSign)
                .with("SignatureProvided", provided)
                .with("StringToSignBytes", bytes(stringToSign));
    }

    @Override
    public Fault payloadMismatch(String claimed, String computed) {
        return Fault.client(
                        "XAmzContentSHA256Mismatch",
                        400,
                        "The provided 'x-amz-content-sha256' header does not match what was computed.")
                .with("ClientComputedContentSHA256", claimed)
                .with("S3ComputedContentSHA256", computed);
    }

    @Override
    public Fault payloadHashMalformed(@Nullable String given) {
        if (given == null) {
            return Fault.client(
                    "InvalidRequest", 400, "Missing required header for this request: x-amz-content-sha256");
        }
        return Fault.client(
                        "InvalidArgument",
                        400,
                        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER,"
                                + " STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER,"
                                + " STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD,"
                                + " STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.")
                .with("ArgumentName", "x-amz-content-sha256")
                .with("ArgumentValue", given);
    }

    private static Fault headerError(String what) {
        return Fault.client("AuthorizationHeaderMalformed", 400, "The authorization header is malformed; " + what);
    }

    private static Fault queryError(String what) {
        return Fault.client("AuthorizationQueryParametersError", 400, what);
    }

    private static String seconds(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String bytes(String text) {
        return SPACED_HEX.formatHex(text.getBytes(StandardCharsets.UTF_8));
    }
}
