package dev.haneul.engines.sandbox;

import dev.haneul.fabric.linux.Linux;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Who workloads are: {@code sbx_user1051}, as in AWS Lambda.
 *
 * <p>As root we make one user namespace for all of them and keep it by a descriptor. In it the sandbox's user is a host
 * uid that nobody else has. Root's own uid is mapped too, so that {@code bwrap}, which has changed to the sandbox's
 * user by then, may reach our folders with the namespace's capabilities while it sets up; but it is mapped to 1, not
 * to 0: changing away from 0 would make the kernel drop just those capabilities. Workloads themselves keep none.
 * Further user namespaces are forbidden inside, which takes mounts and network tricks away from them for good.
 *
 * <p>An ordinary user gets a namespace per workload from {@code bwrap} itself, with the user's own uid behind it.
 */
final class SandboxUser implements AutoCloseable {
    private static final Logger LOG = System.getLogger(SandboxUser.class.getName());
    static final int UID = 993;
    static final int GID = 990;
    /** Above what subuid ranges, systemd and containers hand out (0x00080000 to 0x6FFFFFFF), below the sign bit. */
    static final int HOST_BASE = 0x7000_0000;

    private final int descriptor;

    private SandboxUser(int descriptor) {
        this.descriptor = descriptor;
    }

    /** The best that can be had: root inside a container without the uids for it fares like an ordinary user. */
    static SandboxUser make() throws IOException, InterruptedException {
        if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
            return new SandboxUser(-1);
        }
        try {
            return ofRoot();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "no user namespace with a uid of its own", e);
            return new SandboxUser(-1);
        }
    }

    /** Makes the namespace: a short-lived process enters a new one, we write its maps and keep it. */
    private static SandboxUser ofRoot() throws IOException, InterruptedException {
        var holder = new ProcessBuilder(
                        "unshare",
                        "--user",
                        "--keep-caps",
                        "sh",
                        "-c",
                        "echo 1; read go; echo 0 >/proc/sys/user/max_user_namespaces && echo 2; read go")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var in = new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.US_ASCII));
                var out = holder.getOutputStream()) {
            expect(in, "user namespaces cannot be made");
            var proc = Path.of("/proc/" + holder.pid());
            Files.writeString(proc.resolve("uid_map"), "1 0 1\n" + UID + " " + (HOST_BASE + UID) + " 1\n");
            Files.writeString(proc.resolve("gid_map"), "1 0 1\n" + GID + " " + (HOST_BASE + GID) + " 1\n");
            go(out);
            expect(in, "the user namespace could not be closed to further ones");
            int fd = Linux.open(proc.resolve("ns/user").toString(), Linux.O_RDONLY);
            go(out);
            return new SandboxUser(fd);
        } finally {
            if (!holder.waitFor(1, TimeUnit.SECONDS)) {
                holder.destroyForcibly().waitFor();
            }
        }
    }

    private static void expect(BufferedReader in, String problem) throws IOException {
        if (in.readLine() == null) {
            throw new IOException(problem);
        }
    }

    private static void go(OutputStream out) throws IOException {
        out.write('\n');
        out.flush();
    }

    /** The namespace's descriptor, -1 where each workload gets its own. */
    int descriptor() {
        return descriptor;
    }

    /** Gives a folder or file that a workload may write to its user; its content stays as it is. */
    void give(Path path) throws IOException {
        if (descriptor >= 0) {
            Files.setAttribute(path, "unix:uid", HOST_BASE + UID);
            Files.setAttribute(path, "unix:gid", HOST_BASE + GID);
        }
    }

    /** {@code bwrap}'s arguments for this user. */
    List<String> arguments(int childFd) {
        var who = List.of("--uid", Integer.toString(UID), "--gid", Integer.toString(GID));
        var how = descriptor >= 0
                ? List.of("--userns", Integer.toString(childFd))
                : List.of("--unshare-user", "--disable-userns");
        return java.util.stream.Stream.concat(how.stream(), who.stream()).toList();
    }

    @Override
    public void close() {
        Linux.close(descriptor);
    }
}
