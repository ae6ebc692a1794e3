# Watches over one virtual machine: starts its emulator, again after each reboot, and notes how it ended. It needs no
# server: the machine goes on, and reboots, while the server is away. Its network namespace holds the machine's
# interfaces, so that they go when it goes.
#
# Environment: FOLDER the machine's folder. Descriptor 3 is the gate: nothing happens before a line comes through.
cd "$FOLDER" || exit 1
boots=0
read -r _ <&3 || exit 1
exec 3<&-

note() { # FILE TEXT
  printf '%s\n' "$2" >"$1.new" && mv "$1.new" "$1"
}

while :; do
  boots=$((boots + 1))
  rm -f init.pid qmp agent emulator.log
  set --
  while IFS= read -r word; do set -- "$@" "$word"; done <arguments
  note boots "$boots"
  qemu-system-x86_64 "$@" </dev/null >emulator.err 2>&1 &
  note init.pid "$!"
  wait "$!"
  code=$?
  rm -f init.pid
  if [ -f reset ]; then
    rm -f reset # the reset button: whatever it died of, it comes again
  elif [ "$code" != 0 ] || grep -q qemu_system_shutdown_request emulator.log; then
    break # it crashed, or its system powered off: a reboot ends the emulator without that word
  fi
  sleep 0.2
done
tail -c 2000 emulator.err >>console
note exit "$code"
