package dev.haneul.fabric.linux;

/** System calls in use, with their numbers on the two architectures we run on (Linux UAPI {@code unistd.h}). */
enum Syscall {
    READ(0, 63),
    WRITE(1, 64),
    CLOSE(3, 57),
    LSEEK(8, 62),
    IOCTL(16, 29),
    SOCKET(41, 198),
    SETSOCKOPT(54, 208),
    KILL(62, 129),
    FCNTL(72, 25),
    CHDIR(80, 49),
    MOUNT(165, 40),
    UMOUNT2(166, 39),
    GETTID(186, 178),
    LSETXATTR(189, 6),
    EPOLL_CTL(233, 21),
    WAITID(247, 95),
    OPENAT(257, 56),
    MKNODAT(259, 33),
    UNSHARE(272, 97),
    EPOLL_PWAIT(281, 22),
    FALLOCATE(285, 47),
    EPOLL_CREATE1(291, 20),
    PIPE2(293, 59),
    PRLIMIT64(302, 261),
    SETNS(308, 268),
    SCHED_SETATTR(314, 274),
    SCHED_GETATTR(315, 275),
    MEMFD_CREATE(319, 279),
    PIDFD_SEND_SIGNAL(424, 424),
    OPEN_TREE(428, 428),
    MOVE_MOUNT(429, 429),
    PIDFD_OPEN(434, 434),
    OPENAT2(437, 437),
    MOUNT_SETATTR(442, 442);

    private final int amd64;
    private final int aarch64;

    Syscall(int amd64, int aarch64) {
        this.amd64 = amd64;
        this.aarch64 = aarch64;
    }

    long number() {
        return Machine.AARCH64 ? aarch64 : amd64;
    }
}
