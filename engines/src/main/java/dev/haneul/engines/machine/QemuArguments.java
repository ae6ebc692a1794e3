package dev.haneul.engines.machine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the emulator is told. Words and not a line: whoever runs it quotes nothing. */
final class QemuArguments {
    private final List<String> words = new ArrayList<>();

    private QemuArguments() {}

    /** What every guest has, the self-test's among them. */
    static QemuArguments start(List<String> accelerator, int cpus, int memoryMib) {
        var it = new QemuArguments();
        it.words.addAll(List.of(
                "-no-user-config",
                "-nodefaults",
                "-display",
                "none",
                "-machine",
                "pc,usb=off,vmport=off",
                "-smp",
                Integer.toString(cpus),
                "-m",
                Integer.toString(memoryMib),
                "-sandbox",
                "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
                "-action",
                "reboot=shutdown,panic=exit-failure",
                "-device",
                "pvpanic"));
        it.words.addAll(accelerator);
        return it;
    }

    QemuArguments add(String... more) {
        words.addAll(List.of(more));
        return this;
    }

    QemuArguments kernel(Path kernel, Path start, String commandLine) {
        return add("-kernel", kernel.toString(), "-initrd", start.toString(), "-append", commandLine);
    }

    /** What it prints goes to the end of a file. */
    QemuArguments console(Path file) {
        return add("-chardev", "file,id=console,append=on,path=" + escaped(file), "-serial", "chardev:console");
    }

    /** @param serial at most 20 characters, by which the guest knows it */
    QemuArguments disk(String name, Path file, String serial, boolean readOnly) {
        return add(
                "-blockdev",
                "driver=file,node-name=" + name + "-file,filename=" + escaped(file) + ",read-only="
                        + (readOnly ? "on" : "off") + ",discard=unmap",
                "-blockdev",
                "driver=raw,node-name=" + name + ",file=" + name + "-file,read-only=" + (readOnly ? "on" : "off")
                        + ",discard=unmap",
                "-device",
                "virtio-blk-pci,id=" + name + "-device,drive=" + name + ",serial=" + serial);
    }

    QemuArguments network(GuestNetwork.Device device) {
        var name = "net" + device.number();
        return add(
                "-netdev",
                "tap,id=" + name + ",ifname=" + device.tap() + ",script=no,downscript=no",
                "-device",
                "virtio-net-pci,romfile=,id=" + name + "-device,netdev=" + name + ",mac=" + device.mac());
    }

    List<String> words() {
        return List.copyOf(words);
    }

    private static String escaped(Path path) {
        return path.toString().replace(",", ",,");
    }
}
