package dev.haneul.trials.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.Accounts;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A script beside these tests that uses servers with stock clients, in an account of its own. */
public final class ServerScript {
    private ServerScript() {}

    /**
     * Runs a script to its end.
     *
     * @param end the last line of a script that went through
     */
    static void run(URI endpoint, Path folder, String interpreter, String name, String end)
            throws IOException, InterruptedException {
        run(ServerScript.class, endpoint, folder, List.of(interpreter, name), end, Map.of());
    }

    /**
     * Runs a script that lies beside another class.
     *
     * @param command the interpreter and the script's name
     * @param more variables it sees besides AWS's
     */
    public static void run(
            Class<?> beside, URI endpoint, Path folder, List<String> command, String end, Map<String, String> more)
            throws IOException, InterruptedException {
        assumeTrue(ServerHost.works(), "servers need root, namespaces and networks");
        String name = command.getLast();
        Path script = folder.resolve(name);
        try (InputStream in = beside.getResourceAsStream(name)) {
            Files.copy(Objects.requireNonNull(in), script);
        }
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
        boolean ended = process.waitFor(5, TimeUnit.MINUTES);
        process.destroyForcibly();
        assertThat(ended).as(Files.readString(output)).isTrue();
        assertThat(Files.readString(output)).endsWith(end + "\n");
    }
}
