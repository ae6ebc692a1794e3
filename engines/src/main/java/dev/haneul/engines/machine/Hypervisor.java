package dev.haneul.engines.machine;

import dev.haneul.engines.work.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether virtual machines run here, and how, found by booting one: there are hosts whose KVM runs a boot sector and
 * never gets a kernel to its first program. The answer holds until the host boots again and is kept in the image cache.
 * Without KVM the processor can be emulated, many times slower; that is done only for those who ask for it.
 */
final class Hypervisor {
    private static final System.Logger LOG = System.getLogger(Hypervisor.class.getName());
    private static final String QEMU = "qemu-system-x86_64";
    private static final int BOOT_SECONDS = 10;
    private static final int MEMORY_MIB = 192;
    private static final String WORD = "haneul: this host boots guests";
    private static final List<String> KVM = List.of("-accel", "kvm", "-cpu", "host");
    private static final List<String> EMULATION = List.of("-accel", "tcg,thread=multi,tb-size=128", "-cpu", "max");

    private final GuestKit kit;
    private final boolean emulation;
    private @Nullable Outcome kvm;

    /** @param emulation whether the processor may be emulated where KVM boots nothing */
    Hypervisor(GuestKit kit, boolean emulation) {
        this.kit = kit;
        this.emulation = emulation;
    }

    /** What the self-test saw. */
    private record Outcome(boolean boots, String words) {}

    /** What is missing before anything can be tried. */
    private static Optional<String> missing() {
        if (!System.getProperty("os.arch").equals("amd64")) {
            return Optional.of("virtual machines are x86_64 here, and this host is " + System.getProperty("os.arch"));
        }
        if (!Tools.present(QEMU)) {
            return Optional.of("qemu is not installed (apt-get install qemu-system-x86)");
        }
        return Files.exists(Path.of("/dev/net/tun")) ? Optional.empty() : Optional.of("there is no /dev/net/tun");
    }

    /**
     * Why no virtual machine can run here; empty where one can. The first time, it fetches what guests boot with and
     * boots one: half a minute at most beside the download.
     */
    Optional<String> obstacle(Consumer<String> progress) throws InterruptedException {
        var missing = missing();
        if (missing.isPresent()) {
            return missing;
        }
        try {
            kit.ensure(progress);
        } catch (IOException e) {
            return Optional.of("what they boot with cannot be made: " + e.getMessage());
        }
        if (emulation) {
            tried();
            return Optional.empty();
        }
        var outcome = tried();
        return outcome.boots()
                ? Optional.empty()
                : Optional.of(outcome.words()
                        + "; the processor can be emulated instead, many times slower: haneul up --machines vm");
    }

    /** Whether it is known already that KVM boots guests. */
    boolean proven() {
        var known = known();
        return missing().isEmpty() && known.isPresent() && known.get().boots();
    }

    /** What is known, in a sentence. */
    String words() {
        var missing = missing();
        if (missing.isPresent()) {
            return "no: " + missing.get();
        }
        var known = known();
        var result = known.isEmpty()
                ? "KVM not tried yet (the first virtual machine fetches a kernel and tries)"
                : known.get().words();
        if (known.isPresent() && known.get().boots()) {
            return "yes: " + result;
        }
        return emulation
                ? "yes, by emulation, many times slower (--machines vm): " + result
                : (known.isEmpty() ? "" : "no: ") + result;
    }

    /** How the emulator is accelerated. */
    List<String> accelerator() throws InterruptedException {
        return tried().boots() ? KVM : EMULATION;
    }

    private synchronized Optional<Outcome> known() {
        if (kvm == null) {
            kvm = remembered().orElse(null);
        }
        return Optional.ofNullable(kvm);
    }

    /** The self-test, once per boot of the host. */
    private synchronized Outcome tried() throws InterruptedException {
        var known = known();
        if (known.isPresent()) {
            return known.get();
        }
        Outcome found;
        try {
            found = Files.exists(Path.of("/dev/kvm")) ? boot() : new Outcome(false, "there is no /dev/kvm");
        } catch (IOException e) {
            found = new Outcome(false, "KVM cannot be tried: " + e.getMessage());
        }
        kvm = found;
        remember(found);
        return found;
    }

    private Outcome boot() throws IOException, InterruptedException {
        var folder = Files.createTempDirectory(kit.home(), "selftest");
        var console = folder.resolve("console");
        try {
            Files.createFile(console);
            var words = QemuArguments.start(KVM, 1, MEMORY_MIB)
                    .console(console)
                    .kernel(kit.kernel(), kit.start(), "console=ttyS0 quiet panic=-1 haneul.selftest")
                    .words();
            var command = new java.util.ArrayList<>(List.of("timeout", "-s", "KILL", "" + BOOT_SECONDS, QEMU));
            command.addAll(words);
            long began = System.nanoTime();
            var outcome = Tools.execute(command, Map.of(), Duration.ofSeconds(BOOT_SECONDS + 5), line -> {});
            long millis = (System.nanoTime() - began) / 1_000_000;
            var printed = Files.readString(console, StandardCharsets.ISO_8859_1);
            if (printed.contains(WORD)) {
                return new Outcome(true, "KVM boots a guest to its first program (in " + millis + " ms, qemu)");
            }
            var last = Tools.tail(outcome.output()).replace('\n', ' ').strip();
            return new Outcome(
                    false,
                    "/dev/kvm is there and boots no guest: qemu with -accel kvm -cpu host did not get Debian's cloud"
                            + " kernel to its first program "
                            + (millis >= BOOT_SECONDS * 1000L
                                    ? "within " + BOOT_SECONDS + " s"
                                    : "but ended after " + millis + " ms (" + last + ")"));
        } finally {
            dev.haneul.kernel.files.FileTrees.delete(folder);
        }
    }

    private Path memory() {
        return kit.home().resolve("selftest");
    }

    private static String hostBoot() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    }

    private Optional<Outcome> remembered() {
        try {
            var lines = Files.readAllLines(memory());
            return lines.size() == 3 && lines.get(0).equals(hostBoot())
                    ? Optional.of(new Outcome(lines.get(1).equals("boots"), lines.get(2)))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void remember(Outcome found) {
        try {
            MachineFolder.replace(
                    memory(),
                    hostBoot() + "\n" + (found.boots() ? "boots" : "fails") + "\n"
                            + found.words().replace('\n', ' ') + "\n");
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the self-test's outcome is not kept", e);
        }
    }
}
