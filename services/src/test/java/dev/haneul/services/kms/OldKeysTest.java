package dev.haneul.services.kms;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.services.kms.KmsTables.KeyRow;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Keys as an older release wrote them. */
class OldKeysTest {
    @Test
    void whatStoodSideBySideIsFoundInItsPart() {
        KeyRow row = KmsTables.KEYS.codec().decode(1, """
                {"id":"k","nature":{"spec":"SYMMETRIC_DEFAULT","usage":"ENCRYPT_DECRYPT","origin":"AWS_KMS",
                 "manager":"CUSTOMER","created":"2026-01-01T00:00:00Z","multiRegion":true},"description":"d",
                 "enabled":true,"policy":"{}","tags":{"a":"b"},"primary":"us-east-1","regions":["us-east-1","eu-west-1"],
                 "materials":[{"id":"m","sealed":"s","publicKey":"","from":"2026-01-01T00:00:00Z","rotation":""}],
                 "firstMaterial":"m","schedule":{"rotationDays":365}}
                """.getBytes(StandardCharsets.UTF_8));
        assertThat(row.description()).isEqualTo("d");
        assertThat(row.state()).isEqualTo("Enabled");
        assertThat(row.policy()).isEqualTo("{}");
        assertThat(row.tags()).containsEntry("a", "b");
        assertThat(row.primary()).isEqualTo("us-east-1");
        assertThat(row.regions()).isEqualTo(List.of("us-east-1", "eu-west-1"));
        assertThat(row.firstMaterial()).isEqualTo("m");
        assertThat(row.schedule().rotationDays()).isEqualTo(365);
        KeyRow again = KmsTables.KEYS.codec().decode(2, KmsTables.KEYS.codec().encode(row));
        assertThat(again.state()).isEqualTo("Enabled");
        assertThat(again.enabled(false).state()).isEqualTo("Disabled");
    }
}
