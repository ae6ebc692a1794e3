package dev.haneul.engines.work;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The host's programs. */
public final class Tools {
    public static final String SEARCHED = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final int MOST_OUTPUT_BYTES = 1 << 20;
    private static final int LINE_BYTES = 400;
    private static final long END_SECONDS = 5;

    private Tools() {}

    /**
     * How a program ended.
     *
     * @param code its exit code
     * @param output both outputs as one, its beginning
     */
    public record Outcome(int code, String output) {}

    /** Whether a program is there. */
    public static boolean present(String name) {
        return List.of(SEARCHED.split(":")).stream().anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    }

    /** Runs a program that has to succeed; its last words are in the message where it does not. */
    public static void run(Duration timeout, String... command) throws IOException, InterruptedException {
        var outcome = execute(List.of(command), Map.of(), timeout, line -> {});
        if (outcome.code() != 0) {
            throw new IOException(command[0] + " failed: " + tail(outcome.output()));
        }
    }

    /**
     * Runs a program and waits for it, with both outputs as one.
     *
     * @param progress told each line
     * @throws IOException also where it takes too long: it is killed then
     */
    public static Outcome execute(
            List<String> command, Map<String, String> environment, Duration timeout, Consumer<String> progress)
            throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().put("PATH", SEARCHED);
        builder.environment().put("LC_ALL", "C.UTF-8");
        var process = builder.start();
        process.getOutputStream().close();
        return finish(process, command.getFirst(), timeout, progress);
    }

    /** Waits for a program whose output nobody reads yet. */
    public static Outcome finish(Process process, String name, Duration timeout, Consumer<String> progress)
            throws IOException, InterruptedException {
        var text = new StringBuilder();
        var reader = Thread.ofVirtual().start(() -> read(process.getInputStream(), text, progress));
        try {
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(name + " took longer than " + timeout.toSeconds() + " s");
            }
            // What it left running in the background may hold the output open. (Destroying it would drop what is
            // unread.)
            reader.join(Duration.ofSeconds(END_SECONDS));
        } finally {
            if (process.isAlive()) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            process.getInputStream().close();
        }
        synchronized (text) {
            return new Outcome(process.exitValue(), text.toString());
        }
    }

    private static void read(InputStream from, StringBuilder text, Consumer<String> progress) {
        var line = new StringBuilder();
        var buffer = new byte[8192];
        try {
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                var piece = new String(buffer, 0, count, StandardCharsets.UTF_8);
                synchronized (text) {
                    text.append(piece, 0, Math.min(piece.length(), MOST_OUTPUT_BYTES - text.length()));
                }
                for (char c : piece.toCharArray()) {
                    if (c == '\n' || line.length() >= LINE_BYTES) {
                        progress.accept(line.toString());
                        line.setLength(0);
                    } else {
                        line.append(c);
                    }
                }
            }
        } catch (IOException e) {
            return; // killed meanwhile
        }
    }

    /** The end of what a program said. */
    public static String tail(String output) {
        var text = output.strip();
        return text.substring(Math.max(0, text.length() - 2000));
    }
}
