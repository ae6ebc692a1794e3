package dev.haneul.storage;

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

/** A JVM of its own for a main class of the tests, to be killed. */
final class Child {
    private Child() {}

    /** Lets it run until it has told this many lines, then kills it with SIGKILL; answers all lines it told. */
    static List<String> runAndKill(Class<?> main, int enough, String... arguments) throws Exception {
        Path scratch = Files.createTempDirectory("haneul-child"); // a killed JVM does not clear its own away
        Process process = start(main, scratch, arguments);
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            List<String> lines = new ArrayList<>();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
                if (lines.size() == enough) {
                    // Not through the process: that would close its output, which may hold lines yet.
                    process.toHandle().destroyForcibly();
                }
            }
            if (lines.size() < enough) {
                throw new IOException(main + " ended with " + process.waitFor());
            }
            return lines;
        } finally {
            process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
            FileTrees.delete(scratch);
        }
    }

    private static Process start(Class<?> main, Path scratch, String... arguments) throws IOException {
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
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
