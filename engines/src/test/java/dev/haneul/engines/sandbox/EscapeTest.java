package dev.haneul.engines.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.engines.Engine;
import dev.haneul.engines.Spec;
import dev.haneul.engines.TestDoor;
import dev.haneul.engines.Workload;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.kernel.files.FileTrees;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attempts to get out of the sandbox, or into a neighbour. Each prints what it got; none may get anything. */
final class EscapeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String SECRET = "haneul-secret-4711";

    private Path temp;
    private Engine engine;
    private int sequence;

    @BeforeEach
    void open() throws Exception {
        temp = Files.createTempDirectory("haneul-escape").toRealPath();
        engine = new SandboxEngine(temp.resolve("engine"));
        assertThat(engine.probe().usable()).as(engine.probe().reason()).isTrue();
    }

    @AfterEach
    void close() throws Exception {
        engine.close();
        FileTrees.delete(temp);
    }

    private Workload launch(Spec spec) throws Exception {
        return engine.launch(spec.build(engine, "w-" + ++sequence));
    }

    private static Spec sh(String script) {
        return new Spec(List.of("/bin/sh", "-c", script));
    }

    private static Spec python(String script) {
        return new Spec(List.of("/usr/bin/python3", "-c", script));
    }

    /** What an attempt printed, to either stream. */
    private String attempt(Spec spec) throws Exception {
        try (var workload = launch(spec)) {
            assertThat(workload.await(PATIENCE)).isPresent();
            return Files.readString(workload.stdout()) + Files.readString(workload.stderr());
        }
    }

    private Workload neighbour() throws Exception {
        var task = Files.createDirectories(temp.resolve("neighbour-code"));
        Files.writeString(task.resolve("handler.py"), SECRET);
        var neighbour = launch(sh("echo " + SECRET + " >/tmp/private; echo ready; sleep 600")
                .with("SECRET", SECRET)
                .mount("task", new Mount.Bind(task, "/var/task", true)));
        while (!Files.readString(neighbour.stdout()).contains("ready")) {
            Thread.sleep(5);
        }
        return neighbour;
    }

    @Test
    void aNeighboursFilesEnvironmentAndProcessesAreOutOfSight() throws Exception {
        try (var neighbour = neighbour()) {
            var seen = attempt(sh("cat /tmp/private /var/task/handler.py; cat /proc/[0-9]*/environ; ls /tmp /var;"
                    + " ls -d /proc/[0-9]* | wc -l; kill -KILL " + neighbour.pid()));

            assertThat(seen).doesNotContain(SECRET);
            assertThat(neighbour.running()).isTrue();
        }
    }

    @Test
    void onlyItsOwnProcessesAreVisible() throws Exception {
        var seen = attempt(sh("cd /proc; echo [0-9]*"));

        assertThat(seen.strip().split(" ")).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void theHostsFilesAreOutOfSight() throws Exception {
        var secret = Files.writeString(temp.resolve("engine/secret"), SECRET);

        var seen = attempt(sh("ls -la /root /home/* /boot /srv /opt /mnt /media /sys /lost+found; cat /etc/shadow "
                + secret + "; ls " + temp + "; cat /proc/1/root" + secret + "; cat /proc/self/root" + secret
                + "; find / -xdev -name shadow -not -path '/proc/*' -not -path '/usr/*' 2>/dev/null"));

        assertThat(seen).doesNotContain(SECRET).doesNotContain("root:*:").doesNotContain("root:$");
        assertThat(attempt(sh("cat /proc/self/mounts"))).doesNotContain("workloads");
    }

    @Test
    void theControlFoldersOfTheEngineAreNotInside() throws Exception {
        var seen = attempt(sh("grep -v ' /usr ' /proc/self/mountinfo; ls -l /proc/self/fd;"
                + " ls $(dirname $(readlink /proc/self/fd/1)); for fd in /proc/self/fd/*; do ls $fd/..; done"));

        // The kernel tells where a bind mount and an open file come from, but that leads nowhere: only the synthesised
        // /etc and the two logs may show.
        assertThat(seen.lines().filter(line -> line.contains("/engine/")))
                .allMatch(line -> line.contains(" /etc ro")
                        || line.matches(".* -> .*/std(out|err)")
                        || line.endsWith("No such file or directory"));
        assertThat(seen).doesNotContain("status");
    }

    @Test
    void mountsAndNamespacesAreForbidden() throws Exception {
        var seen =
                attempt(sh("mount -t tmpfs none /tmp && echo GOT mount; mount -o remount,rw /usr && echo GOT remount;"
                        + " umount /usr && echo GOT umount; unshare --user true && echo GOT user; unshare --mount true && echo GOT"
                        + " mnt; unshare --net true && echo GOT net; unshare --user --map-root-user true && echo GOT root;"
                        + " nsenter --target 1 --user true && echo GOT enter; chroot / true && echo GOT chroot"));

        assertThat(seen).doesNotContain("GOT");
    }

    @Test
    void noPrivilegeCanBeGained() throws Exception {
        var seen = attempt(python("""
                import os
                for line in open("/proc/self/status"):
                    if line.startswith(("Cap", "NoNewPrivs", "Groups")): print(line.strip().replace("\\t", " "))
                for call in (lambda: os.setuid(0), lambda: os.setuid(1), lambda: os.setgid(0), lambda: os.setgroups([0]),
                             lambda: os.chown("/tmp", 0, 0), lambda: os.mknod("/tmp/disk", 0o60666, os.makedev(254, 0)),
                             lambda: os.sethostname("x") if hasattr(os, "sethostname") else __import__("socket").sethostname("x"),
                             lambda: os.nice(-5)):
                    try:
                        call()
                        print("GOT")
                    except OSError:
                        pass
                """));

        assertThat(seen)
                .doesNotContain("GOT")
                .contains("NoNewPrivs: 1")
                .contains("CapEff: 0000000000000000")
                .contains("CapPrm: 0000000000000000")
                .contains("CapBnd: 0000000000000000")
                .contains("CapAmb: 0000000000000000");
    }

    @Test
    void setuidProgramsHaveNoPower() throws Exception {
        var seen = attempt(sh("for p in /usr/bin/su /usr/bin/mount /usr/bin/passwd /usr/bin/newgrp; do"
                + " [ -x $p ] && grep -c nosuid /proc/self/mountinfo >/dev/null; done;"
                + " awk '$5==\"/usr\" {print $6}' /proc/self/mountinfo"));

        assertThat(seen).contains("nosuid").contains("ro");
    }

    @Test
    void theHostsLoopbackIsOutOfReach() throws Exception {
        try (var host = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var seen = attempt(python("""
                    import socket
                    for address in ("127.0.0.1", "0.0.0.0", "localhost", "169.254.169.254"):
                        s = socket.socket(); s.settimeout(2)
                        try:
                            s.connect((address, %d)); print("GOT", address)
                        except OSError: pass
                    for kind in (socket.SOCK_RAW,):
                        try:
                            socket.socket(socket.AF_INET, kind, 1); print("GOT raw")
                        except OSError: pass
                    try:
                        socket.socket(socket.AF_PACKET, socket.SOCK_RAW); print("GOT packet")
                    except OSError: pass
                    print(sorted(name for _, name in socket.if_nameindex()))
                    """.formatted(host.getLocalPort())));

            assertThat(seen).doesNotContain("GOT").contains("['lo']");
        }
    }

    @Test
    void anotherWorkloadsDoorsAreOutOfReach() throws Exception {
        try (var neighbour = launch(sh("echo ready; sleep 600").door(new TestDoor(SECRET).named("API", 9001)))) {
            var seen = attempt(python("""
                    import socket
                    for address in ("127.0.0.1", "127.0.1.1", "169.254.169.254", "169.254.170.2", "10.0.0.1"):
                        s = socket.socket(); s.settimeout(1)
                        try:
                            s.connect((address, 9001)); print("GOT", address, s.recv(100))
                        except OSError: pass
                    for pid in (%d, 1):
                        try:
                            open(f"/proc/{pid}/ns/net").close()
                            if pid != 1: print("GOT a namespace")
                        except OSError: pass
                    """.formatted(neighbour.pid())));

            assertThat(seen).doesNotContain("GOT").doesNotContain(SECRET);
        }
    }

    @Test
    void aFullDiskIsItsOwnProblem() throws Exception {
        try (var neighbour = neighbour()) {
            var seen = attempt(sh("head -c 2G /dev/zero >/tmp/f; echo alive")
                    .mount("tmp", new WorkloadSpec.Mount.Scratch("/tmp", 600))
                    .limits(new Limits(64, 0, 16, 0)));

            assertThat(seen)
                    .satisfiesAnyOf(
                            s -> assertThat(s).contains("alive"),
                            s -> assertThat(s).isEmpty());
            assertThat(neighbour.running()).isTrue();
        }
    }

    @Test
    void abstractSocketsOfTheHostAreOutOfReach() throws Exception {
        assertThat(attempt(sh("cat /proc/net/unix | wc -l")).strip()).isEqualTo("1");
    }

    @Test
    void deviceNodesAndKernelFilesAreOutOfReach() throws Exception {
        var seen = attempt(sh("for f in /dev/kmsg /dev/mem /dev/kvm /dev/vda /dev/sda /dev/fuse /dev/loop-control"
                + " /proc/kcore /proc/kmsg /proc/sysrq-trigger /sys/kernel /sys/fs/cgroup; do"
                + " head -c1 $f >/dev/null 2>&1 && echo GOT $f; done;"
                + " for f in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/sys/vm/drop_caches"
                + " /proc/sys/kernel/hostname /proc/self/oom_score_adj_; do"
                + " (echo 1 >$f) 2>/dev/null && echo GOT write $f; done; dmesg 2>/dev/null | head -1"));

        assertThat(seen).doesNotContain("GOT");
    }

    @Test
    void anotherProcessOfItsUserCannotBeTraced() throws Exception {
        try (var neighbour = neighbour()) {
            // Both are the same uid on the host; only namespaces part them.
            var seen = attempt(python("""
                    import os
                    for pid in range(1, 400):
                        try:
                            if b"%s" in open(f"/proc/{pid}/environ", "rb").read(): print("GOT", pid)
                        except OSError: pass
                    try:
                        os.kill(%d, 9); print("GOT kill")
                    except OSError: pass
                    """.formatted(SECRET, neighbour.pid())));

            assertThat(seen).doesNotContain("GOT");
        }
    }

    @Test
    void nobodyOutsideCanBeTracedOrReadByNumber() throws Exception {
        try (var neighbour = neighbour()) {
            var seen = attempt(python(
                    """
                    import ctypes, platform
                    libc = ctypes.CDLL(None, use_errno=True)
                    vm_readv = {"x86_64": 310, "aarch64": 270}[platform.machine()]
                    pidfd_open, pidfd_getfd = 434, 438
                    for pid in (%d, %d, 2, 3):
                        if libc.ptrace(16, pid, 0, 0) == 0: print("GOT ptrace", pid) # PTRACE_ATTACH
                        if libc.syscall(vm_readv, pid, 0, 0, 0, 0, 0) > 0: print("GOT memory", pid)
                        fd = libc.syscall(pidfd_open, pid, 0)
                        if fd >= 0 and pid > 3: print("GOT pidfd", pid)
                        if fd >= 0 and libc.syscall(pidfd_getfd, fd, 1, 0) >= 0: print("GOT descriptor", pid)
                    """.formatted(neighbour.pid(), ProcessHandle.current().pid())));

            assertThat(seen).doesNotContain("GOT");
        }
    }

    @Test
    void aSetuidProgramOfItsOwnGainsNothing() throws Exception {
        var seen = attempt(sh("cp /usr/bin/id /tmp/id && chmod 6755 /tmp/id && /tmp/id; ls -l /tmp/id;"
                + " chown 0 /tmp/id 2>/dev/null && echo GOT owner"));

        assertThat(seen).doesNotContain("GOT").doesNotContain("euid=").doesNotContain("uid=0");
    }

    @Test
    void theServersSocketsAreOutOfReach() throws Exception {
        var socket = temp.resolve("control.sock");
        try (var control = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            control.bind(java.net.UnixDomainSocketAddress.of(socket));
            var seen = attempt(python("""
                    import socket
                    for path in ("%s", "/var/run/docker.sock", "/run/podman/podman.sock", "/run/dbus/system_bus_socket"):
                        for prefix in ("", "/proc/1/root", "/proc/self/cwd/../../../.."):
                            try:
                                socket.socket(socket.AF_UNIX).connect(prefix + path); print("GOT", prefix + path)
                            except OSError: pass
                    """.formatted(socket)));

            assertThat(seen).doesNotContain("GOT");
        }
    }

    @Test
    void aHundredThousandFilesAreItsOwnProblem() throws Exception {
        var seen = attempt(python("""
                n = 0
                try:
                    for n in range(100000): open(f"/tmp/f{n}", "w").close()
                except OSError as e: print("stopped", e.errno)
                print("alive")
                """).limits(new Limits(64, 0, 16, 0)));

        assertThat(seen)
                .satisfiesAnyOf(
                        s -> assertThat(s).contains("alive"), s -> assertThat(s).isEmpty());
        assertThat(attempt(sh("echo next"))).isEqualTo("next\n");
    }

    @Test
    void manyConnectionsAndDescriptorsEndAtTheLimit() throws Exception {
        assertThat(attempt(python("""
                import os
                fds = []
                try:
                    while True: fds.append(os.open("/dev/null", 0))
                except OSError as e: print(len(fds) <= 128, e.errno)
                """).limits(new Limits(64, 0, 16, 128)))).isEqualTo("True 24\n");
    }

    @Test
    void aPreloadedLibraryDoesNotRunOutside() throws Exception {
        // bwrap itself must not see the workload's LD_PRELOAD: it would load it with our privileges.
        var seen =
                attempt(sh("echo ran").with("LD_PRELOAD", "/var/task/evil.so").with("LD_LIBRARY_PATH", "/var/task"));

        assertThat(seen).contains("ran");
        assertThat(seen.lines().filter(line -> line.contains("evil.so"))).hasSize(1); // of the program, inside
    }

    @Test
    void keyringsAreNoChannelBetweenNeighbours() throws Exception {
        var seen = attempt(python("""
                import ctypes, platform
                libc = ctypes.CDLL(None, use_errno=True)
                add_key = {"x86_64": 248, "aarch64": 217}[platform.machine()]
                got = libc.syscall(add_key, b"user", b"name", b"secret", 6, -4)
                print("GOT" if got >= 0 else "errno", ctypes.get_errno())
                """));

        assertThat(seen).isEqualTo("errno 1\n");
    }

    @Test
    void rareSystemCallsAreDenied() throws Exception {
        var seen = attempt(python("""
                import ctypes, platform
                libc = ctypes.CDLL(None, use_errno=True)
                amd64 = platform.machine() == "x86_64"
                calls = {"io_uring_setup": 425, "open_tree": 428, "fsopen": 430,
                         "bpf": 321 if amd64 else 280, "userfaultfd": 323 if amd64 else 282,
                         "perf_event_open": 298 if amd64 else 241, "mount": 165 if amd64 else 40,
                         "unshare": 272 if amd64 else 97, "kexec_load": 246 if amd64 else 104}
                if amd64: calls["getpid of x32"] = 0x40000000 + 39
                for name, number in calls.items():
                    ctypes.set_errno(0)
                    if libc.syscall(number, 0, 0, 0, 0, 0) >= 0 or ctypes.get_errno() != 1:
                        print("GOT", name, ctypes.get_errno())
                print("done")
                """));

        assertThat(seen).isEqualTo("done\n");
    }
}
