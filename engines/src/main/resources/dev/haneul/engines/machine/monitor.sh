# Watches over one machine: starts its init, again after each reboot, and notes how it ended. It needs no server: the
# machine goes on, and reboots, while the server is away. Its mount namespace holds the machine's disks and its network
# namespace the machine's interfaces, so that everything goes when it goes.
#
# Environment: FOLDER the machine's folder, NAME its id, BOX its group in the cgroup2 tree mounted at $FOLDER/cgroup.
# Descriptor 3 is the gate: nothing happens before a line comes through.
cd "$FOLDER" || exit 1
console=$(tty)
boots=0
read -r _ <&3 || exit 1
exec 3<&-

note() { # FILE TEXT
  printf '%s\n' "$2" >"$1.new" && mv "$1.new" "$1"
}

# crun goes into the machine's group by itself, so that its child is born there.
start_init() {
  sh -c 'printf 0 >"$FOLDER/cgroup$BOX/cgroup.procs" && exec crun --root "$FOLDER/crun" --cgroup-manager=disabled \
    run --bundle "$FOLDER/bundle" --pid-file "$FOLDER/init.pid" "$NAME"'
}

while :; do
  boots=$((boots + 1))
  sed "s#@CONSOLE@#$console#" config.json >bundle/config.json
  rm -rf "crun/$NAME" init.pid
  note boots "$boots"
  start_init
  code=$?
  rm -f init.pid
  if [ -f reset ]; then
    rm -f reset # the reset button: whatever init died of, it comes again
  elif [ "$code" != 129 ]; then # reboot(2) in a pid namespace ends init with SIGHUP, power-off with SIGINT
    break
  fi
  sleep 0.2
done
note exit "$code"
