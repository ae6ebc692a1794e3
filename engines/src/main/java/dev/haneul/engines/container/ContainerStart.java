package dev.haneul.engines.container;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.container.ContainerSpec.Mount;
import dev.haneul.engines.container.PodFolder.ContainerFolder;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.Tools;
import dev.haneul.fabric.linux.ErrnoException;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.NamespaceThread;
import dev.haneul.fabric.linux.NativeSpawn;
import dev.haneul.fabric.linux.NativeSpawn.ChildFd;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Puts a container's root together in its pod's mount namespace, and starts its watcher there. */
final class ContainerStart {
    private static final long MS_NODEV = 4;
    private static final int MNT_DETACH = 2;

    private final ProcessIdentity holder;
    private final ContainerFolder folder;

    ContainerStart(ProcessIdentity holder, ContainerFolder folder) {
        this.holder = holder;
        this.folder = folder;
    }

    /** A step in the pod's mount namespace. */
    private interface Step<T> {
        T run() throws IOException, LaunchException;
    }

    private <T> T inside(Step<T> step) throws IOException, LaunchException {
        int namespace = Linux.open("/proc/" + holder.pid() + "/ns/mnt", Linux.O_RDONLY);
        try {
            if (!holder.alive()) {
                throw new IOException("the pod's holder has ended");
            }
            return NamespaceThread.call("pod " + folder.path().getFileName(), () -> {
                Linux.unshareFileSystem();
                Linux.setns(namespace, Linux.CLONE_NEWNS);
                try {
                    return step.run();
                } catch (LaunchException e) {
                    throw new Refusal(e);
                }
            });
        } catch (Refusal e) {
            throw e.reason;
        } finally {
            Linux.close(namespace);
        }
    }

    /** Carries a refusal out of a thread that knows of IOExceptions only. */
    private static final class Refusal extends IOException {
        private static final long serialVersionUID = 1L;
        private final transient LaunchException reason;

        Refusal(LaunchException reason) {
            super(reason);
            this.reason = reason;
        }
    }

    /**
     * Mounts the root and writes what crun is told.
     *
     * @param layers names of folders, the lowest first
     * @param layerHome where those are
     */
    void prepare(ContainerSpec spec, RuntimeConfig config, Path layerHome, List<String> layers)
            throws IOException, LaunchException {
        writeTexts(spec);
        for (int i = 0; i < spec.mounts().size(); i++) {
            if (spec.mounts().get(i) instanceof Mount.Foreign it) {
                hangUp(it, folder.foreign(i));
            }
        }
        byte[] content = inside(() -> {
            mountRoot(layerHome, layers);
            for (var mount : spec.mounts()) {
                if (mount instanceof Mount.Volume(String name, String target, boolean _)) {
                    makeVolume(folder.pod().volume(name), target);
                }
            }
            return config.bytes(
                    ContainerUser.of(folder.root().toString(), spec.process().user()));
        });
        PodFolder.replace(folder.config(), content);
    }

    private void writeTexts(ContainerSpec spec) throws IOException {
        for (int i = 0; i < spec.mounts().size(); i++) {
            if (spec.mounts().get(i) instanceof Mount.Text(String _, String content, int mode)) {
                Files.writeString(folder.text(i), content);
                Owners.set(folder.text(i), 0, 0, mode);
            }
        }
    }

    /** Takes a copy of another process's mount and hangs it up in the pod's mount namespace. */
    private void hangUp(Mount.Foreign mount, Path place) throws IOException, LaunchException {
        var source = Path.of(mount.source()).normalize();
        if (!source.isAbsolute()) {
            throw new LaunchException("invalid volume specification: '" + mount.source() + "' is not absolute");
        }
        int namespace = Linux.open("/proc/" + mount.process() + "/ns/mnt", Linux.O_RDONLY);
        int copy = -1;
        try {
            copy = NamespaceThread.call("foreign mount", () -> {
                Linux.unshareFileSystem();
                Linux.setns(namespace, Linux.CLONE_NEWNS);
                if (!Files.exists(source)) {
                    Files.createDirectories(source);
                }
                return Linux.copyMount(source.toString(), mount.readOnly());
            });
            int taken = copy;
            inside(() -> {
                if (Files.isDirectory(Path.of("/proc/thread-self/fd/" + taken))) {
                    Files.createDirectory(place);
                } else {
                    Files.createFile(place);
                }
                Linux.attachMount(taken, place.toString());
                return Boolean.TRUE;
            });
        } finally {
            Linux.close(copy);
            Linux.close(namespace);
        }
    }

