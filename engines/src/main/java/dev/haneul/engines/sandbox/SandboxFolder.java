package dev.haneul.engines.sandbox;

import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Root;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * One workload's folder.
 *
 * @param path the folder; its name is the workload's id
 */
record SandboxFolder(Path path) {
    private static final String MARKER = "haneul-sandbox:";
    private static final Pattern EXIT_CODE = Pattern.compile("\"exit-code\":\\s*(\\d+)");
    private static final int TAIL_BYTES = 2000;

    Path stdout() {
        return path.resolve("stdout");
    }

    Path stderr() {
        return path.resolve("stderr");
    }

    /** Where {@code bwrap} notes the exit code, whether or not we are there to see it. */
    Path status() {
        return path.resolve("status");
    }

    /** Where a root of its own is put together, in the launching thread's mount namespace. */
    Path root() {
        return path.resolve("root");
    }

    /** Where a scratch disk is mounted, in the launching thread's mount namespace. */
    Path scratch(int mount) {
        return path.resolve("scratch-" + mount);
    }

    /** The scratch disk's image. */
    Path image(int mount) {
        return path.resolve("scratch-" + mount + ".ext4");
    }

    private Path upper() {
        return path.resolve("upper");
    }

    private Path work() {
        return path.resolve("work");
    }

    /** A root of its own is written to through a layer; mounting that takes root. */
    boolean overlayNeeded(WorkloadSpec spec, SandboxUser user) {
        return spec.root() instanceof Root.Directory && user.descriptor() >= 0;
    }

    void makeOverlayFolders() throws IOException {
        Files.createDirectory(root());
        Files.createDirectory(upper());
        Files.createDirectory(work());
    }

    /** overlayfs's mount options (Linux: Documentation/filesystems/overlayfs.rst). */
    String overlayOptions(Path lower) {
        return "lowerdir=" + escape(lower) + ",upperdir=" + escape(upper()) + ",workdir=" + escape(work());
    }

    private static String escape(Path folder) {
        return folder.toAbsolutePath().toString().replaceAll("([\\\\,:])", "\\\\$1");
    }

    /** The name under which its processes are listed by the host. */
    String marker() {
        return MARKER + path;
    }

    /** What the markers of all workloads in a folder begin with. */
    static String markers(Path parent) {
        return MARKER + parent + "/";
    }

    /** The program's exit code; empty where it has not ended or was never started. */
    OptionalInt exitCode() {
        try {
            var matcher = EXIT_CODE.matcher(Files.readString(status(), StandardCharsets.US_ASCII));
            return matcher.find() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
        } catch (IOException e) {
            return OptionalInt.empty();
        }
    }

    /** The end of what was printed as errors, for a message. */
    String lastWords() {
        try {
            var errors = Files.exists(stderr()) ? stderr() : stdout();
            var text = Files.readString(errors, StandardCharsets.ISO_8859_1).strip();
            return text.substring(Math.max(0, text.length() - TAIL_BYTES));
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            return "(" + e.getMessage() + ")";
        }
    }

    /** Loopback addresses with these ports. */
    static List<InetSocketAddress> addresses(List<Integer> ports) throws IOException {
        var loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        return ports.stream().map(port -> new InetSocketAddress(loopback, port)).toList();
    }
}
