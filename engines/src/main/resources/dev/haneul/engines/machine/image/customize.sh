#!/bin/sh
# Makes a server of a fresh Debian tree ($1): what cloud images have changed, and what a container cannot use is left out.
# Run by mmdebstrap as its customize hook. FILES is the folder with the files of this one.
set -eu
root=$1

# Units that need hardware, or do by the clock what nobody wants a region of servers to do at once.
units=$root/etc/systemd/system
for unit in getty.target systemd-udevd.service systemd-udev-trigger.service dev-hugepages.mount sys-kernel-config.mount \
  sys-kernel-debug.mount sys-kernel-tracing.mount proc-sys-fs-binfmt_misc.automount sys-fs-fuse-connections.mount \
  systemd-modules-load.service systemd-random-seed.service systemd-journal-flush.service e2scrub_reap.service \
  systemd-pstore.service systemd-update-utmp.service systemd-update-utmp-runlevel.service \
  systemd-machine-id-commit.service systemd-firstboot.service kmod-static-nodes.service systemd-remount-fs.service \
  systemd-ask-password-console.path systemd-ask-password-wall.path systemd-tmpfiles-setup-dev.service \
  modprobe@.service systemd-hwdb-update.service ldconfig.service; do
  ln -sf /dev/null "$units/$unit"
done
rm -f "$units"/timers.target.wants/*
# Generators that look for hardware or for what no server here has: each is a process at every boot.
mkdir -p "$root/etc/systemd/system-generators"
for generator in systemd-bless-boot-generator systemd-cryptsetup-generator systemd-debug-generator \
  systemd-getty-generator systemd-gpt-auto-generator systemd-hibernate-resume-generator \
  systemd-integritysetup-generator systemd-run-generator systemd-system-update-generator \
  systemd-veritysetup-generator; do
  ln -sf /dev/null "$root/etc/systemd/system-generators/$generator"
done
# Packages make their users when they are installed, and sshd looks at its configuration by itself.
ln -sf /dev/null "$units/systemd-sysusers.service"
mkdir -p "$units/ssh.service.d"
printf '[Service]\nExecStartPre=\n' >"$units/ssh.service.d/quick.conf"
# Started when somebody asks for them, by socket or D-Bus, not before.
rm -f "$root"/lib/systemd/system/multi-user.target.wants/systemd-logind.service \
  "$root"/lib/systemd/system/multi-user.target.wants/dbus.service

# Each machine has an identity of its own.
rm -f "$root"/etc/ssh/ssh_host_* "$root"/etc/hostname "$root"/var/lib/dbus/machine-id
: >"$root/etc/machine-id"
cat >"$root/etc/ssh/sshd_config.d/50-cloud-init.conf" <<'SSH'
PasswordAuthentication no
UseDNS no
SSH
# There is no audit session in a container.
sed -i 's/^session\( *\)required\( *\)pam_loginuid.so/session optional pam_loginuid.so/' "$root/etc/pam.d/sshd"
mkdir -p "$root/etc/systemd/journald.conf.d"
printf '[Journal]\nRuntimeMaxUse=8M\n' >"$root/etc/systemd/journald.conf.d/small.conf"

# The authorities that the host trusts.
if [ -d /usr/local/share/ca-certificates ]; then
  cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
  chroot "$root" update-ca-certificates >/dev/null 2>&1 || true
fi

# Mounting disks is the host's work, see the helper.
mkdir -p "$root/usr/lib/haneul"
install -m 755 "$FILES/host-door" "$root/usr/lib/haneul/host-door"
for type in ext2 ext3 ext4 xfs btrfs vfat; do
  ln -sf /usr/lib/haneul/host-door "$root/sbin/mount.$type"
  ln -sf /usr/lib/haneul/host-door "$root/sbin/umount.$type"
done
install -m 755 "$FILES/cloud-init" "$root/usr/bin/cloud-init"
