package dev.haneul.engines.sandbox;

import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.LoopDevice;
import dev.haneul.fabric.linux.NamespaceThread;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Scratch folders on disk, of a size that bites: each is an ext4 file system in a sparse file of the workload's folder,
 * mounted in the sandbox's own namespace only, so that it goes with it. An empty one is made once for every size; a
 * launch copies its few hundred kilobytes. Needs root, loop devices and {@code mkfs.ext4}; without them, and up to
 * {@value #MOST_MEMORY_MIB} MiB, scratch is memory: a disk costs a launch some milliseconds.
 */
final class ScratchDisks {
    static final int MOST_MEMORY_MIB = 512;

    private static final long MS_NOSUID_NODEV_NOATIME = 2 | 4 | 1024;
    private static final long MS_RDONLY = 1;
    private static final int TOOL_SECONDS = 30;
    private static final int COPY_BYTES = 64 * 1024;

    private final Path templates;
    private final boolean usable;

    private ScratchDisks(Path templates, boolean usable) {
        this.templates = templates;
        this.usable = usable;
    }

    /** @param user whose the folders are; without a user of our own there are no disks */
    static ScratchDisks find(Path templates, SandboxUser user) throws IOException {
        boolean tools = tool("mkfs.ext4") && tool("debugfs") && Files.exists(Path.of("/dev/loop-control"));
        boolean may = user.descriptor() >= 0 && Linux.available();
        if (tools && may) {
            Files.createDirectories(templates);
        }
        return new ScratchDisks(templates, tools && may);
    }

    /** The same, or none where a disk cannot really be mounted: loop devices may be there and yet not be for us. */
    ScratchDisks tried() {
        if (!usable) {
            return this;
        }
        try {
            String image = template(MOST_MEMORY_MIB + 1).toString();
            return NamespaceThread.call("scratch probe", () -> {
                Linux.unshareMounts();
                try (LoopDevice device = LoopDevice.attach(image)) {
                    Linux.mount(device.path(), templates.toString(), "ext4", MS_RDONLY, "");
                }
                return this;
            });
        } catch (IOException e) {
            System.getLogger(ScratchDisks.class.getName())
                    .log(System.Logger.Level.DEBUG, "scratch space is memory: no disk can be mounted", e);
            return new ScratchDisks(templates, false);
        }
    }

    boolean usable() {
        return usable;
    }

    private static boolean tool(String name) {
        return List.of("/usr/sbin", "/sbin", "/usr/bin").stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    }

    /** Whether this mount is a disk here. */
    boolean holds(Mount mount) {
        return usable && mount instanceof Mount.Scratch(String _, int sizeMib) && sizeMib > MOST_MEMORY_MIB;
    }

    /** Whether a spec has any. */
    boolean wanted(WorkloadSpec spec) {
        return spec.mounts().stream().anyMatch(this::holds);
    }

    /** Makes the images of a launch, before its thread has a mount namespace. */
    void prepare(WorkloadSpec spec, SandboxFolder folder) throws IOException {
        for (int i = 0; i < spec.mounts().size(); i++) {
            if (holds(spec.mounts().get(i)) && spec.mounts().get(i) instanceof Mount.Scratch(String _, int sizeMib)) {
                Files.createDirectory(folder.scratch(i));
                copy(template(sizeMib), folder.image(i));
            }
        }
    }

    /** Mounts them, in the calling thread's mount namespace, which has to be its own. */
    void mount(WorkloadSpec spec, SandboxFolder folder) throws IOException {
        for (int i = 0; i < spec.mounts().size(); i++) {
            if (holds(spec.mounts().get(i))) {
                try (LoopDevice device = LoopDevice.attach(folder.image(i).toString())) {
                    Linux.mount(device.path(), folder.scratch(i).toString(), "ext4", MS_NOSUID_NODEV_NOATIME, "");
                }
            }
        }
    }

    private synchronized Path template(int sizeMib) throws IOException {
        Path template = templates.resolve(sizeMib + ".ext4");
        if (!Files.exists(template)) {
            // In memory, if that can be: the tools wait for the disk after each of their steps.
            Path memory = Path.of("/dev/shm");
            Path draft = Files.createTempFile(Files.isWritable(memory) ? memory : templates, "haneul-", ".draft");
            Path half = templates.resolve(sizeMib + ".half");
            try {
                format(draft, sizeMib);
                Files.deleteIfExists(half);
                copy(draft, half);
                Files.move(half, template, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(draft);
            }
        }
        return template;
    }

    private static void format(Path image, int sizeMib) throws IOException {
        try (var file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            long bytes = ((long) sizeMib + sizeMib / 32 + 4) << 20; // the file system's own tables come on top
            file.write(ByteBuffer.allocate(1), bytes - 1);
        }
        int uid = SandboxUser.HOST_BASE + SandboxUser.UID;
        int gid = SandboxUser.HOST_BASE + SandboxUser.GID;
        String options = "lazy_itable_init=1,nodiscard,root_owner=" + uid + ":" + gid;
        String path = image.toString();
        run("mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal,^resize_inode", "-E", options, path);
        run("debugfs", "-w", "-R", "rmdir /lost+found", path);
        run("debugfs", "-w", "-R", "set_inode_field / mode 040700", path);
    }

    private static void run(String... command) throws IOException {
        var words = new ArrayList<>(List.of(command));
        var process =
                new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        process.environment().put("PATH", "/usr/sbin:/sbin:/usr/bin:/bin");
        var started = process.start();
        try {
            if (!started.waitFor(TOOL_SECONDS, TimeUnit.SECONDS) || started.exitValue() != 0) {
                throw new IOException(command[0] + " failed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            started.destroyForcibly();
        }
    }

    /** Copies what is not a hole. */
    private static void copy(Path from, Path to) throws IOException {
        int fd = Linux.open(from.toString(), Linux.O_RDONLY);
        try (var in = FileChannel.open(from, StandardOpenOption.READ);
                var out = FileChannel.open(to, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            var buffer = ByteBuffer.allocate(COPY_BYTES);
            for (long[] data = Linux.nextData(fd, 0); data != null; data = Linux.nextData(fd, data[1])) {
                for (long at = data[0]; at < data[1]; ) {
                    buffer.clear().limit((int) Math.min(COPY_BYTES, data[1] - at));
                    if (in.read(buffer, at) <= 0) {
                        break;
                    }
                    at += out.write(buffer.flip(), at);
                }
            }
            if (out.size() < in.size()) {
                out.write(ByteBuffer.allocate(1), in.size() - 1);
            }
        } finally {
            Linux.close(fd);
        }
    }
}
