package dev.haneul.fabric.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * System calls. All of them go through libc's {@code syscall(2)} so that one downcall is linked instead of twenty:
 * linking one costs a millisecond of start-up. File descriptors made here are close-on-exec.
 */
public final class Linux {
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0x40;
    public static final int O_TRUNC = 0x200;
    public static final int O_APPEND = 0x400;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;
    public static final int O_DIRECTORY = Machine.AARCH64 ? 0x4000 : 0x10000;
    public static final int O_PATH = 0x200000;
    public static final int CLONE_NEWNS = 0x20000;
    public static final int CLONE_NEWNET = 0x40000000;
    public static final int RLIMIT_NOFILE = 7;
    public static final int SIGKILL = 9;

    private static final int CLONE_FS = 0x200;
    private static final int MS_REC = 0x4000;
    private static final int MS_PRIVATE = 0x40000;
    private static final int MS_SLAVE = 0x80000;
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_RECURSIVE = 0x8000;
    private static final int OPEN_TREE_CLONE = 1;
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    private static final int MOUNT_ATTR_RDONLY = 1;
    private static final int MOUNT_ATTR_NOSUID = 2;
    private static final int MOUNT_ATTR_NODEV = 4;
    private static final int S_IFIFO = 0x1000;
    private static final int S_IFBLK = 0x6000;
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final int IFF_UP = 1;
    private static final int IFREQ_FLAGS_OFFSET = 16;
    private static final int IFREQ_BYTES = 40;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int FALLOC_FL_PUNCH_HOLE_KEEP_SIZE = 3;
    private static final int MFD_CLOEXEC = 1;
    private static final int P_PID = 1;
    private static final int P_PIDFD = 3;
    private static final int WEXITED_WNOHANG = 4 | 1;
    private static final int SIGINFO_PID_OFFSET = 16;
    private static final int S_IFCHR = 0x2000;
    private static final long RESOLVE_IN_ROOT = 0x10;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    private Linux() {}

    /** Whether system calls can be made here: Linux on amd64 or aarch64. */
    public static boolean available() {
        return Machine.SUPPORTED;
    }

