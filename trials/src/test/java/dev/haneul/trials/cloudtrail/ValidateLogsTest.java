package dev.haneul.trials.cloudtrail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.ClientScript;
import dev.haneul.trials.LaunchedRegion;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code aws cloudtrail validate-logs} of the stock CLI, over hours that pass on the region's own clock. */
class ValidateLogsTest {
    @Test
    void theAwsCliFindsEveryFileValidAndSeesAForgery(@TempDir Path folder) throws Exception {
        try (LaunchedRegion region = new LaunchedRegion()) {
            region.up();
            run(region, folder);
        }
    }

    private static void run(LaunchedRegion region, Path folder) throws IOException, InterruptedException {
        Path launcher = Path.of(System.getProperty("haneul.launcher", "../haneul"));
        Map<String, String> own = Map.of(
                "HANEUL_BUILT",
                "yes",
                "HANEUL",
                launcher.toAbsolutePath().toString(),
                "HANEUL_PORT",
                "" + region.port(),
                "HANEUL_DATA",
                region.data().toString());
        ClientScript ran = ClientScript.run(
                ValidateLogsTest.class,
                region.endpoint(),
                folder,
                List.of("bash", "validate-logs.sh"),
                own,
                Duration.ofMinutes(3));
        assertThat(ran.code()).as(ran.text()).isZero();
        assertThat(ran.text()).contains("ALL VALIDATED");
    }
}
