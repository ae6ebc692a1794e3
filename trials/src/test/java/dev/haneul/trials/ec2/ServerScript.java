package dev.haneul.trials.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.ClientScript;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

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
        ClientScript ran = ClientScript.run(beside, endpoint, folder, command, more, Duration.ofMinutes(5));
        assertThat(ran.text()).endsWith(end + "\n");
    }
}
