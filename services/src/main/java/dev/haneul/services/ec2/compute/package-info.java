/**
 * Servers, their images, keys and disks.
 *
 * <p>Operations decide and write down; what takes time follows. {@link
 * dev.haneul.services.ec2.compute.Compute#join} adds one reconciler each for instances, volumes, snapshots, images and
 * interfaces of servers that run. An instance's record holds where it is and where it goes, a pure plan compares that
 * with the server that is seen, and the reconciler takes the step. An instance is {@code running} once its init runs. A
 * server that is killed leaves its instances running; the next one adopts them. After a reboot of the host, instances
 * that ran are started again.
 *
 * <p>What runs servers stands behind {@link dev.haneul.services.ec2.compute.Servers}, what connects them behind {@link
 * dev.haneul.services.ec2.compute.Networks}. Servers get the memory and processors of their type as far as the host has
 * them.
 *
 * <p>An instance is a system container or a virtual machine: {@link dev.haneul.services.ec2.compute.Ways}. Where a virtual
 * machine is asked for and cannot run, RunInstances answers {@code Unsupported} with what was tried.
 *
 * <p>Snapshots keep what a volume holds when they are made, a moment after they are asked for. Encrypted volumes check
 * and record their key; the bytes on the host's disk are not encrypted by it, neither
 * way: {@code Encrypted} in DescribeVolumes tells what was asked for and which key governs, not how the host stores it. Hibernation is recorded, and the instance
 * stops. Placement groups keep their rules, but one host has no racks to place by; CPU and maintenance options and
 * volumes' AutoEnableIO are recorded. Missing: the spot market, dedicated hosts, capacity reservations, images in S3, export
 * of images, screenshots, serial consoles, fast snapshot restore, the recycle bin, io limits (recorded only). Followed:
 * the user guide's pages on instances, launch templates, key pairs and AMIs, and the EBS user guide.
 */
@NullMarked
package dev.haneul.services.ec2.compute;

import org.jspecify.annotations.NullMarked;
