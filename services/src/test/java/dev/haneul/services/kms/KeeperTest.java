package dev.haneul.services.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.kms.CreateKeyRequest;
import dev.haneul.api.kms.DecryptRequest;
import dev.haneul.api.kms.DescribeKeyRequest;
import dev.haneul.api.kms.EnableKeyRotationRequest;
import dev.haneul.api.kms.EncryptRequest;
import dev.haneul.api.kms.GetKeyRotationStatusRequest;
import dev.haneul.api.kms.KmsClient;
import dev.haneul.api.kms.ListKeyRotationsRequest;
import dev.haneul.api.kms.ScheduleKeyDeletionRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens to keys at a moment: yearly rotation, deletion after its window. */
class KeeperTest {
    private static final String ACCOUNT = "111122223333";
    private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

    private final DataFolder folder = DataFolder.temporary();
    private final SqliteStore store = SqliteStore.open(folder);
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-03-04T05:06:07Z"));
    private final ReconcileDriver driver = new ReconcileDriver(store.feed(), clock, new Random(1));
    private final Dispatcher dispatcher =
            new Dispatcher((operation, input, call) -> {}, (operation, input, output, call, fault) -> {});
    private final KmsClient kms = new KmsClient(dispatcher);

    @BeforeEach
    void open() {
        KmsService service = new KmsService(store, clock, folder.key(), (operation, input, call) -> {});
        dispatcher.add(service);
        service.join(driver);
        driver.start();
        clock.settleWith(() -> driver.awaitIdle(Duration.ofSeconds(10)));
    }

    @AfterEach
    void close() {
        clock.settleWith(() -> {});
        driver.close();
        store.close();
        folder.close();
    }

    private static Call call() {
        return new Call(
                Principal.root(ACCOUNT, "test"),
                ACCOUNT,
                "us-east-1",
                "r-1",
                Instant.MAX,
                new Call.Origin("127.0.0.1", "test", false, "http://localhost", Map.of()));
    }

    private void pass(Duration time) {
        clock.advance(time);
        assertThat(driver.awaitIdle(Duration.ofSeconds(10))).isTrue();
    }

    private String key() {
        return kms.createKey(new CreateKeyRequest(), call()).keyMetadata().keyId();
    }

    @Test
    void aKeyRotatesEachYearAndOpensWhatItSealedBefore() {
        String key = key();
        byte[] sealed = kms.encrypt(new EncryptRequest().keyId(key).plaintext(TEXT), call())
                .ciphertextBlob();
        kms.enableKeyRotation(new EnableKeyRotationRequest().keyId(key), call());
        assertThat(kms.getKeyRotationStatus(new GetKeyRotationStatusRequest().keyId(key), call())
                        .nextRotationDate())
                .isEqualTo("2027-03-04T05:06:07Z");
        pass(Duration.ofDays(364));
        assertThat(rotations(key)).isZero();
        pass(Duration.ofDays(2));
        assertThat(rotations(key)).isEqualTo(1);
        pass(Duration.ofDays(366));
        assertThat(rotations(key)).isEqualTo(2);
        assertThat(kms.decrypt(new DecryptRequest().ciphertextBlob(sealed), call())
                        .plaintext())
                .isEqualTo(TEXT);
    }

    private int rotations(String key) {
        return kms.listKeyRotations(new ListKeyRotationsRequest().keyId(key), call())
                .rotations()
                .size();
    }

    @Test
    void aKeyIsGoneAfterItsWindow() {
        String key = key();
        byte[] sealed = kms.encrypt(new EncryptRequest().keyId(key).plaintext(TEXT), call())
                .ciphertextBlob();
        var scheduled = kms.scheduleKeyDeletion(
                new ScheduleKeyDeletionRequest().keyId(key).pendingWindowInDays(7), call());
        assertThat(scheduled.deletionDate()).isEqualTo("2026-03-11T05:06:07Z");
        pass(Duration.ofDays(6));
        assertThat(kms.describeKey(new DescribeKeyRequest().keyId(key), call())
                        .keyMetadata()
                        .keyState())
                .isEqualTo("PendingDeletion");
        pass(Duration.ofDays(2));
        assertThatThrownBy(() -> kms.describeKey(new DescribeKeyRequest().keyId(key), call()))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("NotFoundException"));
        assertThatThrownBy(() -> kms.decrypt(new DecryptRequest().ciphertextBlob(sealed), call()))
                .isInstanceOf(Fault.class);
    }
}
