package dev.haneul.engines.machine;

import dev.haneul.engines.work.Sparse;
import dev.haneul.engines.work.Tools;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * What every virtual machine boots with, in the image cache: Debian's kernel for clouds, a first root file system that
 * puts the real one together, and a layer for above every image with what only a machine with devices of its own needs
 * (the kernel's modules, udev, a helper that takes the host's commands). Made on first use of Debian's packages, 40 MB of
 * downloads; it stays as it is until its folder is removed or this class changes.
 */
final class GuestKit {
    private static final List<String> PACKAGES = List.of("linux-image-cloud-amd64", "busybox-static", "udev", "kmod");
    /** In the first root file system; what they need comes along. */
    private static final List<String> MODULES = List.of(
            "virtio_pci", "virtio_blk", "virtio_net", "virtio_console", "virtio-rng", "overlay", "button", "evdev");

    /** Of those packages, what goes above the images. */
    private static final List<String> LAYER = List.of(
            "usr/lib/modules",
            "usr/lib/udev",
            "usr/lib/modprobe.d",
            "usr/bin/udevadm",
            "usr/bin/kmod",
            "usr/sbin/modprobe",
            "usr/sbin/insmod",
            "usr/sbin/rmmod",
            "usr/sbin/lsmod",
            "usr/sbin/modinfo",
            "usr/sbin/depmod",
            "usr/lib/systemd/systemd-udevd",
            "usr/lib/systemd/network",
            "etc/udev");

    private static final List<String> RESOURCES =
            List.of("guest/init", "guest/agent", "guest/agent.service", "guest/layer.sh", "guest/disks.rules");
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Path home;
    private final ReentrantLock making = new ReentrantLock();

    GuestKit(Path imageCache) {
        this.home = imageCache.resolve("guest");
    }

    private Path folder() throws IOException {
        var text = new StringBuilder(ImageRecipe.SUITE)
                .append(PACKAGES)
                .append(MODULES)
                .append(LAYER);
        for (var name : RESOURCES) {
            text.append(ContainerConfig.resource(name));
        }
        return home.resolve(ImageRecipe.SUITE + "-" + ImageRecipe.hash(text.toString()));
    }

    boolean present() throws IOException {
        return Files.exists(folder());
    }

    Path home() {
        return home;
    }

    Path kernel() throws IOException {
        return folder().resolve("vmlinuz");
    }

    /** The first root file system, but for what is of one machine. */
    Path start() throws IOException {
        return folder().resolve("start.cpio");
    }

    /** An ext4 image. */
    Path layer() throws IOException {
        return folder().resolve("layer.ext4");
    }

