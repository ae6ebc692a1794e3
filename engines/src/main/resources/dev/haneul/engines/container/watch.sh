# Watches over one container: runs it and notes how it ended, whether or not a server is there to hear.
#
# Environment: FOLDER the container's folder, NAME its name, STATE where crun keeps its own, ENTRANCES the files by which it
# enters its control groups, TTY whether it has a terminal.
# Descriptor 3 is the gate: nothing happens before a line comes through.
cd "$FOLDER" || exit 1
read -r _ <&3 || exit 1
exec 3<&-
for entrance in $ENTRANCES; do
  printf 0 >"$entrance" || exit 1
done
set -- crun --root "$STATE" --log "$FOLDER/crun.log" --cgroup-manager=disabled \
  run --bundle "$FOLDER/bundle" --pid-file "$FOLDER/init.pid" "$NAME"
if [ -n "$TTY" ]; then
  script -qefc "$(printf "'%s' " "$@")" /dev/null
else
  "$@"
fi
code=$?
printf '%s\n' "$code" >exit.new && mv exit.new exit
