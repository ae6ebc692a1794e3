package dev.haneul.kernel.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Principal;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
    @ParameterizedTest
    @ValueSource(strings = {"000000000000", "000000000001", "123456789012", "999999999999", "888888888887"})
    void aKeyIdTellsItsAccount(String account) {
        Random random = new Random(7);
        for (int i = 0; i < 100; i++) {
            String id = AccessKeyIds.make(AccessKeyIds.SESSION, account, random);
            assertThat(id).matches("ASIA[A-Z2-7]{16}");
            assertThat(AccessKeyIds.account(id)).contains(account);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "test", "AKIA", "AKIA0123456789012345", "AKIA7777777777777777", "AKIAAAAAAAAAAAAAAAAA"})
    void whatIsNoKeyIdOfOursTellsNone(String id) {
        assertThat(AccessKeyIds.account(id)).isEmpty();
    }

    @Test
    void onLoopbackTheWellKnownKeysAreRoots() {
        Credentials keys = RootKeys.loopback();
        assertThat(keys.find("test", null).orElseThrow().principal()).isEqualTo(Principal.root("000000000000", "test"));
        assertThat(keys.find("222222222222", null).orElseThrow().principal().arn())
                .isEqualTo("arn:aws:iam::222222222222:root");
        assertThat(keys.find("22222222222", null)).isEmpty();
        assertThat(keys.find("AKIAIOSFODNN7EXAMPLE", null)).isEmpty();
    }

    @Test
    void elsewhereOnlyGeneratedKeysAre() {
        Credentials keys = RootKeys.generated("AKIAX", "secret", "123456789012");
        assertThat(keys.find("test", null)).isEmpty();
        assertThat(keys.find("123456789012", null)).isEmpty();
        assertThat(keys.find("AKIAX", null).orElseThrow().secretKey()).isEqualTo("secret");
        assertThat(Credentials.firstOf(List.of(keys, RootKeys.loopback())).find("test", null))
                .isPresent();
    }
}
