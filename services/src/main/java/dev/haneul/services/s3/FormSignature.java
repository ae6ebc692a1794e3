package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.call.SigningKey;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Who vouches for a form: Signature Version 4 over its policy, or 2. See AWS, "Calculating a POST signature". */
final class FormSignature {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final String HMAC_SHA1 = "HmacSHA1";

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
        boolean old = fields.containsKey("awsaccesskeyid");
        String signature = fields.get(old ? "signature" : "x-amz-signature");
        if (policy == null && signature == null && !old) {
            return new Signer(Principal.ANONYMOUS, BucketLife.US_EAST_1);
        }
        if (policy == null) {
            throw missing("policy");
        }
        if (signature == null) {
            throw missing(old ? "Signature" : "X-Amz-Signature");
        }
        return old ? version2(fields, policy, signature) : version4(fields, policy, signature);
    }

    /** Base64 of the policy's HMAC-SHA1; no region is named, and only the oldest still take it. */
    private Signer version2(Map<String, String> fields, String policy, String signature) {
        String keyId = required(fields, "awsaccesskeyid");
        Credentials.Identity identity = identity(keyId, fields);
        byte[] computed = Base64.getEncoder().encode(hmacSha1(identity.secretKey(), policy));
        if (!MessageDigest.isEqual(computed, signature.getBytes(StandardCharsets.UTF_8))) {
            throw mismatch(keyId, policy, signature);
        }
        return new Signer(identity.principal(), BucketLife.US_EAST_1);
    }

    private static byte[] hmacSha1(String secretKey, String text) {
        try {
            Mac mac = Mac.getInstance(HMAC_SHA1);
            mac.init(new SecretKeySpec(secretKey.getBytes(StandardCharsets.UTF_8), HMAC_SHA1));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has " + HMAC_SHA1, e);
        }
    }

    private Signer version4(Map<String, String> fields, String policy, String signature) {
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
        Credentials.Identity identity = identity(scope[0], fields);
        SigningKey key = SigningKey.derive(identity.secretKey(), scope[1], scope[2], "s3");
        if (!key.verifies(policy, signature)) {
            throw mismatch(scope[0], policy, signature);
        }
        return new Signer(identity.principal(), scope[2]);
    }

    private Credentials.Identity identity(String keyId, Map<String, String> fields) {
        return credentials
                .find(keyId, fields.get("x-amz-security-token"))
                .orElseThrow(() -> Fault.client(
                                "InvalidAccessKeyId",
                                403,
                                "The AWS Access Key Id you provided does not exist in our records.")
                        .with("AWSAccessKeyId", keyId));
    }

    private static Fault mismatch(String keyId, String policy, String signature) {
        return Fault.client(
                        "SignatureDoesNotMatch",
                        403,
                        "The request signature we calculated does not match the signature you provided. Check your"
                                + " key and signing method.")
                .with("AWSAccessKeyId", keyId)
                .with("StringToSign", policy)
                .with("SignatureProvided", signature);
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
