package dev.haneul.engines.work;

import dev.haneul.kernel.files.PropertyText;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What has to be known to adopt a workload, in a small file in its folder. It is written before the workload is let
 * loose and replaced atomically. It is not forced to disk: it has to outlive our process, not the machine's power, for
 * without power there is nothing to adopt; a file from before the last boot names processes that cannot be alive.
 *
 * @param id the workload's
 * @param startedAt when it was launched
 * @param processes those that make it up, by role, e.g. {@code monitor}, {@code init}
 * @param facts whatever else the engine wants to know again
 * @param labels the caller's
 */
public record StateFile(
        String id,
        Instant startedAt,
        Map<String, ProcessIdentity> processes,
        Map<String, String> facts,
        Map<String, String> labels) {
    /** The fact that standard error shares standard output's file. */
    public static final String JOINED_OUTPUT = "output.joined";

    private static final String NAME = "state";
    private static final String PROCESS = "process.";
    private static final String FACT = "fact.";
    private static final String LABEL = "label.";

    /** The process with this role, which must be there. */
    public ProcessIdentity process(String role) {
        var process = processes.get(role);
        if (process == null) {
            throw new IllegalStateException(id + " has no process " + role);
        }
        return process;
    }

    /** Whether standard error goes to the file of standard output. */
    public boolean joinedOutput() {
        return facts.containsKey(JOINED_OUTPUT);
    }

    /** Writes it into a workload's folder. */
    public void write(Path folder) throws IOException {
        var text = new LinkedHashMap<String, String>();
        text.put("version", "1");
        text.put("id", id);
        text.put("startedAt", startedAt.toString());
        processes.forEach((role, it) -> text.put(PROCESS + role, it.pid() + " " + it.birth()));
        facts.forEach((name, value) -> text.put(FACT + name, value));
        labels.forEach((name, value) -> text.put(LABEL + name, value));
        var half = folder.resolve(NAME + ".new");
        Files.writeString(half, PropertyText.of(text));
        Files.move(half, folder.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Reads it from a workload's folder; empty where there is none or it makes no sense. */
    public static Optional<StateFile> read(Path folder) {
        var properties = new Properties();
        try {
            properties.load(new StringReader(Files.readString(folder.resolve(NAME))));
            var processes = new TreeMap<String, ProcessIdentity>();
            section(properties, PROCESS).forEach((role, text) -> {
                var words = text.split(" ", 2);
                processes.put(role, new ProcessIdentity(Long.parseLong(words[0]), words[1]));
            });
            return Optional.of(new StateFile(
                    require(properties, "id"),
                    Instant.parse(require(properties, "startedAt")),
                    processes,
                    section(properties, FACT),
                    section(properties, LABEL)));
        } catch (IOException | RuntimeException e) {
            return Optional.empty(); // never written, or cut short by a power failure: nothing to adopt
        }
    }

    private static String require(Properties properties, String name) throws IOException {
        var value = properties.getProperty(name);
        if (value == null) {
            throw new IOException("no " + name);
        }
        return value;
    }

    private static Map<String, String> section(Properties properties, String prefix) {
        var section = new TreeMap<String, String>();
        for (var name : properties.stringPropertyNames()) {
            if (name.startsWith(prefix)) {
                section.put(name.substring(prefix.length()), properties.getProperty(name));
            }
        }
        return section;
    }
}
