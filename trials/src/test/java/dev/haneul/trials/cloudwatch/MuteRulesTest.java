package dev.haneul.trials.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.SharedRegion;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
        Path script = folder.resolve("mutes.sh");
        try (InputStream in = MuteRulesTest.class.getResourceAsStream("mutes.sh")) {
            Files.copy(in, script);
        }
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder("bash", script.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(each -> each.startsWith("AWS_"));
        environment.put("AWS_ENDPOINT_URL", endpoint.toString());
        environment.put("AWS_ACCESS_KEY_ID", Accounts.fresh());
        environment.put("AWS_SECRET_ACCESS_KEY", "test");
        environment.put("AWS_DEFAULT_REGION", "us-east-1");
        environment.put("AWS_PAGER", "");
        Process process = builder.start();
        boolean ended = process.waitFor(3, TimeUnit.MINUTES);
        process.destroyForcibly();
        String text = Files.readString(output);
        assertThat(ended).as(text).isTrue();
        assertThat(text).contains("MUTED AND TOLD");
        assertThat(process.exitValue()).as(text).isZero();
    }
}