    /** Opens a path; the caller closes the descriptor. */
    public static int open(String path, int flags) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var name = arena.allocateFrom(path);
            return (int) call(Syscall.OPENAT, AT_FDCWD, name.address(), flags | O_CLOEXEC, 0600, 0, 0);
        } catch (ErrnoException e) {
            throw new IOException(path + ": " + e.getMessage(), e);
        }
    }

    /**
     * Opens a path as if {@code root} were the root of all: neither {@code ..} nor links lead out of it (openat2(2)).
     *
     * @param path as seen from there
     * @throws ErrnoException also where it does not exist
     */
    public static int openInRoot(String root, String path, int flags) throws IOException {
        int folder = open(root, O_PATH);
        try (var arena = Arena.ofConfined()) {
            var how = arena.allocate(ValueLayout.JAVA_LONG, 3);
            how.setAtIndex(ValueLayout.JAVA_LONG, 0, flags | O_CLOEXEC);
            how.setAtIndex(ValueLayout.JAVA_LONG, 2, RESOLVE_IN_ROOT);
            return (int) call(
                    Syscall.OPENAT2, folder, arena.allocateFrom(path).address(), how.address(), how.byteSize(), 0, 0);
        } finally {
            close(folder);
        }
    }

    /** The calling thread's working directory; only after {@link #unshareFileSystem}. */
    public static void changeDirectory(String path) throws IOException {
        try (var arena = Arena.ofConfined()) {
            call(Syscall.CHDIR, arena.allocateFrom(path).address(), 0, 0, 0, 0, 0);
        }
    }

    /** Sets an extended attribute of a file or a link itself. */
    public static void setAttribute(String path, String name, byte[] value) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var bytes = arena.allocate(Math.max(1, value.length));
            MemorySegment.copy(value, 0, bytes, ValueLayout.JAVA_BYTE, 0, value.length);
            call(
                    Syscall.LSETXATTR,
                    arena.allocateFrom(path).address(),
                    arena.allocateFrom(name).address(),
                    bytes.address(),
                    value.length,
                    0,
                    0);
        } catch (ErrnoException e) {
            throw new IOException(path + ": " + e.getMessage(), e);
        }
    }

    /** Makes what hides a file of a layer below in an overlay: the character device 0:0. */
    public static void makeWhiteout(String path) throws IOException {
        try (var arena = Arena.ofConfined()) {
            call(Syscall.MKNODAT, AT_FDCWD, arena.allocateFrom(path).address(), S_IFCHR, 0, 0, 0);
        } catch (ErrnoException e) {
            throw new IOException(path + ": " + e.getMessage(), e);
        }
    }

    /** Closes a descriptor; errors are of no use to anybody and are not told. */
    public static void close(int fd) {
        if (fd >= 0) {
            invoke(Syscall.CLOSE, fd, 0, 0, 0, 0, 0);
        }
    }

    /** A pipe: read end, write end. */
    public static int[] pipe() throws IOException {
        try (var arena = Arena.ofConfined()) {
            var ends = arena.allocate(ValueLayout.JAVA_INT, 2);
            call(Syscall.PIPE2, ends.address(), O_CLOEXEC, 0, 0, 0, 0);
            return new int[] {ends.getAtIndex(ValueLayout.JAVA_INT, 0), ends.getAtIndex(ValueLayout.JAVA_INT, 1)};
        }
    }

    /** A nameless file in memory that holds these bytes, positioned at its start. */
    public static int memoryFile(String name, byte[] content) throws IOException {
        try (var arena = Arena.ofConfined()) {
            int fd = (int) call(Syscall.MEMFD_CREATE, arena.allocateFrom(name).address(), MFD_CLOEXEC, 0, 0, 0, 0);
            try {
                write(fd, content);
                call(Syscall.LSEEK, fd, 0, 0, 0, 0, 0);
                return fd;
            } catch (IOException e) {
                close(fd);
                throw e;
            }
        }
    }

    /** Copies a descriptor to one numbered at least {@code lowest}. */
    public static int duplicate(int fd, int lowest) throws IOException {
        return (int) call(Syscall.FCNTL, fd, F_DUPFD_CLOEXEC, lowest, 0, 0, 0);
    }

    /** Writes one byte, as a signal to whoever reads the other end. */
    public static void writeByte(int fd) throws IOException {
        try (var arena = Arena.ofConfined()) {
            call(Syscall.WRITE, fd, arena.allocate(1).address(), 1, 0, 0, 0);
        }
    }

    /** Reads what is there, at most {@code limit} bytes; empty at the end. Blocks: call it on a platform thread. */
    public static String read(int fd, int limit) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var buffer = arena.allocate(limit);
            long count = callAgainIfInterrupted(Syscall.READ, fd, buffer.address(), limit);
            return new String(buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        }
    }

    /** Moves the calling thread into a namespace. */
    public static void setns(int fd, int kind) throws IOException {
        call(Syscall.SETNS, fd, kind, 0, 0, 0, 0);
    }

    /** Gives the calling thread a mount namespace of its own, a copy of the present one that tells nobody of changes. */
    public static void unshareMounts() throws IOException {
        call(Syscall.UNSHARE, CLONE_NEWNS, 0, 0, 0, 0, 0);
        mount("none", "/", "", MS_REC | MS_SLAVE, "");
    }

    /** Gives the calling thread a network namespace of its own, whose loopback interface is up. */
    public static void unshareNetwork() throws IOException {
        call(Syscall.UNSHARE, CLONE_NEWNET, 0, 0, 0, 0, 0);
        int socket = (int) call(Syscall.SOCKET, AF_INET, SOCK_DGRAM_CLOEXEC, 0, 0, 0, 0);
        try (var arena = Arena.ofConfined()) {
            var request = arena.allocate(IFREQ_BYTES, 8);
            request.setString(0, "lo", StandardCharsets.US_ASCII);
            request.set(ValueLayout.JAVA_SHORT, IFREQ_FLAGS_OFFSET, (short) IFF_UP);
            ioctl(socket, SIOCSIFFLAGS, request.address());
        } finally {
            close(socket);
        }
    }

    /** Parts the calling thread's root and working directory from the process's, so that it may change namespaces. */
    public static void unshareFileSystem() throws IOException {
        call(Syscall.UNSHARE, CLONE_FS, 0, 0, 0, 0, 0);
    }

    /**
     * A copy of the mounts at and below a path that hangs nowhere: open_tree(2), without set-user-id and devices.
     *
     * @return a descriptor; the copy goes with it unless it is attached somewhere
     */
    public static int copyMount(String path, boolean readOnly) throws IOException {
        try (var arena = Arena.ofConfined()) {
            int fd = (int) call(
                    Syscall.OPEN_TREE,
                    AT_FDCWD,
                    arena.allocateFrom(path).address(),
                    OPEN_TREE_CLONE | O_CLOEXEC | AT_RECURSIVE,
                    0,
                    0,
                    0);
            try {
                var attributes = arena.allocate(ValueLayout.JAVA_LONG, 4);
                attributes.setAtIndex(
                        ValueLayout.JAVA_LONG,
                        0,
                        MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (readOnly ? MOUNT_ATTR_RDONLY : 0));
                attributes.setAtIndex(ValueLayout.JAVA_LONG, 2, MS_PRIVATE);
                call(
                        Syscall.MOUNT_SETATTR,
                        fd,
                        arena.allocateFrom("").address(),
                        AT_EMPTY_PATH | AT_RECURSIVE,
                        attributes.address(),
                        attributes.byteSize(),
                        0);
                return fd;
            } catch (IOException e) {
                close(fd);
                throw e;
            }
        }
    }

    /** Hangs what {@link #copyMount} made over a folder of the calling thread's mount namespace. */
    public static void attachMount(int fd, String target) throws IOException {
        try (var arena = Arena.ofConfined()) {
            call(
                    Syscall.MOVE_MOUNT,
                    fd,
                    arena.allocateFrom("").address(),
                    AT_FDCWD,
                    arena.allocateFrom(target).address(),
                    MOVE_MOUNT_F_EMPTY_PATH,
                    0);
        }
    }

    /** Makes a named pipe that everybody may read and its owner may write. */
    public static void makePipe(String path) throws IOException {
        try (var arena = Arena.ofConfined()) {
            call(Syscall.MKNODAT, AT_FDCWD, arena.allocateFrom(path).address(), S_IFIFO | 0644, 0, 0, 0);
        } catch (ErrnoException e) {
            throw new IOException(path + ": " + e.getMessage(), e);
        }
    }

    /**
     * Writes all of it or fails.
     *
     * @throws IOException also where a descriptor that must not block has no room for it
     */
    public static void write(int fd, byte[] content) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var bytes = arena.allocate(Math.max(1, content.length));
            MemorySegment.copy(content, 0, bytes, ValueLayout.JAVA_BYTE, 0, content.length);
            int written = 0;
            while (written < content.length) {
                written += (int) call(Syscall.WRITE, fd, bytes.address() + written, content.length - written, 0, 0, 0);
            }
        }
    }

    /** mount(2). */
    public static void mount(String source, String target, String type, long flags, String data) throws IOException {
        try (var arena = Arena.ofConfined()) {
            call(
                    Syscall.MOUNT,
                    arena.allocateFrom(source).address(),
                    arena.allocateFrom(target).address(),
                    arena.allocateFrom(type).address(),
                    flags,
                    arena.allocateFrom(data).address(),
                    0);
        }
    }

    /** umount2(2). */
    public static void unmount(String target, int flags) throws IOException {
        try (var arena = Arena.ofConfined()) {
            call(Syscall.UMOUNT2, arena.allocateFrom(target).address(), flags, 0, 0, 0, 0);
        }
    }

    /** Makes a block device's node that its owner and group may use. Needs CAP_MKNOD. */
    public static void makeBlockDevice(String path, int major, int minor) throws IOException {
        long device = (minor & 0xff) | ((long) major << 8) | ((long) (minor & ~0xff) << 12);
        try (var arena = Arena.ofConfined()) {
            call(Syscall.MKNODAT, AT_FDCWD, arena.allocateFrom(path).address(), S_IFBLK | 0660, device, 0, 0);
        } catch (ErrnoException e) {
            throw new IOException(path + ": " + e.getMessage(), e);
        }
    }

    /** The calling thread's id, as the kernel counts. */
    public static int gettid() {
        return (int) invoke(Syscall.GETTID, 0, 0, 0, 0, 0, 0).result();
    }

    /** Sends a signal to a process (positive) or to a process group (negative). */
    public static void kill(long pid, int signal) throws IOException {
        call(Syscall.KILL, pid, signal, 0, 0, 0, 0);
    }

    /** A descriptor that stands for this process and never for a later one with the same number. */
    public static int pidfdOpen(long pid) throws IOException {
        return (int) call(Syscall.PIDFD_OPEN, pid, 0, 0, 0, 0, 0);
    }

    public static void pidfdSignal(int pidfd, int signal) throws IOException {
        call(Syscall.PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0, 0, 0);
    }

    /**
     * Takes an ended child off the kernel's books; does nothing for a process that is not our child or still runs.
     *
     * @return whether there was one
     */
    public static boolean reap(int pidfd) {
        return reap(P_PIDFD, pidfd);
    }

    /** As {@link #reap}, by a child's pid, which stays the child's until it is reaped. */
    public static boolean reapChild(long pid) {
        return reap(P_PID, pid);
    }

    private static boolean reap(int kind, long id) {
        try (var arena = Arena.ofConfined()) {
            var info = arena.allocate(128, 8);
            var outcome = invoke(Syscall.WAITID, kind, id, info.address(), WEXITED_WNOHANG, 0, 0);
            return outcome.result() == 0 && info.get(ValueLayout.JAVA_INT, SIGINFO_PID_OFFSET) != 0;
        }
    }

    /** Lowers a resource limit of another process; a value above its hard limit means the hard limit. */
    public static void lowerLimit(long pid, int resource, long value) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var pair = arena.allocate(ValueLayout.JAVA_LONG, 2);
            call(Syscall.PRLIMIT64, pid, resource, 0, pair.address(), 0, 0);
            long hard = pair.getAtIndex(ValueLayout.JAVA_LONG, 1);
            long wanted = Long.compareUnsigned(value, hard) < 0 ? value : hard;
            pair.setAtIndex(ValueLayout.JAVA_LONG, 0, wanted);
            pair.setAtIndex(ValueLayout.JAVA_LONG, 1, wanted);
            call(Syscall.PRLIMIT64, pid, resource, pair.address(), 0, 0, 0);
        }
    }

    /** Gives a range of a file back to the disk; its length stays and the range reads as zeros. */
    public static void punchHole(int fd, long offset, long length) throws IOException {
        call(Syscall.FALLOCATE, fd, FALLOC_FL_PUNCH_HOLE_KEEP_SIZE, offset, length, 0, 0);
    }

    /** The offset of the first byte that is not in a hole; the file's length where all of it is one. */
    public static long firstData(int fd, long length) {
        var outcome = invoke(Syscall.LSEEK, fd, 0, SEEK_DATA, 0, 0, 0);
        return outcome.result() < 0 ? length : outcome.result();
    }

    /** The first data at or after an offset, and where it ends; null where there is none. */
    public static long @Nullable [] nextData(int fd, long offset) {
        var from = invoke(Syscall.LSEEK, fd, offset, SEEK_DATA, 0, 0, 0);
        if (from.result() < 0) {
            return null;
        }
        var to = invoke(Syscall.LSEEK, fd, from.result(), SEEK_HOLE, 0, 0, 0);
        return to.result() < 0 ? null : new long[] {from.result(), to.result()};
    }

    /** A socket to the kernel's routing (rtnetlink(7)) in the calling thread's network namespace; it never blocks. */
    static int routeSocket() throws IOException {
        int socket = (int) call(Syscall.SOCKET, AF_NETLINK, SOCK_RAW | O_CLOEXEC | O_NONBLOCK, 0, 0, 0, 0);
        try (var arena = Arena.ofConfined()) {
            long yes = arena.allocateFrom(ValueLayout.JAVA_INT, 1).address();
            call(Syscall.SETSOCKOPT, socket, SOL_NETLINK, NETLINK_CAP_ACK, yes, 4, 0);
            call(Syscall.SETSOCKOPT, socket, SOL_NETLINK, NETLINK_EXT_ACK, yes, 4, 0);
            return socket;
        } catch (IOException e) {
            close(socket);
            throw e;
        }
    }

    static long ioctl(int fd, long request, long argument) throws IOException {
        return call(Syscall.IOCTL, fd, request, argument, 0, 0, 0);
    }

    static int epollCreate() throws IOException {
        return (int) call(Syscall.EPOLL_CREATE1, O_CLOEXEC, 0, 0, 0, 0, 0);
    }

    static void epollControl(int epoll, int operation, int fd, MemorySegment event) throws IOException {
        call(Syscall.EPOLL_CTL, epoll, operation, fd, event.address(), 0, 0);
    }

    static int epollWait(int epoll, MemorySegment events, int count) throws IOException {
        while (true) {
            var outcome = invoke(Syscall.EPOLL_PWAIT, epoll, events.address(), count, -1, 0, 0);
            if (outcome.result() >= 0) {
                return (int) outcome.result();
            }
            if (outcome.errno() != ErrnoException.EINTR) {
                throw new ErrnoException("epoll_pwait", outcome.errno());
            }
        }
    }

    private static long callAgainIfInterrupted(Syscall syscall, long a, long b, long c) throws IOException {
        while (true) {
            var outcome = invoke(syscall, a, b, c, 0, 0, 0);
            if (outcome.result() >= 0) {
                return outcome.result();
            }
            if (outcome.errno() != ErrnoException.EINTR) {
                throw new ErrnoException(syscall.name().toLowerCase(Locale.ROOT), outcome.errno());
            }
        }
    }

    static long call(Syscall syscall, long a, long b, long c, long d, long e, long f) throws ErrnoException {
        var outcome = invoke(syscall, a, b, c, d, e, f);
        if (outcome.result() < 0) {
            throw new ErrnoException(syscall.name().toLowerCase(Locale.ROOT), outcome.errno());
        }
        return outcome.result();
    }

    private record Outcome(long result, int errno) {}

    private static Outcome invoke(Syscall syscall, long a, long b, long c, long d, long e, long f) {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(Entry.STATE);
            long result = (long) Entry.SYSCALL.invokeExact(state, syscall.number(), a, b, c, d, e, f);
            return new Outcome(result, result < 0 ? (int) Entry.ERRNO.get(state, 0L) : 0);
        } catch (RuntimeException | Error x) {
            throw x;
        } catch (Throwable x) {
            throw new IllegalStateException(x);
        }
    }

    /** Linked on first use, so that nothing happens on systems without it. */
    private static final class Entry {
        static final StructLayout STATE = Linker.Option.captureStateLayout();
        static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
        static final MethodHandle SYSCALL = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG),
                        Linker.Option.captureCallState("errno"),
                        Linker.Option.firstVariadicArg(1));
    }
}
