package dev.haneul.fabric.linux;

import java.io.IOException;
import java.util.Map;

/** A system call failed. */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1L;

    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int EACCES = 13;
    public static final int ENOSPC = 28;

    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(EPERM, "EPERM: operation not permitted"),
            Map.entry(ENOENT, "ENOENT: no such file or directory"),
            Map.entry(ESRCH, "ESRCH: no such process"),
            Map.entry(EINTR, "EINTR: interrupted"),
            Map.entry(9, "EBADF: bad file descriptor"),
            Map.entry(10, "ECHILD: no such child"),
            Map.entry(11, "EAGAIN: resource temporarily unavailable"),
            Map.entry(12, "ENOMEM: out of memory"),
            Map.entry(EACCES, "EACCES: permission denied"),
            Map.entry(17, "EEXIST: it is there already"),
            Map.entry(19, "ENODEV: no such device"),
            Map.entry(22, "EINVAL: invalid argument"),
            Map.entry(24, "EMFILE: too many open files"),
            Map.entry(ENOSPC, "ENOSPC: no space left, or a limit on namespaces reached"),
            Map.entry(38, "ENOSYS: not offered by this kernel"),
            Map.entry(90, "EMSGSIZE: message too long"),
            Map.entry(95, "EOPNOTSUPP: operation not supported"),
            Map.entry(101, "ENETUNREACH: network is unreachable"));

    private final int errno;

    ErrnoException(String call, int errno) {
        super(call + " failed with " + NAMES.getOrDefault(errno, "errno " + errno));
        this.errno = errno;
    }

    /** The kernel's error number. */
    public int errno() {
        return errno;
    }
}
