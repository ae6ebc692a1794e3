package dev.haneul.trials.cloudtrail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.LaunchedRegion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
        Path script = folder.resolve("validate-logs.sh");
        try (InputStream in = ValidateLogsTest.class.getResourceAsStream("validate-logs.sh")) {
            Files.copy(in, script);
        }
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder("bash", script.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("AWS_"));
        environment.put("AWS_ENDPOINT_URL", region.endpoint().toString());
        environment.put("AWS_ACCESS_KEY_ID", Accounts.fresh());
        environment.put("AWS_SECRET_ACCESS_KEY", "test");
        environment.put("AWS_DEFAULT_REGION", "us-east-1");
        environment.put("AWS_PAGER", "");
        environment.put("HANEUL_BUILT", "yes");
        environment.put(
                "HANEUL",
                Path.of(System.getProperty("haneul.launcher", "../haneul"))
                        .toAbsolutePath()
                        .toString());
        environment.put("HANEUL_PORT", "" + region.port());
        environment.put("HANEUL_DATA", region.data().toString());
        Process process = builder.start();
        boolean ended = process.waitFor(3, TimeUnit.MINUTES);
        process.destroyForcibly();
        String text = Files.readString(output);
        assertThat(ended).as(text).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
        assertThat(text).contains("ALL VALIDATED");
    }
}
