package dev.haneul.trials.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.DecodeHintType;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.AccessKey;
import software.amazon.awssdk.services.iam.model.AssignmentStatusType;
import software.amazon.awssdk.services.iam.model.VirtualMFADevice;
import software.amazon.awssdk.services.sts.model.Credentials;

/** A phone with an authenticator: enabled, asked for, set anew and taken away. */
@ExtendWith(SharedRegion.class)
class SecondFactorTest {
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final IamClient iam;
    private final List<AutoCloseable> open = new ArrayList<>();

    SecondFactorTest(URI endpoint) {
        this.endpoint = endpoint;
        Clients root = new Clients(endpoint, account, "test");
        this.iam = root.iam();
        open.add(root);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private Clients clients(String id, String secret, String token) {
        Clients clients = new Clients(endpoint, id, secret, token);
        open.add(clients);
        return clients;
    }

    private static String code(Runnable call) {
        AwsServiceException refused = catchThrowableOfType(AwsServiceException.class, call::run);
        assertThat(refused).as("refused").isNotNull();
        return refused.awsErrorDetails().errorCode();
    }

    private VirtualMFADevice phone() {
        return iam.createVirtualMFADevice(request -> request.virtualMFADeviceName("phone")
                        .tags(tag -> tag.key("model").value("x")))
                .virtualMFADevice();
    }

    private static byte[] seed(VirtualMFADevice device) {
        String text = device.base32StringSeed().asString(StandardCharsets.US_ASCII);
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
    private static String totp(byte[] seed, long step) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(seed, "HmacSHA1"));
        byte[] hash = mac.doFinal(ByteBuffer.allocate(8).putLong(step).array());
        int offset = hash[hash.length - 1] & 15;
        int number = ByteBuffer.wrap(hash, offset, 4).getInt() & 0x7fffffff;
        return "%06d".formatted(number % 1_000_000);
    }

    private static long step() {
        return Instant.now().getEpochSecond() / 30;
    }

    @Test
    void theQrCodeHoldsTheSeed() throws Exception {
        VirtualMFADevice device = phone();
        BufferedImage image =
                ImageIO.read(new ByteArrayInputStream(device.qrCodePNG().asByteArray()));
        int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        BinaryBitmap bits = new BinaryBitmap(
                new HybridBinarizer(new RGBLuminanceSource(image.getWidth(), image.getHeight(), pixels)));
        // The reader's search for a code in a photograph loses about one in fifty faultless pictures of codes.
        Map<DecodeHintType, ?> drawn = Map.of(DecodeHintType.PURE_BARCODE, true);
        String text = new QRCodeReader().decode(bits, drawn).getText();
        assertThat(text)
                .startsWith("otpauth://totp/Amazon%20Web%20Services:phone@" + account + "?secret=")
                .contains(device.base32StringSeed().asString(StandardCharsets.US_ASCII));
    }

