package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.storage.BlobKey;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A key that a customer sends along. See AWS, "Using server-side encryption with customer-provided keys".
 *
 * @param md5 of the key, base64
 */
record CustomerKey(BlobKey key, String md5) {
    private static final String HEADER = "x-amz-server-side-encryption-customer-algorithm";

    /** The key of a request, null where it carries none. */
    static @Nullable CustomerKey of(Struct in) {
        return of(in, "");
    }

    /** The key of a copy's source, null where the request carries none. */
    static @Nullable CustomerKey ofSource(Struct in) {
        return of(in, "CopySource");
    }

    private static @Nullable CustomerKey of(Struct in, String prefix) {
        String algorithm = Members.text(in, prefix + "SSECustomerAlgorithm");
        String key = Members.text(in, prefix + "SSECustomerKey");
        String md5 = Members.text(in, prefix + "SSECustomerKeyMD5");
        if (algorithm == null && key == null && md5 == null) {
            return null;
        }
        if (algorithm == null) {
            throw refused("must provide a valid encryption algorithm.", "null");
        }
        if (!algorithm.equals("AES256")) {
            throw Fault.client(
                            "InvalidEncryptionAlgorithmError",
                            400,
                            "The Encryption request you specified is not valid. Supported value: AES256.")
                    .with("ArgumentName", HEADER)
                    .with("ArgumentValue", algorithm);
        }
        if (key == null) {
            throw refused("must provide an appropriate secret key.", "null");
        }
        if (md5 == null) {
            throw refused("must provide the client calculated MD5 of the secret key.", "null");
        }
        byte[] secret = decode(key);
        if (secret == null || secret.length != BlobKey.BYTES) {
            throw S3Errors.invalidArgument(
                    "The secret key was invalid for the specified algorithm.", HEADER, algorithm);
        }
        if (!Arrays.equals(decode(md5), ChecksumAlgorithm.MD5.of(secret))) {
            throw S3Errors.invalidArgument(
                    "The calculated MD5 hash of the key did not match the hash that was provided.", HEADER, algorithm);
        }
        return new CustomerKey(BlobKey.of(secret), md5);
    }

    private static byte @Nullable [] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException malformed) {
            return null;
        }
    }

    private static Fault refused(String what, String value) {
        return S3Errors.invalidArgument(
                "Requests specifying Server Side Encryption with Customer provided keys " + what, HEADER, value);
    }
}
