package dev.haneul.bench;

import java.io.IOException;
import java.util.List;

/** Bare limits: a process started and waited for, with nothing around it. */
final class Bare {
    private Bare() {}

    static int run(List<String> command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    static String java() {
        return System.getProperty("java.home") + "/bin/java";
    }
}
