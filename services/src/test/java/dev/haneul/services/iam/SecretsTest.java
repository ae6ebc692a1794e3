package dev.haneul.services.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.iam.CreateAccessKeyRequest;
import dev.haneul.api.iam.CreateUserRequest;
import dev.haneul.api.iam.CreateVirtualMFADeviceRequest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SecretsTest {
    private final Secrets secrets = new Secrets(new byte[32]);

    @Test
    void whatIsSealedOpensWithItsContextAlone() {
        String pem = "-----BEGIN PRIVATE KEY-----\n" + "abcdefgh\n".repeat(1800);
        String sealed = secrets.seal("one", pem);
        assertThat(sealed).doesNotContain("PRIVATE");
        assertThat(secrets.open("one", sealed)).isEqualTo(pem);
        assertThatThrownBy(() -> secrets.open("two", sealed)).isInstanceOf(IllegalStateException.class);
        assertThat(secrets.open("one", "kept in clear before")).isEqualTo("kept in clear before");
    }

    @Test
    void nothingThatOpensDoorsLiesOpenInTheStore() {
        try (IamRig rig = new IamRig()) {
            rig.iam.createUser(new CreateUserRequest().userName("bob"), rig.root());
            String secret = rig.iam
                    .createAccessKey(new CreateAccessKeyRequest().userName("bob"), rig.root())
                    .accessKey()
                    .secretAccessKey();
            byte[] seed = rig.iam
                    .createVirtualMFADevice(
                            new CreateVirtualMFADeviceRequest().virtualMFADeviceName("phone"), rig.root())
                    .virtualMFADevice()
                    .base32StringSeed();
            String kept =
                    rig.state.read(tx -> tx.range(IamTables.ACCESS_KEYS, IamTables.scope(IamRig.ACCOUNT), "", null, 10)
                                    .getFirst()
                                    .value()
                                    .secret()
                            + tx.range(CredentialTables.MFA_DEVICES, IamTables.scope(IamRig.ACCOUNT), "", null, 10)
                                    .getFirst()
                                    .value()
                                    .seed());
            assertThat(kept).doesNotContain(secret).doesNotContain(new String(seed, StandardCharsets.US_ASCII));
        }
    }
}
