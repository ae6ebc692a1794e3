package dev.haneul.wire.sigv4;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Protocol;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Refusals as every service but S3 words them: one set of messages, and per protocol family its codes and statuses.
 * See the services' "Common Errors" pages.
 *
 * @param status of refused credentials and signatures
 * @param suffix what the family's codes end in
 * @param unknownKey the family's code for a key nobody has
 * @param mismatch the family's code for a wrong signature
 */
record ServiceFaults(int status, String suffix, String unknownKey, String mismatch) implements AuthFaults {
    private static final ServiceFaults QUERY =
            new ServiceFaults(403, "", "InvalidClientTokenId", "SignatureDoesNotMatch");
    private static final ServiceFaults EC2 = new ServiceFaults(401, "", "AuthFailure", "AuthFailure");
    private static final ServiceFaults REST_JSON =
            new ServiceFaults(403, "Exception", "UnrecognizedClientException", "InvalidSignatureException");
    private static final ServiceFaults JSON =
            new ServiceFaults(400, "Exception", "UnrecognizedClientException", "InvalidSignatureException");
    private static final String CONSULT =
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret"
                    + " Access Key and signing method. Consult the service documentation for details.";

    private static final String INVALID_TOKEN = "The security token included in the request is invalid.";
    private static final String EC2_REFUSAL = "AWS was not able to validate the provided access credentials";

    static ServiceFaults of(Protocol protocol) {
        return switch (protocol) {
            case AWS_QUERY, REST_XML -> QUERY;
            case EC2_QUERY -> EC2;
            case REST_JSON_1 -> REST_JSON;
            case AWS_JSON_1_0, AWS_JSON_1_1, RPC_V2_CBOR -> JSON;
        };
    }

    @Override
    public Fault missing() {
        // 403 in the Query and REST families; EC2 too, whose 401 is for credentials it has looked at.
        int told = status == 400 ? 400 : 403;
        return Fault.client("MissingAuthenticationToken" + suffix, told, "Request is missing Authentication Token");
    }

    @Override
    public Fault twoMechanisms(String authorization) {
        return incompleteSignature("Only one of the Authorization header and the X-Amz-Signature query parameter may"
                + " be given. Authorization=" + authorization);
    }

    @Override
    public Fault unsupported(String mechanism, String authorization) {
        return incompleteSignature("Unsupported AWS 'algorithm': '" + mechanism + "'. Please use AWS4-HMAC-SHA256.");
    }

    @Override
    public Fault incomplete(List<String> missing, @Nullable String authorization) {
        StringBuilder message = new StringBuilder();
        for (String part : missing) {
            message.append(
                    authorization == null
                            ? "AWS query-string parameters must include '" + part + "'. "
                            : "Authorization header requires '" + part + "' parameter. ");
        }
        message.append(
                authorization == null ? "Re-examine the query-string parameters." : "Authorization=" + authorization);
        return incompleteSignature(message.toString());
    }

    @Override
    public Fault credentialMalformed(boolean presigned, String credential) {
        return incompleteSignature("Credential must have exactly 5 slash-delimited elements, e.g."
                + " keyid/date/region/service/term, got '" + credential + "'");
    }

    @Override
    public Fault scopeWrong(boolean presigned, ScopePart part, String given, String expected) {
        return mismatch(
                switch (part) {
                    case REGION -> "Credential should be scoped to a valid region, not '" + given + "'. ";
                    case SERVICE -> "Credential should be scoped to correct service: '" + expected + "'. ";
                    case TERMINATOR ->
                        "Credential should be scoped with a valid terminator: '" + expected + "', not '" + given
                                + "'. ";
                    case DATE ->
                        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '"
                                + given + "' != '" + expected + "'. ";
                });
    }

    @Override
    public Fault dateMalformed(boolean presigned, @Nullable String given) {
        if (given == null) {
            return incompleteSignature(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
        }
        return incompleteSignature("Date must be in ISO-8601 'basic format'. Got '" + given
                + "'. See http://en.wikipedia.org/wiki/ISO_8601");
    }

    @Override
    public Fault expiresMalformed(String given) {
        return incompleteSignature("X-Amz-Expires must be a number of seconds from 0 to 604800, got '" + given + "'.");
    }

    @Override
    public Fault headersNotSigned(List<String> names) {
        String list = String.join("', '", names);
        if (names.contains("host")) {
            return mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
        }
        return mismatch("'" + list + "' must be a 'SignedHeader' in the AWS Authorization.");
    }

    @Override
    public Fault skewed(Instant signedAt, Instant now, Duration tolerance) {
        String minutes = tolerance.toMinutes() + " min.)";
        if (signedAt.isBefore(now)) {
            Instant earliest = now.minus(tolerance);
            return expired("Signature expired: " + Timestamps.basic(signedAt) + " is now earlier than "
                    + Timestamps.basic(earliest) + " (" + Timestamps.basic(now) + " - " + minutes);
        }
        Instant latest = now.plus(tolerance);
        return expired("Signature not yet current: " + Timestamps.basic(signedAt) + " is still later than "
                + Timestamps.basic(latest) + " (" + Timestamps.basic(now) + " + " + minutes);
    }

    @Override
    public Fault presignedExpired(long expiresSeconds, Instant expiredAt, Instant now) {
        return expired(
                "Signature expired: " + Timestamps.basic(expiredAt) + " is now earlier than " + Timestamps.basic(now));
    }

    @Override
    public Fault presignedNotYetValid(Instant signedAt, Instant now, Duration tolerance) {
        return skewed(signedAt, now, tolerance);
    }

    @Override
    public Fault unknownKey(String accessKeyId) {
        return Fault.client(unknownKey, status, isEc2() ? EC2_REFUSAL : INVALID_TOKEN);
    }

    @Override
    public Fault invalidToken(@Nullable String token) {
        return unknownKey("");
    }

    @Override
    public Fault expiredToken(@Nullable String token) {
        if (isEc2()) {
            return Fault.client("RequestExpired", 400, "Request has expired.");
        }
        return Fault.client("ExpiredToken" + suffix, status, "The security token included in the request is expired");
    }

    @Override
    public Fault mismatch(Claim claim, String stringToSign, String canonicalRequest) {
        return mismatch(CONSULT + "\n\nThe Canonical String for this request should have been\n'" + canonicalRequest
                + "'\n\nThe String-to-Sign should have been\n'" + stringToSign + "'\n");
    }

    @Override
    public Fault chunkMismatch(Claim claim, String stringToSign, String provided) {
        return mismatch(CONSULT + "\n\nThe String-to-Sign of the chunk should have been\n'" + stringToSign + "'\n");
    }

    @Override
    public Fault payloadMismatch(String claimed, String computed) {
        return mismatch(CONSULT + "\n\nThe x-amz-content-sha256 header says '" + claimed
                + "', the SHA-256 of the body is '" + computed + "'.");
    }

    @Override
    public Fault payloadHashMalformed(@Nullable String given) {
        return mismatch(CONSULT + "\n\nThe x-amz-content-sha256 header cannot be '" + given + "'.");
    }

    private boolean isEc2() {
        return unknownKey.equals("AuthFailure");
    }

    private Fault mismatch(String message) {
        return Fault.client(mismatch, status, isEc2() ? EC2_REFUSAL : message);
    }

    private Fault expired(String message) {
        return isEc2() ? Fault.client("RequestExpired", 400, "Request has expired.") : mismatch(message);
    }

    private Fault incompleteSignature(String message) {
        return Fault.client("IncompleteSignature" + suffix, 400, message.strip());
    }
}
