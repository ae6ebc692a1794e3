/**
 * Servers that boot. A machine is a system container: an init of its own (systemd), sshd, a hostname, its own pid,
 * mount, uts, ipc, cgroup and network namespaces, disks that are real block devices, and a first boot that runs user
 * data. Images are built from Debian's packages; disks are sparse files with incremental snapshots. Nothing here knows
 * an AWS service.
 *
 * <p><b>What holds a machine together</b> is its watcher, a shell on a pseudo terminal (the console), started by
 * {@link dev.haneul.engines.machine.ContainerLaunch} in a mount and a network namespace of its own. It starts init by
 * {@code crun}, starts it again after a reboot, and notes how it ended, whether or not we are there. Its mount namespace
 * holds the root disk, its network namespace the interfaces: when it goes, everything goes, and there is nothing to unmount.
 * Only data disks' loop devices are attached for good, because they must outlive us; recovery looks for strays.
 *
 * <p><b>The root</b> is an overlay: the image's layers below, the root disk's own ext4 on top. Booting copies nothing, where
 * a full copy is 200 MB a machine. So a snapshot of a root disk holds what was written and names its image, and an image
 * made of a machine is one more layer.
 *
 * <p><b>Walls.</b> There is no user namespace, because no file system on a block device may be mounted in one. Root in a
 * machine is therefore root to the kernel, without CAP_SYS_ADMIN, CAP_MKNOD, CAP_SYS_MODULE and others, behind a system-call
 * filter; {@link dev.haneul.engines.machine.HostDoor} mounts disks for it. What that costs: no containers inside, no
 * {@code mount} of anything but its disks, no change of the hostname but by user data, and the host's memory and uptime in
 * {@code /proc}.
 *
 * <p><b>First boot.</b> {@link dev.haneul.engines.machine.FirstBoot} understands user data on our side and writes two shell
 * scripts; Debian's cloud-init would take longer than the rest of the boot. Missing of cloud-init: includes, templates, part
 * handlers, and every module but packages, files, users, keys, commands, hostname, timezone, passwords and mounts.
 *
 * <p><b>Virtual machines</b> ({@link dev.haneul.engines.machine.MachineWay#VIRTUAL}) are the other way, with the same
 * images, volumes, seed and interfaces: a watcher that runs qemu again after each reboot, Debian's cloud kernel, and a
 * first program that puts the same overlay together within the guest, of the image (a read-only disk made once of its
 * layers), a layer with the kernel's modules, udev and a helper, and the volume. So a volume, a snapshot and an image fit
 * both ways. Each interface of the network namespace has a tap device beside it and nftables forwards every frame between
 * the two: what filters, answers or translates behind the interface sees no difference. The helper takes commands over a
 * serial port; stopping is the power button. {@link dev.haneul.engines.machine.Hypervisor} finds out by booting a guest
 * whether KVM serves, once per boot of the host, at the first use; without it the processor is emulated for those who ask
 * for that. Missing: arm64, more than 20 disks, disk images with a boot loader of their own, and a user other than root
 * for qemu (its system calls are filtered, it may start no program). A detached interface leaves a dead device in the
 * guest where its driver does not let go.
 */
@NullMarked
package dev.haneul.engines.machine;

import org.jspecify.annotations.NullMarked;
