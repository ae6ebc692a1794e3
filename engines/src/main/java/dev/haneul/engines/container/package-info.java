/**
 * Containers in pods: the containers of one task share a network namespace, volumes and a disk. They are run by
 * {@code crun} on Linux as root; there is no daemon. Nothing here knows an AWS service.
 *
 * <p><b>What holds a pod together</b> is its holder, a process that does nothing in a mount and a network namespace of the
 * pod's own. The mount namespace holds the pod's disk, the network namespace its interfaces: with the last of its processes
 * everything goes, and there is nothing to unmount. A container has a watcher, a shell that runs {@code crun} and notes how
 * the container ended, whether or not we are there. Our own process has no thread per pod or container: one epoll hears
 * of all ends.
 *
 * <p><b>The root</b> of a container is an overlay: the image's layers below, unpacked once each
 * ({@link dev.haneul.engines.container.ImageRoots}), and the container's own folder on the pod's disk on top. The disk is an
 * ext4 file system in a sparse file, so that a full disk is the pod's own trouble.
 *
 * <p><b>Walls.</b> There is no user namespace: root in an image is root to the kernel, with the few capabilities that
 * container runtimes give by default (no CAP_MKNOD: there is no device control here), behind a system-call filter, with
 * {@code /proc} and {@code /sys} masked. Privileged containers are refused, and so are capabilities that would be the host's.
 *
 * <p><b>Missing:</b> devices, user namespaces, pausing. Traffic to disks is counted for processes that still live only. With
 * control groups of version 2 a pod cannot be counted to another process's group. Who mounts a folder of a server
 * ({@link dev.haneul.engines.container.ContainerSpec.Mount.Foreign}) keeps the server's disk in use until its pod is closed.
 */
@NullMarked
package dev.haneul.engines.container;

import org.jspecify.annotations.NullMarked;
