package dev.haneul.engines.sandbox;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.engines.WorkloadSpec.Root;
import dev.haneul.engines.work.SyntheticEtc;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A spec in {@code bwrap}'s words (bwrap(1)). Nothing here touches the system but to look at the host's root. */
final class BubblewrapArguments {
    private static final int TMP_MIB = 64;
    private static final List<String> TOP_LEVEL = List.of("/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32");

    private final List<String> words = new ArrayList<>();

    /**
     * The arguments, to be handed over in a descriptor: they hold the environment, which a command line would show to
     * everybody on the host.
     *
     * @param user who it runs as
     * @param userFd the child's descriptor of the user namespace
     * @param newNetwork whether it makes a network for itself
     * @param ports where its doors are
     */
    static byte[] of(
            WorkloadSpec spec,
            SandboxFolder folder,
            Path etc,
            SandboxUser user,
            int userFd,
            boolean newNetwork,
            ScratchDisks disks,
            List<Integer> ports)
            throws LaunchException, IOException {
        var arguments = new BubblewrapArguments();
        arguments.walls(user, userFd, newNetwork);
        if (folder.overlayNeeded(spec, user)) {
            arguments.add("--bind", folder.root().toString(), "/");
            if (spec.link() != WorkloadSpec.Link.NONE) {
                arguments.add("--ro-bind", etc.resolve(SyntheticEtc.RESOLVER).toString(), "/etc/resolv.conf");
            }
        } else {
            arguments.root(spec.root(), etc);
        }
        arguments.add("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev");
        if (spec.mounts().stream().noneMatch(mount -> target(mount).equals("/tmp"))) {
            arguments.scratch("/tmp", TMP_MIB);
        }
        for (int i = 0; i < spec.mounts().size(); i++) {
            var mount = spec.mounts().get(i);
            if (disks.holds(mount)) {
                requireAbsolute(target(mount));
                arguments.add("--bind", folder.scratch(i).toString(), target(mount));
            } else {
                arguments.mount(mount);
            }
        }
        if (!folder.overlayNeeded(spec, user)) {
            arguments.add("--remount-ro", "/");
        }
        arguments.environment(spec, ports);
        arguments.add("--chdir", spec.workingDirectory());
        return arguments.joined();
    }

    private void walls(SandboxUser user, int userFd, boolean newNetwork) {
        words.addAll(user.arguments(userFd));
        add("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try");
        if (newNetwork) {
            add("--unshare-net");
        }
        add("--hostname", "sandbox", "--new-session", "--cap-drop", "ALL");
        add("--seccomp", Integer.toString(Launch.CHILD_FILTER));
    }

    private void root(Root root, Path etc) throws IOException {
        switch (root) {
            case Root.HostRuntime() -> {
                add("--ro-bind", "/usr", "/usr");
                for (var name : TOP_LEVEL) {
                    var path = Path.of(name);
                    if (Files.isSymbolicLink(path)) {
                        add("--symlink", Files.readSymbolicLink(path).toString(), name);
                    } else if (Files.isDirectory(path)) {
                        add("--ro-bind", name, name);
                    }
                }
                add("--ro-bind", etc.toString(), "/etc", "--dir", "/var", "--dir", "/run", "--dir", "/home");
            }
            case Root.Directory(Path path) -> add("--ro-bind", path.toString(), "/");
        }
    }

    private void mount(Mount mount) throws LaunchException {
        switch (mount) {
            case Mount.Bind(Path source, String target, boolean readOnly) -> {
                requireAbsolute(target);
                if (!Files.exists(source)) {
                    throw new LaunchException("nothing to mount at " + target + ": " + source + " does not exist");
                }
                add(readOnly ? "--ro-bind" : "--bind", source.toString(), target);
            }
            case Mount.Scratch(String target, int sizeMib) -> {
                requireAbsolute(target);
                scratch(target, sizeMib);
            }
        }
    }

    private static void requireAbsolute(String target) throws LaunchException {
        if (!target.startsWith("/") || target.equals("/")) {
            throw new LaunchException("not a place to mount at: " + target);
        }
    }

    private void scratch(String target, int sizeMib) {
        add("--perms", "1777", "--size", Long.toString((long) Math.max(1, sizeMib) << 20), "--tmpfs", target);
    }

    private void environment(WorkloadSpec spec, List<Integer> ports) {
        add("--clearenv");
        spec.environment().forEach((name, value) -> add("--setenv", name, value));
        for (int i = 0; i < ports.size(); i++) {
            var door = spec.doors().get(i);
            add("--setenv", door.variable(), door.format().replace("%s", "127.0.0.1:" + ports.get(i)));
        }
    }

    static String target(Mount mount) {
        return switch (mount) {
            case Mount.Bind bind -> bind.target();
            case Mount.Scratch scratch -> scratch.target();
        };
    }

    private void add(String... arguments) {
        words.addAll(List.of(arguments));
    }

    /** Each argument ends with a NUL, so none may hold one: it would smuggle in further arguments. */
    private byte[] joined() throws LaunchException {
        var bytes = new ByteArrayOutputStream();
        for (var word : words) {
            if (word.indexOf('\0') >= 0) {
                throw new LaunchException("a NUL character in: " + word.replace('\0', '?'));
            }
            bytes.writeBytes(word.getBytes(StandardCharsets.UTF_8));
            bytes.write(0);
        }
        return bytes.toByteArray();
    }
}
