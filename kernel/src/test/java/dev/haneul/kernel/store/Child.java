package dev.haneul.kernel.store;

import dev.haneul.kernel.files.FileTrees;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A JVM of its own for a main class of the tests, to be killed. */
final class Child implements AutoCloseable {
    private final Process process;
    private final Path scratch;
    private final BufferedReader out;

    private Child(Process process, Path scratch) {
        this.process = process;
        this.scratch = scratch;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static Child start(Class<?> main, String... arguments) throws IOException {
        Path scratch = Files.createTempDirectory("haneul-child"); // a killed JVM does not clear its own away
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.sqlite.tmpdir=" + scratch,
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new Child(process, scratch);
    }

    long pid() {
        return process.pid();
    }

    /** The next line it tells; null at its end. */
    @Nullable
    String line() throws IOException {
        return out.readLine();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
    }

    /** Lets it run until it has told this many lines, then kills it; answers all lines it told. */
    List<String> runAndKill(int enough) throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>();
        for (String line = line(); line != null; line = line()) {
            lines.add(line);
            if (lines.size() == enough) {
                // Not through the process: that would close its output, which may hold lines yet.
                process.toHandle().destroyForcibly();
            }
        }
        if (lines.size() < enough) {
            throw new IOException("the child ended with " + process.waitFor());
        }
        return lines;
    }

    int waitFor() throws InterruptedException {
        return process.waitFor();
    }

    @Override
    public void close() throws InterruptedException, IOException {
        kill();
        out.close();
        FileTrees.delete(scratch);
    }
}
