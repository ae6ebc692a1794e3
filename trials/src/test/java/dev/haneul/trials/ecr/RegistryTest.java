package dev.haneul.trials.ecr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.ClientScript;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
        ClientScript ran = ClientScript.run(
                RegistryTest.class, endpoint, folder, List.of("bash", name), Map.of(), Duration.ofMinutes(3));
        assertThat(ran.code()).as(ran.text()).isZero();
        return ran.text();
    }
}
