package dev.haneul.engines.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.machine.MachineExit.Kind;
import dev.haneul.engines.work.HostProcesses;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every way of being a server keeps. */
abstract class MachineContract {
    @TempDir
    Path home;

    Lab lab;

    abstract Lab lab(Path home);

    @BeforeEach
    void open() throws Exception {
        lab = lab(home);
        lab.assumeUsable();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        lab.another().recover().forEach(Machine::close);
        lab.close();
        lab.awaitNothingLeft();
        assertThat(lab.leftovers()).isEmpty();
    }

    @Test
    void takesTheKeyItWasGivenAndNoOther() throws Exception {
        var right = lab.key("right");
        lab.key("wrong");
        try (var machine =
                lab.launch("i-1", List.of(), Lab.seed("i-1", right, "#!/bin/sh\necho hello from $(id -un)\n"))) {
            assertThat(machine.awaitBooted(Lab.PATIENCE))
                    .as(Files.readString(machine.console()))
                    .isTrue();

            var in = lab.ssh(machine, "right", "admin", "sudo id -u; hostname; cat /etc/resolv.conf");
            assertThat(in.output()).isEqualTo("0\nip-10-0-0-7\nsearch internal\nnameserver 10.0.0.2\n");
            assertThat(lab.ssh(machine, "wrong", "admin", "id").output()).contains("Permission denied (publickey)");
            assertThat(lab.ssh(machine, "right", "root", "id").output()).contains("Permission denied (publickey)");
            assertThat(Lab.sh(machine, "grep hello /var/log/cloud-init-output.log"))
                    .isEqualTo("hello from root");
            assertThat(Files.readString(machine.console())).contains("Cloud-init finished");
            assertThat(Lab.sh(machine, "systemctl is-system-running; systemctl --failed --no-legend"))
                    .isEqualTo("running");
            assertThat(Lab.sh(machine, "service ssh status >/dev/null && systemctl is-active ssh"))
                    .isEqualTo("active");
        }
    }

    @Test
    void aRebootKeepsDisksAndAStopKeepsTheRootDisk() throws Exception {
        var heard = new ConcurrentLinkedQueue<String>();
        lab.machines.watch(heard::add);
        var seed = Lab.seed("i-2", "", "#!/bin/sh\necho ran >>/root/count\n");
        try (var machine = lab.launch("i-2", List.of(), seed)) {
            assertThat(machine.awaitBooted(Lab.PATIENCE)).isTrue();
            HostProcesses.await(10_000_000_000L, () -> heard.contains("i-2"));
            assertThat(heard).contains("i-2");
            var netns = Files.readSymbolicLink(machine.netns());
            Lab.sh(machine, "echo kept >/root/file");

            machine.reboot(Duration.ofSeconds(20));
            assertThat(machine.awaitBooted(Lab.PATIENCE)).isTrue();
            assertThat(machine.boots()).isEqualTo(2);
            assertThat(Files.readSymbolicLink(machine.netns())).isEqualTo(netns);
            assertThat(Lab.sh(machine, "cat /root/file /root/count")).isEqualTo("kept\nran");

            assertThat(machine.shutdown(Duration.ofSeconds(20)).kind()).isEqualTo(Kind.POWERED_OFF);
        }
        try (var machine = lab.launch("i-2", List.of(), seed)) {
            assertThat(machine.awaitBooted(Lab.PATIENCE)).isTrue();
            assertThat(Lab.sh(machine, "cat /root/file /root/count")).isEqualTo("kept\nran");
            Lab.sh(machine, "systemctl reboot");
            HostProcesses.await(20_000_000_000L, () -> machine.boots() == 2);
            assertThat(machine.awaitBooted(Lab.PATIENCE)).isTrue();
            machine.exec(List.of("systemctl", "poweroff"), Lab.PATIENCE);
            assertThat(machine.await(Lab.PATIENCE))
                    .get()
                    .extracting(MachineExit::kind)
                    .isEqualTo(Kind.POWERED_OFF);
        }
    }

