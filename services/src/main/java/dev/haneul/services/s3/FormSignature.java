package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.call.SigningKey;
import java.util.Map;

/** Who vouches for a form: Signature Version 4 over its policy. See AWS, "Calculating a POST signature". */
final class FormSignature {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";

    private final Credentials credentials;

    FormSignature(Credentials credentials) {
        this.credentials = credentials;
    }

    /** The signer, and the region the signature is for. */
    record Signer(Principal principal, String region) {}

    /**
     * Checks a form's signature; anonymous where it carries neither policy nor signature.
     *
     * @throws Fault AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch …
     */
    Signer check(Map<String, String> fields) {
        String policy = fields.get("policy");
        String signature = fields.get("x-amz-signature");
        if (policy == null && signature == null) {
            return new Signer(Principal.ANONYMOUS, BucketLife.US_EAST_1);
        }
        if (fields.containsKey("awsaccesskeyid")) {
            throw S3Errors.invalidRequest(
                    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");
        }
        if (policy == null) {
            throw missing("policy");
        }
        if (signature == null) {
            throw missing("X-Amz-Signature");
        }
        if (!ALGORITHM.equals(required(fields, "x-amz-algorithm"))) {
            throw S3Errors.invalidArgument(
                    "Only AWS4-HMAC-SHA256 is supported", "X-Amz-Algorithm", required(fields, "x-amz-algorithm"));
        }
        String[] scope = required(fields, "x-amz-credential").split("/", -1);
        String date = required(fields, "x-amz-date");
        boolean wellFormed = scope.length == 5
                && scope[3].equals("s3")
                && scope[4].equals("aws4_request")
                && date.matches("\\d{8}T\\d{6}Z")
                && date.startsWith(scope[1]);
        if (!wellFormed) {
            throw S3Errors.invalidArgument(
                    "Error parsing the X-Amz-Credential parameter",
                    "X-Amz-Credential",
                    required(fields, "x-amz-credential"));
        }
        Credentials.Identity identity = credentials
                .find(scope[0], fields.get("x-amz-security-token"))
                .orElseThrow(() -> Fault.client(
                                "InvalidAccessKeyId",
                                403,
                                "The AWS Access Key Id you provided does not exist in our records.")
                        .with("AWSAccessKeyId", scope[0]));
        SigningKey key = SigningKey.derive(identity.secretKey(), scope[1], scope[2], "s3");
        if (!key.verifies(policy, signature)) {
            throw Fault.client(
                            "SignatureDoesNotMatch",
                            403,
                            "The request signature we calculated does not match the signature you provided. Check your"
                                    + " key and signing method.")
                    .with("AWSAccessKeyId", scope[0])
                    .with("StringToSign", policy)
                    .with("SignatureProvided", signature);
        }
        return new Signer(identity.principal(), scope[2]);
    }

    private static String required(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw missing(name);
        }
        return value;
    }

    private static Fault missing(String name) {
        return S3Errors.invalidArgument(
                "Bucket POST must contain a field named '" + name
                        + "'.  If it is specified, please check the order of the fields.",
                name,
                "");
    }
}
