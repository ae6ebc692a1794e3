/**
 * Servers that boot. A machine is a system container: an init of its own (systemd), sshd, a hostname, its own pid,
 * mount, uts, ipc, cgroup and network namespaces, disks that are real block devices, and a first boot that runs user
 * data. Images are built from Debian's packages; disks are sparse files with incremental snapshots. Nothing here knows
 * an AWS service.
 */
@NullMarked
package dev.haneul.engines.machine;

import org.jspecify.annotations.NullMarked;
