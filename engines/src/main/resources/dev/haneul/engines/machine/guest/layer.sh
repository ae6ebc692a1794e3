#!/bin/sh
# Makes the layer ($1) that lies above every image in a virtual machine. $2: the files of this folder, $3: the packages.
layer=$1
files=$2
packages=$3
units=$layer/etc/systemd/system
mkdir -p "$units/sysinit.target.wants" "$units/multi-user.target.wants" "$layer/usr/lib/haneul" \
  "$layer/usr/lib/udev/rules.d" "$layer/usr/lib/systemd/system" "$layer/usr/sbin" "$layer/usr/local/bin" "$layer/run"

# Here are devices: what images for containers leave out comes back.
for unit in systemd-udevd.service systemd-udev-trigger.service systemd-udevd-kernel.socket systemd-udevd-control.socket; do
  cp "$packages/usr/lib/systemd/system/$unit" "$layer/usr/lib/systemd/system/$unit"
  ln -sf "/usr/lib/systemd/system/$unit" "$units/$unit"
done
for unit in systemd-udevd.service systemd-udev-trigger.service; do
  ln -sf "/usr/lib/systemd/system/$unit" "$units/sysinit.target.wants/$unit"
done
mkdir -p "$units/sockets.target.wants"
for unit in systemd-udevd-kernel.socket systemd-udevd-control.socket; do
  ln -sf "/usr/lib/systemd/system/$unit" "$units/sockets.target.wants/$unit"
done
# The power button.
ln -sf /lib/systemd/system/systemd-logind.service "$units/multi-user.target.wants/systemd-logind.service"
cp "$files/disks.rules" "$layer/usr/lib/udev/rules.d/99-haneul-disks.rules"

install -m 755 "$files/agent" "$layer/usr/lib/haneul/agent"
cp "$files/agent.service" "$layer/usr/lib/systemd/system/haneul-agent.service"
ln -sf /usr/lib/systemd/system/haneul-agent.service "$units/sysinit.target.wants/haneul-agent.service"

# A machine mounts by itself: what asks the host in a container is hidden (whiteouts of overlayfs).
for type in ext2 ext3 ext4 xfs btrfs vfat; do
  mknod "$layer/usr/sbin/mount.$type" c 0 0
  mknod "$layer/usr/sbin/umount.$type" c 0 0
done
mknod "$layer/usr/local/bin/lsblk" c 0 0
mknod "$layer/usr/lib/haneul/host-door" c 0 0
rm -rf "$layer/run"
