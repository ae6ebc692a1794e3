package dev.haneul.trials.ecr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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

/** Registries, to the AWS CLI, skopeo and podman as they come, and functions made of what these push. */
@ExtendWith(SharedRegion.class)
class RegistryTest {
    private final URI endpoint;

    RegistryTest(URI endpoint) {
        this.endpoint = endpoint;
    }

    @Test
    void stockClientsPushAndPullTheSameBytes(@TempDir Path folder) throws Exception {
        assertThat(run("images.sh", folder)).contains("ALL IDENTICAL");
    }

    @Test
    void aFunctionRunsTheImageThatWasPushed(@TempDir Path folder) throws Exception {
        assumeTrue(
                System.getProperty("user.name").equals("root") && Files.isExecutable(Path.of("/usr/bin/bwrap")),
                "images need a root of their own");
        assertThat(run("function.sh", folder)).contains("ALL ANSWERED");
    }

    private String run(String name, Path folder) throws Exception {
        Path script = folder.resolve(name);
        try (InputStream in = RegistryTest.class.getResourceAsStream(name)) {
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
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }
}
