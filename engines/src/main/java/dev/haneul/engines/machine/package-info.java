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
 */
@NullMarked
package dev.haneul.engines.machine;

import org.jspecify.annotations.NullMarked;