    @Test
    void aDeviceIsEnabledListedSetAnewAndTakenAway() throws Exception {
        iam.createUser(request -> request.userName("bob"));
        VirtualMFADevice device = phone();
        String serial = device.serialNumber();
        assertThat(serial).isEqualTo("arn:aws:iam::" + account + ":mfa/phone");
        byte[] seed = seed(device);
        long step = step();
        assertThat(code(() -> iam.enableMFADevice(request -> request.userName("bob")
                        .serialNumber(serial)
                        .authenticationCode1("000000")
                        .authenticationCode2("000001"))))
                .isEqualTo("InvalidAuthenticationCode");
        String first = totp(seed, step - 1);
        String second = totp(seed, step);
        iam.enableMFADevice(request -> request.userName("bob")
                .serialNumber(serial)
                .authenticationCode1(first)
                .authenticationCode2(second));
        assertThat(iam.listMFADevices(request -> request.userName("bob")).mfaDevices())
                .extracting(each -> each.serialNumber())
                .containsExactly(serial);
        assertThat(iam.listVirtualMFADevices(request -> request.assignmentStatus(AssignmentStatusType.ASSIGNED))
                        .virtualMFADevices()
                        .getFirst()
                        .user()
                        .userName())
                .isEqualTo("bob");
        assertThat(iam.getMFADevice(request -> request.serialNumber(serial)).userName())
                .isEqualTo("bob");
        assertThat(iam.listMFADeviceTags(request -> request.serialNumber(serial))
                        .tags())
                .hasSize(1);
        iam.tagMFADevice(request ->
                request.serialNumber(serial).tags(tag -> tag.key("colour").value("blue")));
        iam.untagMFADevice(request -> request.serialNumber(serial).tagKeys("model"));
        assertThat(iam.listMFADeviceTags(request -> request.serialNumber(serial))
                        .tags())
                .extracting(each -> each.key())
                .containsExactly("colour");
        String later = totp(seed, step + 5);
        String latest = totp(seed, step + 6);
        iam.resyncMFADevice(request -> request.userName("bob")
                .serialNumber(serial)
                .authenticationCode1(later)
                .authenticationCode2(latest));
        assertThat(code(() -> iam.deleteVirtualMFADevice(request -> request.serialNumber(serial))))
                .isEqualTo("DeleteConflict");
        assertThat(code(() -> iam.deleteUser(request -> request.userName("bob"))))
                .isEqualTo("DeleteConflict");
        iam.deactivateMFADevice(request -> request.userName("bob").serialNumber(serial));
        assertThat(iam.listMFADevices(request -> request.userName("bob")).mfaDevices())
                .isEmpty();
        iam.deleteVirtualMFADevice(request -> request.serialNumber(serial));
        assertThat(iam.listVirtualMFADevices().virtualMFADevices()).isEmpty();
    }

    @Test
    void aSessionWithAFactorMayWhatOthersMayNot() throws Exception {
        iam.createUser(request -> request.userName("bob"));
        iam.putUserPolicy(request -> request.userName("bob").policyName("p").policyDocument("""
                        {"Version":"2012-10-17","Statement":[
                         {"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*",
                          "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}},
                         {"Effect":"Allow","Action":"lambda:ListFunctions","Resource":"*",
                          "Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}},
                         {"Effect":"Allow","Action":"logs:DescribeLogGroups","Resource":"*",
                          "Condition":{"NumericGreaterThan":{"aws:MultiFactorAuthAge":"3600"}}},
                         {"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}]}"""));
        VirtualMFADevice device = phone();
        byte[] seed = seed(device);
        long step = step();
        String first = totp(seed, step - 1);
        String second = totp(seed, step);
        iam.enableMFADevice(request -> request.userName("bob")
                .serialNumber(device.serialNumber())
                .authenticationCode1(first)
                .authenticationCode2(second));
        AccessKey key = iam.createAccessKey(request -> request.userName("bob")).accessKey();
        Clients bob = clients(key.accessKeyId(), key.secretAccessKey(), null);
        assertThat(code(() -> bob.s3().listBuckets())).isEqualTo("AccessDenied");
        Credentials plain = bob.sts().getSessionToken().credentials();
        Clients without = clients(plain.accessKeyId(), plain.secretAccessKey(), plain.sessionToken());
        assertThat(code(() -> without.s3().listBuckets())).isEqualTo("AccessDenied");
        assertThat(code(() -> without.iam().listUsers())).isEqualTo("InvalidClientTokenId");
        assertThat(code(() -> without.sts().getSessionToken())).isEqualTo("AccessDenied");
        assertThat(code(() -> bob.sts()
                        .getSessionToken(request ->
                                request.serialNumber(device.serialNumber()).tokenCode("000000"))))
                .isEqualTo("AccessDenied");
        String next = totp(seed, step + 1);
        Credentials proven = bob.sts()
                .getSessionToken(
                        request -> request.serialNumber(device.serialNumber()).tokenCode(next))
                .credentials();
        Clients with = clients(proven.accessKeyId(), proven.secretAccessKey(), proven.sessionToken());
        with.s3().listBuckets();
        with.lambda().listFunctions();
        with.iam().listUsers();
        assertThat(code(() -> with.logs().describeLogGroups())).isEqualTo("AccessDeniedException");
        assertThat(with.sts().getCallerIdentity().arn()).isEqualTo("arn:aws:iam::" + account + ":user/bob");
    }
}