    @Test
    void aDiskGoesFromOneMachineToAnotherWithItsData() throws Exception {
        lab.machines.disks().create("vol-1", Lab.DATA_BYTES);
        lab.machines.disks().create("vol-2", Lab.DATA_BYTES);
        var one = lab.launch("i-3", List.of(new DiskAttachment("vol-1", "/dev/sdf")), Lab.seed("i-3", "", ""));
        var two = lab.launch("i-4", List.of(), Lab.seed("i-4", "", ""));
        try (one;
                two) {
            assertThat(one.awaitBooted(Lab.PATIENCE) && two.awaitBooted(Lab.PATIENCE))
                    .isTrue();
            assertThat(Lab.sh(
                            one,
                            "mkfs.ext4 -q /dev/xvdf && mkdir /data && mount /dev/sdf /data && echo mine >/data/file"))
                    .isEmpty();
            assertThat(one.detach("vol-1", false)).as("still mounted").isFalse();
            assertThatThrownBy(() -> two.attach(new DiskAttachment("vol-1", "/dev/sdf")))
                    .hasMessageContaining("i-3");
            assertThat(Lab.sh(one, "umount /data && ls /data")).isEmpty();
            assertThat(one.detach("vol-1", false)).isTrue();
            assertThat(Lab.sh(one, "ls /dev/xvdf")).contains("No such file");

            two.attach(new DiskAttachment("vol-1", "/dev/xvdg"));
            assertThat(Lab.sh(
                            two,
                            "mount -o ro /dev/sdg /mnt && cat /mnt/file && readlink -f $(findmnt -no SOURCE /mnt)"))
                    .isEqualTo("mine\n" + Lab.sh(two, "readlink -f /dev/sdg"));
            assertThatThrownBy(() -> two.attach(new DiskAttachment("vol-2", "/dev/sdg")))
                    .hasMessageContaining("already");
            two.attach(new DiskAttachment("vol-2", "/dev/sdh"));
            two.reboot(Duration.ofSeconds(20));
            assertThat(two.awaitBooted(Lab.PATIENCE)).isTrue();
            assertThat(Lab.sh(two, "mount /dev/sdg /mnt && cat /mnt/file; test -b /dev/xvdh && echo both"))
                    .isEqualTo("mine\nboth");
            assertThat(two.detach("vol-1", true)).as("torn off").isTrue();
            assertThat(Lab.sh(two, "ls /mnt")).isEmpty();
        }
    }

    @Test
    void aFullDiskAndADeadInitAreTheMachinesOwnTrouble() throws Exception {
        lab.machines.disks().createRoot("root-i-6", "debian-12", 128L << 20);
        try (var machine = lab.launch("i-6", List.of(), Lab.seed("i-6", "", ""))) {
            assertThat(machine.awaitBooted(Lab.PATIENCE)).isTrue();
            assertThat(Lab.sh(machine, "(head -c 300M /dev/zero >/root/full) 2>&1"))
                    .contains("No space left");
            lab.machines.disks().grow("root-i-6", 512L << 20);
            Lab.sh(machine, "rm /root/full");
            assertThat(machine.usage().peakMemoryBytes()).isPositive();

            machine.freeze();
            machine.thaw();
            HostProcesses.signal(
                    dev.haneul.engines.work.ProcessIdentity.of(machine.pid()).orElseThrow(), 9);
            assertThat(machine.await(Lab.PATIENCE))
                    .get()
                    .extracting(MachineExit::kind)
                    .isEqualTo(Kind.CRASHED);
            assertThat(machine.running()).isFalse();
        }
        try (var machine = lab.launch("i-6", List.of(), Lab.seed("i-6", "", ""))) {
            assertThat(machine.awaitBooted(Lab.PATIENCE)).isTrue();
            assertThat(Lab.sh(machine, "head -c 300M /dev/zero >/root/full && rm /root/full"))
                    .isEmpty();
        }
        assertThatThrownBy(() -> lab.machines.launch(lab.spec("i-none", List.of(), Seed.of("i", List.of())), it -> {}))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("root-i-none");
    }

