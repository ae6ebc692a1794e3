package dev.haneul.trials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Terraform with its AWS provider, where they are installed beforehand; in CI they must be. */
public final class Terraform {
    private static final int TIMEOUT_SECONDS = 180;

    /** A plan's exit code where there is nothing to change. */
    private static final int CLEAN = 0;

    private final Path folder;
    private final Path plugins;

    /**
     * Lays out a configuration.
     *
     * @param of whose resources the files are
     * @param files of the configuration
     * @param variables the content of {@code terraform.tfvars}
     */
    public Terraform(Path folder, Class<?> of, List<String> files, String variables) throws IOException {
        this.folder = folder;
        Path found = found();
        boolean there = found != null && executable();
        assumeTrue(there || "true".equals(System.getenv("CI")), "terraform and its AWS provider are not installed");
        assertThat(there).as("terraform and its AWS provider are installed").isTrue();
        plugins = Objects.requireNonNull(found);
        for (String file : files) {
            try (InputStream source = Objects.requireNonNull(of.getResourceAsStream(file))) {
                Files.copy(source, folder.resolve(file));
            }
        }
        Files.writeString(folder.resolve("terraform.tfvars"), variables);
    }

    /** Makes everything, finds nothing to change, and takes it away again. */
    public void makeFindAndTakeAway() throws IOException, InterruptedException {
        run("init", "-plugin-dir=" + plugins);
        run("apply", "-auto-approve", "-parallelism=20");
        run("plan", "-detailed-exitcode");
        run("destroy", "-auto-approve", "-parallelism=20");
    }

    private void run(String... arguments) throws IOException, InterruptedException {
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
            assertThat(process.exitValue()).as(output).isEqualTo(CLEAN);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static boolean executable() {
        return Stream.of(String.valueOf(System.getenv("PATH")).split(":"))
                .anyMatch(entry -> Files.isExecutable(Path.of(entry, "terraform")));
    }

    /** Where providers were laid out beforehand, null where they were not. */
    private static @Nullable Path found() {
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
