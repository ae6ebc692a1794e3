package dev.haneul.trials.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.ClientScript;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Alarms' mute rules, to the AWS CLI. */
@ExtendWith(SharedRegion.class)
class MuteRulesTest {
    private final URI endpoint;

    MuteRulesTest(URI endpoint) {
        this.endpoint = endpoint;
    }

    @Test
    void aMutedAlarmTellsOnceItsRuleIsGone(@TempDir Path folder) throws Exception {
        ClientScript ran = ClientScript.run(
                MuteRulesTest.class, endpoint, folder, List.of("bash", "mutes.sh"), Map.of(), Duration.ofMinutes(3));
        assertThat(ran.text()).contains("MUTED AND TOLD");
        assertThat(ran.code()).as(ran.text()).isZero();
    }
}
