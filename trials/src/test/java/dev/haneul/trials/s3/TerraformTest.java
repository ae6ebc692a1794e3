package dev.haneul.trials.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.SharedRegion;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Terraform makes a bucket with everything a bucket can have, finds nothing to change, and takes it away again. */
@ExtendWith(SharedRegion.class)
class TerraformTest {
    private static final int TIMEOUT_SECONDS = 180;

    /** A plan's exit code where there is nothing to change. */
    private static final int CLEAN = 0;

    @TempDir
    Path folder;

    @Test
    void bucketWithEverySubResource(URI endpoint) throws Exception {
        Path plugins = plugins();
        boolean there = plugins != null && terraformIsThere();
        assumeTrue(there || "true".equals(System.getenv("CI")), "terraform and its AWS provider are not installed");
        assertThat(there).as("terraform and its AWS provider are installed").isTrue();
        try (InputStream source = Objects.requireNonNull(getClass().getResourceAsStream("bucket.tf"))) {
            Files.copy(source, folder.resolve("main.tf"));
        }
        if (Boolean.getBoolean("haneul.soak")) {
            // The provider watches a lifecycle for a minute before it believes in it.
            try (InputStream source = Objects.requireNonNull(getClass().getResourceAsStream("lifecycle.tf"))) {
                Files.copy(source, folder.resolve("lifecycle.tf"));
            }
        }
        Files.writeString(folder.resolve("terraform.tfvars"), "endpoint = \"" + endpoint + "\"\n");

        run(CLEAN, "init", "-plugin-dir=" + plugins);
        run(CLEAN, "apply", "-auto-approve", "-parallelism=10");
        run(CLEAN, "plan", "-detailed-exitcode");
        run(CLEAN, "destroy", "-auto-approve");
    }

    private void run(int exit, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("terraform"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-no-color", "-input=false"));
        Path log = folder.resolve(arguments[0] + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("CHECKPOINT_DISABLE", "1");
        builder.environment().remove("TF_CLI_CONFIG_FILE");
        Process process = builder.start();
        try {
            boolean ended = process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            String output = Files.readString(log, StandardCharsets.UTF_8);
            assertThat(ended).as(output).isTrue();
            assertThat(process.exitValue()).as(output).isEqualTo(exit);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static boolean terraformIsThere() {
        return Stream.of(String.valueOf(System.getenv("PATH")).split(":"))
                .anyMatch(entry -> Files.isExecutable(Path.of(entry, "terraform")));
    }

    /** Where providers were laid out beforehand, null where they were not. */
    private static @Nullable Path plugins() {
        return Stream.of(
                        String.valueOf(System.getenv("TF_PLUGINS")),
                        System.getProperty("user.home") + "/.terraform.d/plugins",
                        "/usr/local/share/terraform/plugins",
                        "/usr/share/terraform/plugins",
                        "/opt/tf-plugins")
                .map(Path::of)
                .filter(path -> Files.isDirectory(path.resolve("registry.terraform.io/hashicorp/aws")))
                .findFirst()
                .orElse(null);
    }
}
