package dev.haneul.services.sns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sns.CheckIfPhoneNumberIsOptedOutInput;
import dev.haneul.api.sns.CreateSMSSandboxPhoneNumberInput;
import dev.haneul.api.sns.ListPhoneNumbersOptedOutInput;
import dev.haneul.api.sns.ListSMSSandboxPhoneNumbersInput;
import dev.haneul.api.sns.OptInPhoneNumberInput;
import dev.haneul.api.sns.PublishInput;
import dev.haneul.api.sns.VerifySMSSandboxPhoneNumberInput;
import dev.haneul.delivery.FakeRegion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Phones that opt out, and in again. */
class PhonesTest {
    private static final String NUMBER = "+15550100";

    @TempDir
    Path path;

    private FakeRegion region;
    private SnsService sns;

    @BeforeEach
    void open() {
        region = new FakeRegion(path);
        sns = new SnsService(region.store, region.clock, region, region.targets(), region.folder);
        sns.join(region.driver);
        region.driver.start();
    }

    @AfterEach
    void close() {
        region.close();
    }

    private List<String> texts() throws IOException {
        Path box = path.resolve("mail").resolve(NUMBER);
        if (!Files.exists(box)) {
            return List.of();
        }
        List<String> texts = new java.util.ArrayList<>();
        try (Stream<Path> files = Files.list(box)) {
            for (Path each : files.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList()) {
                texts.add(Files.readString(each));
            }
        }
        return texts;
    }

    private void publish(String text) {
        sns.publish(new PublishInput().phoneNumber(NUMBER).message(text), region.call());
        region.clock.advance(Duration.ofSeconds(1));
    }

    private void stop() throws IOException {
        Files.writeString(path.resolve("mail").resolve(NUMBER).resolve("STOP"), "");
    }

    private boolean optedOut() {
        return Boolean.TRUE.equals(sns.checkIfPhoneNumberIsOptedOut(
                        new CheckIfPhoneNumberIsOptedOutInput().phoneNumber(NUMBER), region.call())
                .isOptedOut());
    }

    @Test
    void whoAnswersStopGetsNothingUntilHeIsOptedIn() throws Exception {
        publish("a");
        assertThat(optedOut()).isFalse();
        stop();
        publish("b");
        assertThat(texts()).containsExactly("a");
        assertThat(optedOut()).isTrue();
        assertThat(sns.listPhoneNumbersOptedOut(new ListPhoneNumbersOptedOutInput(), region.call())
                        .phoneNumbers())
                .containsExactly(NUMBER);
        OptInPhoneNumberInput again = new OptInPhoneNumberInput().phoneNumber(NUMBER);
        sns.optInPhoneNumber(again, region.call());
        publish("c");
        assertThat(texts()).containsExactly("a", "c");
        stop();
        assertThatThrownBy(() -> sns.optInPhoneNumber(again, region.call()))
                .isInstanceOf(Fault.class)
                .hasMessageContaining("within the last 30 days");
        region.clock.advance(Duration.ofDays(30).plusSeconds(1));
        sns.optInPhoneNumber(again, region.call());
        assertThat(optedOut()).isFalse();
    }

    @Test
    void aSandboxNumberIsVerifiedByThePasswordItWasSent() throws Exception {
        sns.createSMSSandboxPhoneNumber(new CreateSMSSandboxPhoneNumberInput().phoneNumber(NUMBER), region.call());
        String text = texts().getFirst();
        String password = text.substring(text.length() - 6);
        sns.verifySMSSandboxPhoneNumber(
                new VerifySMSSandboxPhoneNumberInput().phoneNumber(NUMBER).oneTimePassword(password), region.call());
        assertThat(sns.listSMSSandboxPhoneNumbers(new ListSMSSandboxPhoneNumbersInput(), region.call())
                        .phoneNumbers())
                .singleElement()
                .satisfies(each -> assertThat(each.status()).isEqualTo("Verified"));
    }
}
