package dev.haneul.trials.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.trials.Clients;
import dev.haneul.trials.LaunchedRegion;
import dev.haneul.trials.LaunchedRegion.Outcome;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.iam.model.AccessKey;
import software.amazon.awssdk.services.sts.model.Credentials;

/** Regions of their own: one whose permissions are off and whose time is moved on. */
class ClockAndSwitchTest {
    private static String code(Runnable call) {
        AwsServiceException refused = catchThrowableOfType(AwsServiceException.class, call::run);
        assertThat(refused).as("refused").isNotNull();
        return refused.awsErrorDetails().errorCode();
    }

    @Test
    void withPermissionsOffEverySignedCallPassesAndSessionsStillExpire() throws Exception {
        try (LaunchedRegion region = new LaunchedRegion()) {
            Outcome up = region.command("up", "--iam", "off");
            assertThat(up.code()).as(up.text()).isZero();
            assertThat(up.text()).contains("PERMISSIONS ARE OFF");
            assertThat(region.command("status").text()).contains("PERMISSIONS ARE OFF");
            try (Clients root = Clients.root(region.endpoint())) {
                root.iam().createUser(request -> request.userName("bob"));
                AccessKey key = root.iam()
                        .createAccessKey(request -> request.userName("bob"))
                        .accessKey();
                everythingPasses(region, key);
                sessionsExpire(region, key);
            }
        }
    }

    private static void everythingPasses(LaunchedRegion region, AccessKey key) throws Exception {
        try (Clients bob = new Clients(region.endpoint(), key.accessKeyId(), key.secretAccessKey());
                Clients forger = new Clients(region.endpoint(), key.accessKeyId(), "not-the-secret")) {
            assertThat(bob.iam().listUsers().users()).hasSize(1);
            bob.s3().createBucket(request -> request.bucket("anybody"));
            assertThat(bob.lambda().listFunctions().functions()).isEmpty();
            assertThat(code(() -> forger.s3().listBuckets())).isEqualTo("SignatureDoesNotMatch");
            assertThat(code(() -> forger.sts().getCallerIdentity())).isEqualTo("SignatureDoesNotMatch");
        }
    }

    private static void sessionsExpire(LaunchedRegion region, AccessKey key) throws Exception {
        try (Clients bob = new Clients(region.endpoint(), key.accessKeyId(), key.secretAccessKey())) {
            Credentials session = bob.sts()
                    .getSessionToken(request -> request.durationSeconds(900))
                    .credentials();
            try (Clients clients = new Clients(
                    region.endpoint(), session.accessKeyId(), session.secretAccessKey(), session.sessionToken())) {
                clients.sts().getCallerIdentity();
                clients.s3().listBuckets();
                assertThat(region.command("clock", "advance", "2h").code()).isZero();
                assertThat(code(() -> clients.sts().getCallerIdentity())).isEqualTo("ExpiredToken");
                assertThat(code(() -> clients.s3().listBuckets())).isEqualTo("ExpiredToken");
                assertThat(code(() -> clients.lambda().listFunctions())).isEqualTo("ExpiredTokenException");
                bob.s3().listBuckets();
            }
        }
    }
}
