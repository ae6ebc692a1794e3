package dev.haneul.services.sqs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The characters a message's body may have: XML's. */
class SendingTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"a", "\t\n\r", " ~\u007f", "\ud7ff\ue000\ufffd", "x\ud83d\ude00y", "\ud800\udc00", "\udbff\udfff"
            })
    void textIsAllowed(String body) {
        assertThat(Sending.allowed(body)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0000",
                "ok\u0001",
                "\u000b",
                "\u001f",
                "\ufffe",
                "x\uffff",
                "\ud83d",
                "\ude00\ud83d",
                "a\ud83db"
            })
    void controlsAndHalfCharactersAreNot(String body) {
        assertThat(Sending.allowed(body)).isFalse();
    }

    @Test
    void everyCharacterIsSeen() {
        for (int at = 0; at < 5; at++) {
            assertThat(Sending.allowed("x".repeat(at) + "\u0000" + "x".repeat(4 - at)))
                    .isFalse();
        }
    }
}
