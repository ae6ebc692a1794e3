package dev.haneul.engines.machine;

import dev.haneul.fabric.linux.ErrnoException;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.NamespaceThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * Where a machine asks its host, through a socket that only its root may use: to mount its disks, which it must not do
 * itself, and to say that it has booted. A request is lines, then an empty one; the answer is {@code ok} or what is wrong.
 *
 * <p>Only block devices of the machine's {@code /dev} can be mounted there, for no other file system of it honours device
 * nodes, and only disks of its own have nodes there.
 */
final class HostDoor implements AutoCloseable {
    private static final Logger LOG = System.getLogger(HostDoor.class.getName());
    private static final int MOST_REQUEST_BYTES = 4096;
    private static final int MOST_VISITS = 8;
    private static final int MNT_DETACH = 2;
    private static final int UMOUNT_NOFOLLOW = 8;
    private static final long MS_NODEV = 4;
    private static final Set<String> TYPES = Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "vfat");
    private static final Map<String, Long> FLAGS = Map.of(
            "ro",
            1L,
            "nosuid",
            2L,
            "noexec",
            8L,
            "sync",
            16L,
            "dirsync",
            128L,
            "noatime",
            1024L,
            "nodiratime",
            2048L,
            "relatime",
            1L << 21,
            "strictatime",
            1L << 24);
    private static final Set<String> FOR_PROGRAMS = Set.of(
            "rw",
            "defaults",
            "nofail",
            "_netdev",
            "auto",
            "noauto",
            "user",
            "nouser",
            "owner",
            "dev",
            "nodev",
            "suid",
            "exec",
            "async");

    /** A class that is first needed inside a machine could not be found there. */
    private static final Class<?> LOADED_BEFOREHAND = ErrnoException.class;

    private final MachineFolder folder;
    private final Host host;
    private final ServerSocketChannel listener;
    private final Semaphore visits = new Semaphore(MOST_VISITS);

    /** What a door needs of its machine. */
    interface Host {
        /** A descriptor of the mount namespace of its init; the caller closes it. */
        int mountNamespace() throws IOException;

        /** Lines of its {@code mountinfo}. */
        List<String> mounts() throws IOException;

        /** The minor numbers of its disks' loop devices. */
        List<Integer> minors();

        void hasBooted();
    }

    HostDoor(MachineFolder folder, Host host) throws IOException {
        LOG.log(Level.TRACE, LOADED_BEFOREHAND.getName());
        this.folder = folder;
        this.host = host;
        Files.deleteIfExists(folder.door());
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(folder.door()));
            Files.setPosixFilePermissions(folder.door(), PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        Thread.ofVirtual().name("door " + folder.path().getFileName()).start(this::accept);
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                visits.acquire();
                var connection = listener.accept();
                Thread.ofVirtual().start(() -> welcome(connection));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                visits.release();
                LOG.log(Level.WARNING, "the door of " + folder.path().getFileName() + " cannot accept just now", e);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void welcome(SocketChannel connection) {
        try (connection) {
            var lines = request(connection);
            String answer;
            try {
                answer = carryOut(lines);
            } catch (IOException | UncheckedIOException e) {
                answer = String.valueOf(e.getMessage()).replace('\n', ' ');
            }
            connection.write(ByteBuffer.wrap((answer + "\n").getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a visit failed", e);
        } finally {
            visits.release();
        }
    }

    private static List<String> request(SocketChannel connection) throws IOException {
        var buffer = ByteBuffer.allocate(MOST_REQUEST_BYTES);
        while (buffer.hasRemaining() && connection.read(buffer) >= 0) {
            var text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
            int end = text.indexOf("\n\n");
            if (end >= 0) {
                return List.of(text.substring(0, end).split("\n", -1));
            }
        }
        throw new IOException("a request without an end");
    }

    private String carryOut(List<String> words) throws IOException {
        var name = words.getFirst();
        if (name.equals("mount") && (words.size() == 4 || words.size() == 5)) {
            mount(words.get(1), words.get(2), words.get(3), words.size() == 5 ? words.get(4) : "");
        } else if (name.equals("umount") && (words.size() == 2 || words.size() == 3)) {
            unmount(words.get(1), words.size() == 3 && words.get(2).equals("lazy"));
        } else if (name.equals("booted")) {
            host.hasBooted();
        } else {
            return "the host does not know how to " + name;
        }
        return "ok";
    }

    private void mount(String type, String source, String target, String options) throws IOException {
        if (!TYPES.contains(type)) {
            throw new IOException("file systems of type " + type + " are not mounted for machines");
        }
        if (!source.startsWith("/dev/")) {
            throw new IOException(source + " is not a block device");
        }
        long flags = MS_NODEV;
        var data = new ArrayList<String>();
        for (var option : options.split(",")) {
            flags |= FLAGS.getOrDefault(option, 0L);
            if (!option.isEmpty()
                    && !FLAGS.containsKey(option)
                    && !FOR_PROGRAMS.contains(option)
                    && !option.startsWith("x-")) {
                data.add(option);
            }
        }
        long all = flags;
        inside(() -> Linux.mount(source, target, type, all, String.join(",", data)));
    }

    private void unmount(String target, boolean lazy) throws IOException {
        var real = target.replaceFirst("/+$", "");
        if (mountPoints(host.mounts(), host.minors()).stream().noneMatch(real::equals)) {
            throw new IOException(target + ": no disk of this machine is mounted there");
        }
        inside(() -> Linux.unmount(real, UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)));
    }

    /** Tears off every mount of a disk. */
    void tearOff(int minor) throws IOException {
        for (var target : mountPoints(host.mounts(), List.of(minor)).reversed()) {
            inside(() -> Linux.unmount(target, UMOUNT_NOFOLLOW | MNT_DETACH));
        }
    }

    /** Makes a disk's node in the machine's {@code /dev}. */
    void makeNode(String name, int major, int minor) throws IOException {
        inside(() -> Linux.makeBlockDevice(name, major, minor));
    }

    void removeNode(String name) throws IOException {
        inside(() -> Files.deleteIfExists(Path.of(name)));
    }

    /** Where disks are mounted, in the order of mounting (proc_pid_mountinfo(5)). */
    static List<String> mountPoints(List<String> mountInfo, List<Integer> minors) {
        var found = new ArrayList<String>();
        for (var line : mountInfo) {
            var words = line.split(" ");
            if (words.length > 4
                    && words[2].startsWith("7:")
                    && minors.contains(Integer.parseInt(words[2].substring(2)))) {
                found.add(words[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"));
            }
        }
        return found;
    }

    private interface Step {
        void run() throws IOException;
    }

    /** Does something as if within the machine, as the host's root. */
    private void inside(Step step) throws IOException {
        int namespace = host.mountNamespace();
        try {
            NamespaceThread.call("mntns " + folder.path().getFileName(), () -> {
                Linux.unshareFileSystem();
                Linux.setns(namespace, Linux.CLONE_NEWNS);
                step.run();
                return Boolean.TRUE;
            });
        } finally {
            Linux.close(namespace);
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            Files.deleteIfExists(folder.door());
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing a door", e);
        }
    }
}
