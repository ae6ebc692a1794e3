package dev.haneul.trials.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.AccessKey;
import software.amazon.awssdk.services.iam.model.VirtualMFADevice;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.MFADelete;
import software.amazon.awssdk.services.s3.model.MFADeleteStatus;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** MFA delete with the root user's own virtual device. */
@ExtendWith(SharedRegion.class)
class MfaDeleteTest {
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int STEP_SECONDS = 30;
    private final String account = Accounts.fresh();
    private final String bucket = "mfa-" + account;
    private final URI endpoint;

    MfaDeleteTest(URI endpoint) {
        this.endpoint = endpoint;
    }

    @Test
    void onlyTheRootUserWithTheDeviceDeletesVersions() throws Exception {
        try (Clients root = new Clients(endpoint, account, "test")) {
            IamClient iam = root.iam();
            // A device gives one code in half a minute that is good once; two of them need no waiting.
            Device phone = Device.enabled(iam, account, "phone");
            Device token = Device.enabled(iam, account, "token");
            S3Client s3 = root.s3();
            s3.createBucket(request -> request.bucket(bucket));
            refused(() -> versioning(s3, null), "Mfa Authentication must be used for this request");
            refused(() -> versioning(s3, phone.serial + " 000000"), "Access Denied");
            versioning(s3, phone.code());
            assertThat(s3.getBucketVersioning(request -> request.bucket(bucket)).mfaDelete())
                    .isEqualTo(MFADeleteStatus.ENABLED);

            String version = s3.putObject(request -> request.bucket(bucket).key("k"), RequestBody.fromString("x"))
                    .versionId();
            refused(
                    () -> s3.deleteObject(
                            request -> request.bucket(bucket).key("k").versionId(version)),
                    "Mfa Authentication must be used for this request");
            iam.createUser(request -> request.userName("bob"));
            iam.attachUserPolicy(
                    request -> request.userName("bob").policyArn("arn:aws:iam::aws:policy/AdministratorAccess"));
            AccessKey key =
                    iam.createAccessKey(request -> request.userName("bob")).accessKey();
            String next = token.code();
            try (Clients bob = new Clients(endpoint, key.accessKeyId(), key.secretAccessKey())) {
                S3Client his = bob.s3();
                refused(
                        () -> his.deleteObject(request -> request.bucket(bucket)
                                .key("k")
                                .versionId(version)
                                .mfa(next)),
                        "This operation may only be performed by the bucket owner");
            }
            s3.deleteObject(request ->
                    request.bucket(bucket).key("k").versionId(version).mfa(next));
            assertThat(s3.listObjectVersions(request -> request.bucket(bucket)).versions())
                    .isEmpty();
        }
    }

    /** A virtual device of the root user. */
    private record Device(String serial, byte[] seed, long step) {
        static Device enabled(IamClient iam, String account, String name) {
            VirtualMFADevice made = iam.createVirtualMFADevice(request -> request.virtualMFADeviceName(name))
                    .virtualMFADevice();
            byte[] seed = MfaDeleteTest.seed(made.base32StringSeed().asString(StandardCharsets.US_ASCII));
            long step = Instant.now().getEpochSecond() / STEP_SECONDS;
            iam.enableMFADevice(request -> request.userName(account)
                    .serialNumber(made.serialNumber())
                    .authenticationCode1(totp(seed, step - 2))
                    .authenticationCode2(totp(seed, step - 1)));
            return new Device(made.serialNumber(), seed, step);
        }

        /** The first code after those that enabled it, as the header has it. */
        String code() {
            return serial + " " + totp(seed, step);
        }
    }

    private void versioning(S3Client s3, @org.jspecify.annotations.Nullable String mfa) {
        s3.putBucketVersioning(request -> request.bucket(bucket)
                .mfa(mfa)
                .versioningConfiguration(
                        v -> v.status(BucketVersioningStatus.ENABLED).mfaDelete(MFADelete.ENABLED)));
    }

    private static void refused(Runnable call, String message) {
        S3Exception refused = catchThrowableOfType(S3Exception.class, call::run);
        assertThat(refused.awsErrorDetails().errorCode()).isEqualTo("AccessDenied");
        assertThat(refused.awsErrorDetails().errorMessage()).isEqualTo(message);
    }

    private static byte[] seed(String text) {
        byte[] out = new byte[text.length() * 5 / 8];
        int bits = 0;
        int held = 0;
        int at = 0;
        for (char c : text.toCharArray()) {
            held = held << 5 | BASE32.indexOf(c);
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                out[at++] = (byte) (held >> bits);
            }
        }
        return out;
    }

    /** RFC 6238 with its defaults. */
    private static String totp(byte[] seed, long step) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(seed, "HmacSHA1"));
            byte[] hash = mac.doFinal(ByteBuffer.allocate(8).putLong(step).array());
            int offset = hash[hash.length - 1] & 15;
            int number = ByteBuffer.wrap(hash, offset, 4).getInt() & 0x7fffffff;
            return "%06d".formatted(number % 1_000_000);
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
