# How the Python examples get what they import, for their "run" scripts to source after web.sh.

# vendor FOLDER DEBIAN_PACKAGES REQUIREMENTS: puts pure Python packages into FOLDER, installing nothing on this machine:
# on Debian and its kin what their archive has, elsewhere what pip finds.
vendor() {
  local folder="$1" debian="$2" requirements="$3" work file
  if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-deb >/dev/null 2>&1; then
    python3 -m pip install --quiet --target "$folder" --requirement "$requirements"
    return
  fi
  work="$(mktemp -d)"
  # shellcheck disable=SC2086
  (cd "$work" && { apt-get download -q $debian || { apt-get update -q && apt-get download -q $debian; }; })
  for file in "$work"/*.deb; do dpkg-deb -x "$file" "$work/root"; done
  cp -R "$work/root/usr/lib/python3/dist-packages/." "$folder"
  rm -rf "$work"
  # Compiled for one Python of one machine; the packages do without.
  find "$folder" -name '*.so' -delete
}

# The runtime that is this machine's own Python, for which its packages are.
python_runtime() { python3_of_system -c 'import sys; print("python%d.%d" % sys.version_info[:2])'; }
python3_of_system() { if [ -x /usr/bin/python3 ]; then /usr/bin/python3 "$@"; else python3 "$@"; fi; }