    @Test
    void machinesGoOnWithoutTheServer() throws Exception {
        lab.machines.disks().create("vol-9", Lab.DATA_BYTES);
        var machine = lab.launch("i-7", List.of(new DiskAttachment("vol-9", "/dev/sdf")), Lab.seed("i-7", "", ""));
        var gone = lab.launch("i-8", List.of(), Lab.seed("i-8", "", ""));
        lab.machines.disks().createRoot("root-i-9", "debian-12", Lab.ROOT_BYTES);
        lab.machines.prepare(lab.spec("i-9", List.of(), Lab.seed("i-9", "", ""))); // never started
        assertThat(machine.awaitBooted(Lab.PATIENCE) && gone.awaitBooted(Lab.PATIENCE))
                .isTrue();
        long pid = machine.pid();
        lab.machines.close();
        HostProcesses.signal(
                dev.haneul.engines.work.ProcessIdentity.of(gone.pid()).orElseThrow(), 9);

        try (var next = lab.another()) {
            var found = next.recover();
            assertThat(found).extracting(Machine::id).containsExactlyInAnyOrder("i-7", "i-8");
            var adopted = found.stream()
                    .filter(it -> it.id().equals("i-7"))
                    .findFirst()
                    .orElseThrow();
            var ended = found.stream()
                    .filter(it -> it.id().equals("i-8"))
                    .findFirst()
                    .orElseThrow();
            assertThat(ended.await(Lab.PATIENCE))
                    .get()
                    .extracting(MachineExit::kind)
                    .isEqualTo(Kind.CRASHED);
            assertThat(adopted.pid()).isEqualTo(pid);
            assertThat(adopted.booted()).isTrue();
            assertThat(adopted.labels()).containsEntry("a", "b");
            assertThat(Lab.sh(adopted, "mkfs.ext4 -q /dev/xvdf && mount /dev/xvdf /mnt && umount /mnt && echo well"))
                    .isEqualTo("well");
            assertThatThrownBy(() -> next.disks().delete("vol-9")).hasMessageContaining("i-7");
            adopted.reboot(Duration.ofSeconds(20));
            assertThat(adopted.awaitBooted(Lab.PATIENCE)).isTrue();
            adopted.close();
            ended.close();
            next.disks().delete("vol-9");
        }
    }

    @Test
    void anImageOfAMachineBoots() throws Exception {
        try (var machine = lab.launch("i-10", List.of(), Lab.seed("i-10", "", ""))) {
            assertThat(machine.awaitBooted(Lab.PATIENCE)).isTrue();
            Lab.sh(machine, "echo golden >/etc/golden; rm /usr/bin/nano");
            lab.machines.disks().snapshot("snap-10", "root-i-10");
            lab.machines.images().create("ami-" + home.getFileName(), "root-i-10");
        }
        var image = "ami-" + home.getFileName();
        lab.machines.disks().createRoot("root-i-11", image, Lab.ROOT_BYTES);
        lab.machines.disks().restore("root-i-12", "snap-10", Lab.ROOT_BYTES + (1L << 30));
        var one = lab.launch("i-11", List.of(), Lab.seed("i-11", "", ""));
        var two = lab.launch("i-12", List.of(), Lab.seed("i-12", "", ""));
        try (one;
                two) {
            for (var machine : List.of(one, two)) {
                assertThat(machine.awaitBooted(Lab.PATIENCE)).isTrue();
                assertThat(Lab.sh(machine, "cat /etc/golden; ls /usr/bin/nano"))
                        .startsWith("golden")
                        .contains("No such file");
            }
            assertThat(Lab.sh(two, "df -B1G --output=size / | tail -1").strip()).isEqualTo("3");
            assertThatThrownBy(() -> lab.machines.images().delete(image)).hasMessageContaining("stand on");
        }
        lab.machines.disks().delete("root-i-11");
        lab.machines.images().delete(image);
        assertThat(lab.machines.images().find(image)).isEmpty();
    }
}
