package dev.haneul.trials;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * What a script of stock clients came to, that ran against a region in an account of its own.
 *
 * @param text what it printed, both outputs together
 */
public record ClientScript(int code, String text) {
    /** Puts files that lie beside a class into a folder. */
    public static void lay(Class<?> beside, Path folder, String... names) throws IOException {
        for (String each : names) {
            try (InputStream in = beside.getResourceAsStream(each)) {
                Files.copy(Objects.requireNonNull(in), folder.resolve(each), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /**
     * Runs a script that lies beside a class, in a folder, where {@code output} stays; fails where it does not end in time.
     *
     * @param command the interpreter and the script's name
     * @param more variables it sees besides AWS's
     */
    public static ClientScript run(
            Class<?> beside, URI endpoint, Path folder, List<String> command, Map<String, String> more, Duration limit)
            throws IOException, InterruptedException {
        lay(beside, folder, command.getLast());
        Path script = folder.resolve(command.getLast());
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command.getFirst(), script.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(variable -> variable.startsWith("AWS_"));
        environment.put("AWS_ENDPOINT_URL", endpoint.toString());
        environment.put("AWS_ACCESS_KEY_ID", Accounts.fresh());
        environment.put("AWS_SECRET_ACCESS_KEY", "test");
        environment.put("AWS_DEFAULT_REGION", "us-east-1");
        environment.put("AWS_PAGER", "");
        environment.putAll(more);
        Process process = builder.start();
        boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        process.destroyForcibly();
        String text = Files.readString(output);
        assertThat(ended).as(text).isTrue();
        return new ClientScript(process.exitValue(), text);
    }
}
