package dev.haneul.storage;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own for a main class of the tests, to be killed. */
final class Child {
    private Child() {}

    /** Starts, waits for the first line, lets it run this long, kills it with SIGKILL; answers all lines it told. */
    static List<String> runAndKill(Class<?> main, long millis, String... arguments) throws Exception {
        Process process = start(main, arguments);
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            List<String> lines = new ArrayList<>();
            String first = out.readLine();
            if (first == null) {
                throw new IOException(main + " ended with " + process.waitFor());
            }
            lines.add(first);
            Thread killer = Thread.ofVirtual().start(() -> {
                try {
                    Thread.sleep(millis);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                // Not through the process: that would close its output, which may hold lines yet.
                process.toHandle().destroyForcibly();
            });
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
            }
            killer.join();
            return lines;
        } finally {
            process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
        }
    }

    private static Process start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