    /** Makes it where it is not there; two callers share the work, also from two processes. */
    void ensure(Consumer<String> progress) throws IOException, InterruptedException {
        if (present()) {
            return;
        }
        making.lockInterruptibly();
        try {
            Files.createDirectories(home);
            try (var file = FileChannel.open(
                            home.resolve("lock"), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
                    var _ = file.lock()) {
                if (!present()) {
                    make(progress);
                }
            }
        } finally {
            making.unlock();
        }
    }

    private void make(Consumer<String> progress) throws IOException, InterruptedException {
        var draft = home.resolve("draft");
        FileTrees.delete(draft);
        Files.createDirectories(draft);
        try {
            progress.accept("Fetching a kernel for virtual machines of Debian's packages (once; 20 seconds)");
            ImageBuild.extract(draft, AptSettings.ofHost(System.getenv()), PACKAGES, progress);
            var root = draft.resolve("root");
            var release = release(root);
            Tools.run(PATIENCE, "chroot", root.toString(), "depmod", release);
            Files.copy(root.resolve("boot/vmlinuz-" + release), draft.resolve("vmlinuz"));
            Files.write(draft.resolve("start.cpio"), start(root, release));
            var layer = Files.createDirectory(draft.resolve("layer"));
            fillLayer(root, layer, draft);
            ImageDisks.make(List.of(layer), draft.resolve("layer.ext4"));
            for (var path : List.of(root, layer, draft.resolve("files"))) {
                FileTrees.delete(path);
            }
            Files.move(draft, folder(), StandardCopyOption.ATOMIC_MOVE);
            Sparse.forceFolder(home);
        } finally {
            FileTrees.delete(draft);
        }
    }

    private static String release(Path root) throws IOException {
        try (var found = Files.newDirectoryStream(root.resolve("usr/lib/modules"))) {
            for (var path : found) {
                return path.getFileName().toString();
            }
        }
        throw new IOException("the package of the kernel holds no modules");
    }

    private static byte[] start(Path root, String release) throws IOException {
        var cpio = new Cpio();
        for (var name : List.of("bin", "dev", "mod", "seed")) {
            cpio.folder(name);
        }
        cpio.device("dev/console", 5, 1);
        cpio.add("bin/busybox", Cpio.PROGRAM, Files.readAllBytes(root.resolve("usr/bin/busybox")));
        cpio.add("init", Cpio.PROGRAM, ContainerConfig.resource("guest/init").getBytes(StandardCharsets.UTF_8));
        var modules = root.resolve("usr/lib/modules").resolve(release);
        int number = 10;
        for (var path : ordered(Files.readAllLines(modules.resolve("modules.dep")))) {
            cpio.add(
                    "mod/" + number++ + "-" + Path.of(path).getFileName(),
                    Cpio.SECRET,
                    Files.readAllBytes(modules.resolve(path)));
        }
        return cpio.bytes();
    }

    /** The modules' files in an order in which they can be loaded, by lines of modules.dep(5). */
    static List<String> ordered(List<String> lines) throws IOException {
        var needs = new HashMap<String, List<String>>();
        var named = new HashMap<String, String>();
        for (var line : lines) {
            int colon = line.indexOf(':');
            var path = line.substring(0, colon);
            var rest = line.substring(colon + 1).strip();
            needs.put(path, rest.isEmpty() ? List.of() : List.of(rest.split(" ")));
            named.put(name(path), path);
        }
        var found = new LinkedHashSet<String>();
        for (var module : MODULES) {
            var path = named.get(name(module));
            if (path == null) {
                throw new IOException("the kernel has no module " + module);
            }
            // modules.dep names all that is needed, the last to load first.
            found.addAll(new ArrayList<>(needs.getOrDefault(path, List.of())).reversed());
            found.add(path);
        }
        return List.copyOf(found);
    }

    private static String name(String path) {
        var file = path.substring(path.lastIndexOf('/') + 1);
        return file.replaceFirst("\\.ko.*", "").replace('-', '_');
    }

    private static void fillLayer(Path root, Path layer, Path draft) throws IOException, InterruptedException {
        var files = Files.createDirectories(draft.resolve("files"));
        for (var name : RESOURCES) {
            Files.writeString(files.resolve(Path.of(name).getFileName().toString()), ContainerConfig.resource(name));
        }
        Set<String> present = new LinkedHashSet<>();
        for (var path : LAYER) {
            if (Files.exists(root.resolve(path), java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                present.add(path);
            }
        }
        var command = new ArrayList<>(List.of(
                "sh", "-ec", "cd \"$1\"; layer=$2; shift 2; cp -a --parents \"$@\" \"$layer\"", "sh", root.toString()));
        command.add(layer.toString());
        command.addAll(present);
        var copied = Tools.execute(command, Map.of(), PATIENCE, line -> {});
        if (copied.code() != 0) {
            throw new IOException("the layer of virtual machines cannot be made: " + Tools.tail(copied.output()));
        }
        Tools.run(
                PATIENCE,
                "sh",
                "-eu",
                files.resolve("layer.sh").toString(),
                layer.toString(),
                files.toString(),
                root.toString());
    }
}
