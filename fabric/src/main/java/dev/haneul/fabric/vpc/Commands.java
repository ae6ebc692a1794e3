package dev.haneul.fabric.vpc;

import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.NamespaceThread;
import dev.haneul.fabric.linux.NamespaceThread.Step;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The tools that change the kernel's networks, fed with whole batches: a process costs two milliseconds, a line next to
 * nothing. {@code ip netns exec} is not used: it remounts /sys.
 */
public final class Commands {
    /** Where {@code ip netns add} keeps names. */
    static final Path NAMESPACES = Path.of("/run/netns");

    private static final int MOST_SECONDS = 60;
    private static final int MOST_ERROR_LETTERS = 600;

    private Commands() {}

    /** The path of a tool, also where the administrator's folders are not on the path. */
    static String tool(String name) throws IOException {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin";
        for (String folder : path.split(File.pathSeparator)) {
            var file = Path.of(folder, name);
            if (!folder.isEmpty() && Files.isExecutable(file)) {
                return file.toString();
            }
        }
        throw new IOException(name + " is not installed");
    }

    static boolean installed(String tool) {
        try {
            return !tool(tool).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    /** Runs lines of {@code ip} in the host's network. */
    static String ip(List<String> lines) throws IOException {
        return ip(Family.V4, lines);
    }

    /** As {@link #ip(List)}; addresses, routes and rules without an address are this family's. */
    static String ip(Family family, List<String> lines) throws IOException {
        return lines.isEmpty() ? "" : run(List.of(tool("ip"), "-o", option(family), "-batch", "-"), text(lines));
    }

    /** Runs lines of {@code ip} in a network namespace; the first that fails ends it. */
    public static String ip(Path netns, List<String> lines) throws IOException {
        return ip(netns, Family.V4, lines);
    }

    /** As {@link #ip(Path, List)}; addresses, routes and rules without an address are this family's. */
    static String ip(Path netns, Family family, List<String> lines) throws IOException {
        return lines.isEmpty() ? "" : run(within(netns, tool("ip"), "-o", option(family), "-batch", "-"), text(lines));
    }

    private static String option(Family family) {
        return family == Family.V6 ? "-6" : "-4";
    }

    /** Makes one change of nftables in the host's network, all of it or nothing. */
    static void nft(String script) throws IOException {
        run(List.of(tool("nft"), "-f", "-"), script);
    }

    /** Makes one change of nftables in a namespace, all of it or nothing. */
    public static void nft(Path netns, String script) throws IOException {
        run(within(netns, tool("nft"), "-f", "-"), script);
    }

    /** What an nft command prints in a namespace; {@code -n} keeps names and numbers as they are. */
    public static String nftList(Path netns, String... command) throws IOException {
        var argv = new ArrayList<>(within(netns, tool("nft"), "-n"));
        argv.addAll(List.of(command));
        return run(argv, "");
    }

    /** Takes a step on a thread inside a network namespace; see {@link NamespaceThread} for what it must not do. */
    public static <T> T inside(Path netns, Step<T> step) throws IOException {
        int namespace = Linux.open(netns.toString(), Linux.O_RDONLY);
        try {
            return NamespaceThread.call("netns-" + netns.getFileName(), () -> {
                Linux.setns(namespace, Linux.CLONE_NEWNET);
                return step.run();
            });
        } finally {
            Linux.close(namespace);
        }
    }

    /** Sets values below /proc/sys/net, as {@code ipv4/ip_forward=1}, in a namespace. */
    public static void set(Path netns, List<String> values) throws IOException {
        if (values.isEmpty()) {
            return;
        }
        inside(netns, () -> {
            setHere(values);
            return Boolean.TRUE;
        });
    }

    /** Sets values below /proc/sys/net for the calling thread's network; what this kernel lacks is left out. */
    static void setHere(List<String> values) throws IOException {
        for (String value : values) {
            int equals = value.indexOf('=');
            var file = Path.of("/proc/sys/net", value.substring(0, equals));
            if (Files.exists(file)) {
                Files.writeString(file, value.substring(equals + 1));
            }
        }
    }

    private static List<String> within(Path netns, String... argv) throws IOException {
        var all = new ArrayList<String>(argv.length + 2);
        all.add(tool("nsenter"));
        all.add("--net=" + netns);
        all.addAll(List.of(argv));
        return all;
    }

    private static String text(List<String> lines) {
        return String.join("\n", lines) + "\n";
    }

    static String run(List<String> argv, String input) throws IOException {
        var builder = new ProcessBuilder(argv).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        var process = builder.start();
        try {
            // apart, for a tool that complains before it has read all would wait for us, and we for it
            var feeder = Thread.ofVirtual().start(() -> feed(process, input));
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(argv + " did not end");
            }
            feeder.join();
            if (process.exitValue() != 0) {
                throw new IOException(String.join(" ", argv) + ": " + brief(output));
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(argv + " was interrupted");
        } finally {
            process.destroyForcibly();
        }
    }

    private static void feed(Process process, String input) {
        try (var out = process.getOutputStream()) {
            out.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return; // it ended early; its exit status says why
        }
    }

    private static String brief(String output) {
        String trimmed = output.strip();
        return trimmed.length() > MOST_ERROR_LETTERS ? trimmed.substring(0, MOST_ERROR_LETTERS) + " …" : trimmed;
    }
}
