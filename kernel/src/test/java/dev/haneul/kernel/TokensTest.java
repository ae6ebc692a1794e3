package dev.haneul.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {
    private final Tokens tokens = new Tokens(new byte[32]);

    @Property(tries = 200, seed = "2026")
    void aTokenOpensInItsContextOnly(
            @ForAll @CharRange(from = '\u0000', to = '\ud7ff') String context,
            @ForAll @CharRange(from = '\u0000', to = '\ud7ff') String content) {
        String token = tokens.seal(context, content);
        assertThat(token).matches("[A-Za-z0-9_-]+");
        assertThat(tokens.open(context, token)).contains(content);
        assertThat(tokens.open(context + "x", token)).isEmpty();
        assertThat(new Tokens(new byte[] {1}).open(context, token)).isEmpty();
        assertThat(new Tokens(new byte[32]).open(context, token)).contains(content);
    }

    @Test
    void everyChangedBitIsNoticed() {
        byte[] token = Base64.getUrlDecoder().decode(tokens.seal("c", "next=42"));
        for (int bit = 0; bit < token.length * 8; bit++) {
            byte[] changed = token.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            String text = Base64.getUrlEncoder().withoutPadding().encodeToString(changed);
            assertThat(tokens.open("c", text)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "not base64!", "AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    void whatIsNoTokenDoesNotOpen(String text) {
        assertThat(tokens.open("c", text)).isEmpty();
    }

    @Property(tries = 200, seed = "2026")
    void aTokenShowsNothing(@ForAll @AlphaChars @StringLength(min = 1, max = 50) String content) {
        assertThat(tokens.seal("c", content)).isNotEqualTo(tokens.seal("c", content));
        assertThat(tokens.open("c", "A".repeat(20_000))).isEmpty();
    }

    @Test
    void keysForDifferentPurposesDiffer() {
        assertThat(Tokens.derive(new byte[32], "a"))
                .hasSize(32)
                .isNotEqualTo(Tokens.derive(new byte[32], "b"))
                .isEqualTo(Tokens.derive(new byte[32], "a"));
    }
}
