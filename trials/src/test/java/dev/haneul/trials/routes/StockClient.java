package dev.haneul.trials.routes;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The script that calls operations through botocore, as a process of its own. */
final class StockClient {
    private static final String SCRIPT = "stock_client.py";
    private static final long PATIENCE_SECONDS = 120;

    private StockClient() {}

    /** What this machine's botocore calls itself, null where there is none. */
    static @Nullable String version() throws IOException, InterruptedException {
        Process python;
        try {
            python = new ProcessBuilder("python3", "-c", "import botocore; print(botocore.__version__)")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException noPython) {
            return null;
        }
        String version = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return python.waitFor() == 0 ? version : null;
    }

    /**
     * Calls every operation.
     *
     * @param services folders of botocore's data, each with {@code :PROTOCOL} where it is not the client's own choice
     * @param calls takes each call as the script tells it
     */
    static void run(int port, String pass, List<String> services, Consumer<Map<String, @Nullable Object>> calls)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", "-", Integer.toString(port), pass));
        command.addAll(services);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        // The machine's own settings must not leak in.
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        builder.environment().put("AWS_CONFIG_FILE", "/dev/null");
        builder.environment().put("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        Process python = builder.start();
        try {
            try (OutputStream script = python.getOutputStream();
                    InputStream source = Objects.requireNonNull(StockClient.class.getResourceAsStream(SCRIPT))) {
                source.transferTo(script);
            }
            BufferedReader lines = python.inputReader(StandardCharsets.UTF_8);
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                calls.accept(Json.object(line));
            }
            if (!python.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || python.exitValue() != 0) {
                throw new AssertionError("the stock client's script failed");
            }
        } finally {
            python.destroyForcibly();
        }
    }
}
