package dev.haneul.kernel.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SigningKeyTest {
    /** The example of AWS's "Authenticating Requests: Using Query Parameters". */
    private static final SigningKey KEY =
            SigningKey.derive("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524", "us-east-1", "s3");

    private static final String STRING_TO_SIGN = """
            AWS4-HMAC-SHA256
            20130524T000000Z
            20130524/us-east-1/s3/aws4_request
            3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04""";

    private static final String SIGNATURE = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

    @Test
    void signsAsTheDocumentedExample() {
        assertThat(KEY.signature(STRING_TO_SIGN)).isEqualTo(SIGNATURE);
    }

    @Test
    void signsTheSameForManyThreadsAtOnce() {
        assertThat(IntStream.range(0, 2000).parallel().mapToObj(_ -> KEY.signature(STRING_TO_SIGN)))
                .containsOnly(SIGNATURE);
    }

    @Test
    void verifiesOnlyItsOwnSignature() {
        assertThat(KEY.verifies(STRING_TO_SIGN, SIGNATURE)).isTrue();
        assertThat(KEY.verifies(STRING_TO_SIGN, SIGNATURE.replace('a', 'b'))).isFalse();
        assertThat(KEY.verifies(STRING_TO_SIGN, "")).isFalse();
        assertThat(KEY.verifies(STRING_TO_SIGN + " ", SIGNATURE)).isFalse();
    }
}
