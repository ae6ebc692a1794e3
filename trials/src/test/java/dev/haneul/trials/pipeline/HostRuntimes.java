package dev.haneul.trials.pipeline;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The Lambda runtimes that this machine's interpreters are. */
public final class HostRuntimes {
    private HostRuntimes() {}

    /** e.g. {@code python3.11}. */
    public static String python() {
        return "python" + ask(List.of("/usr/bin/python3", "-c", "import sys;print('%d.%d'%sys.version_info[:2])"));
    }

    /** e.g. {@code nodejs20.x}. */
    public static String node() {
        return "nodejs" + ask(List.of("node", "-p", "process.versions.node.split('.')[0]")) + ".x";
    }

    private static String ask(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            process.waitFor();
            return text;
        } catch (IOException e) {
            throw new IllegalStateException(command.getFirst() + " does not run here", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