    private void mountRoot(Path layerHome, List<String> layers) throws IOException {
        var written = folder.written();
        var upper = written.resolve("upper");
        var work = written.resolve("work");
        for (var path : List.of(written, upper, work)) {
            Files.createDirectory(path);
        }
        // The root folder itself is the container's to see: it is like the image's.
        Owners.copy(layerHome.resolve(layers.getLast()), upper);
        var lower = String.join(":", layers.reversed());
        var options = "lowerdir=" + lower + ",upperdir=" + escaped(upper) + ",workdir=" + escaped(work);
        Linux.changeDirectory(layerHome.toString()); // names of many layers are too long for mount(2) otherwise
        try {
            Linux.mount("overlay", folder.root().toString(), "overlay", MS_NODEV, options);
        } finally {
            Linux.changeDirectory(System.getProperty("user.dir", "/"));
        }
    }

    private static String escaped(Path path) {
        return path.toString().replaceAll("([\\\\,:])", "\\\\$1");
    }

    /** A new volume begins with what the image has at its place. */
    private void makeVolume(Path volume, String target) throws IOException {
        if (Files.exists(volume)) {
            return;
        }
        Files.createDirectory(volume);
        Files.setPosixFilePermissions(volume, PosixFilePermissions.fromString("rwxr-xr-x"));
        int fd;
        try {
            fd = Linux.openInRoot(folder.root().toString(), target, Linux.O_PATH | Linux.O_DIRECTORY);
        } catch (ErrnoException e) {
            return; // the image has nothing there
        }
        try {
            // Nobody runs in this root yet who could put a link in the way.
            var found = Files.readSymbolicLink(Path.of("/proc/thread-self/fd/" + fd));
            if (found.startsWith(folder.root()) && Files.isDirectory(found, LinkOption.NOFOLLOW_LINKS)) {
                FolderCopy.copy(found, volume);
            }
        } finally {
            Linux.close(fd);
        }
    }

    /** Removes what it wrote, where a start has failed. */
    void forget() throws IOException {
        try {
            inside(() -> {
                FileTrees.delete(folder.written());
                return Boolean.TRUE;
            });
        } catch (LaunchException e) {
            throw new IOException(e);
        }
    }

    /** Unmounts its root, where a start has failed. */
    void unmount() throws IOException {
        try {
            inside(() -> {
                try (var hung = Files.newDirectoryStream(folder.path().resolve("foreign"))) {
                    for (var place : hung) {
                        Linux.unmount(place.toString(), MNT_DETACH);
                    }
                }
                Linux.unmount(folder.root().toString(), MNT_DETACH);
                return Boolean.TRUE;
            });
        } catch (ErrnoException | LaunchException e) {
            return; // it was not mounted yet
        }
    }

    /**
     * A watcher that waits.
     *
     * @param gate the end to write a line to; the caller closes it
     */
    record Waiting(ProcessIdentity watcher, int gate) {}

    /** Starts the watcher, which waits at its gate. */
    Waiting spawn(String name, Cgroup group, boolean tty, boolean stdin, Path script)
            throws IOException, LaunchException {
        int[] input = Linux.pipe();
        int[] gate = Linux.pipe();
        try {
            // A pipe that is opened for both directions never ends.
            var fds = List.<ChildFd>of(
                    stdin || tty ? both(input[0]) : new ChildFd.Open("/dev/null", Linux.O_RDONLY),
                    output(folder.stdout()),
                    output(tty ? folder.stdout() : folder.stderr()),
                    // Not inherited by others, so that it ends with us.
                    new ChildFd.Open("/proc/self/fd/" + gate[0], Linux.O_RDONLY));
            var environment = new ArrayList<>(List.of(
                    "PATH=" + Tools.SEARCHED,
                    "FOLDER=" + folder.path(),
                    "NAME=" + name,
                    "STATE=" + folder.pod().crun(),
                    "SHELL=/bin/sh",
                    "ENTRANCES="
                            + group.entrances().stream().map(Path::toString).collect(Collectors.joining(" "))));
            if (tty) {
                environment.add("TTY=1");
            }
            int pid = inside(
                    () -> NativeSpawn.spawn("/bin/sh", List.of(folder.marker(), script.toString()), environment, fds));
            var watcher = ProcessIdentity.of(pid).orElseThrow(() -> new IOException("the watcher ended at once"));
            return new Waiting(watcher, Linux.duplicate(gate[1], NativeSpawn.LOWEST_INHERITED));
        } finally {
            for (int fd : new int[] {input[0], input[1], gate[0], gate[1]}) {
                Linux.close(fd);
            }
        }
    }

    private static ChildFd output(Path file) {
        return new ChildFd.Open(file.toString(), Linux.O_WRONLY | Linux.O_APPEND);
    }

    private static ChildFd both(int fd) {
        return new ChildFd.Open("/proc/self/fd/" + fd, Linux.O_RDWR);
    }

    /** Opens the gate. */
    static void open(@Nullable Waiting waiting) throws IOException {
        if (waiting != null) {
            Linux.write(waiting.gate(), new byte[] {'\n'});
        }
    }
}
