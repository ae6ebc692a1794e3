package dev.haneul.trials.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.SharedRegion;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Stock clients that move many bytes and many files. */
@ExtendWith(SharedRegion.class)
class S3TransferTest {
    private final URI endpoint;

    S3TransferTest(URI endpoint) {
        this.endpoint = endpoint;
    }

    @Test
    void boto3sTransferManagerGoesThereAndBack(@TempDir Path folder) throws Exception {
        run(folder, "transfer.py", List.of("python3"), Map.of());
    }

    @Test
    @EnabledIfSystemProperty(named = "haneul.soak", matches = "\\d+")
    void boto3sTransferManagerMovesTwoHundredMebibytes(@TempDir Path folder) throws Exception {
        run(folder, "transfer.py", List.of("python3"), Map.of("MIB", "200"));
    }

    @Test
    void eachPutHasItsGet(@TempDir Path folder) throws Exception {
        run(folder, "conformance.py", List.of("python3"), Map.of());
    }

    /** Installs the SDK from npm's registry, so that without npm or a network there is nothing to be tried. */
    @Test
    void theJavaScriptSdkGoesThereAndBack(@TempDir Path folder) throws Exception {
        assumeTrue(isThere("npm") && isThere("node"), "NOT TRIED: node and npm are not installed");
        Process install = new ProcessBuilder(
                        "npm", "install", "--no-audit", "--no-fund", "@aws-sdk/client-s3@3", "@aws-sdk/lib-storage@3")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("npm.log").toFile())
                .start();
        boolean ended = install.waitFor(3, TimeUnit.MINUTES);
        install.destroyForcibly();
        String log = Files.readString(folder.resolve("npm.log"));
        boolean offline = log.contains("ENOTFOUND") || log.contains("EAI_AGAIN") || log.contains("ECONNREFUSED");
        assumeFalse(offline, "NOT TRIED: npm's registry is not reachable");
        assertThat(ended && install.exitValue() == 0).as(log).isTrue();
        run(folder, "transfer.mjs", List.of("node"), Map.of());
    }

    private static boolean isThere(String program) {
        return Stream.of(String.valueOf(System.getenv("PATH")).split(":"))
                .anyMatch(entry -> Files.isExecutable(Path.of(entry, program)));
    }

    @Test
    @EnabledIfSystemProperty(named = "haneul.soak", matches = "\\d+")
    void theAwsCliSyncsATreeOfTenThousandFiles(@TempDir Path folder) throws Exception {
        run(folder, "sync.sh", List.of("bash"), Map.of("FILES", "10000"));
    }

    private void run(Path folder, String script, List<String> interpreter, Map<String, String> settings)
            throws IOException, InterruptedException {
        Path file = folder.resolve(script);
        try (InputStream in = S3TransferTest.class.getResourceAsStream(script)) {
            Files.copy(in, file);
        }
        Path output = folder.resolve("output");
        List<String> command = new ArrayList<>(interpreter);
        command.add(file.toString());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("AWS_"));
        environment.put("AWS_ENDPOINT_URL", endpoint.toString());
        environment.put("AWS_ACCESS_KEY_ID", Accounts.fresh());
        environment.put("AWS_SECRET_ACCESS_KEY", "test");
        environment.put("AWS_DEFAULT_REGION", "us-east-1");
        environment.put("AWS_PAGER", "");
        environment.putAll(settings);
        Process process = builder.start();
        boolean ended = process.waitFor(10, TimeUnit.MINUTES);
        process.destroyForcibly();
        String text = Files.readString(output);
        assertThat(ended).as(text).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
        assertThat(text).containsAnyOf("ALL TRANSFERRED", "ALL GIVEN BACK");
    }
}
