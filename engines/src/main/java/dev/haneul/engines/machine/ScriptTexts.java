package dev.haneul.engines.machine;

/** The fixed parts of the boot scripts: functions that {@link FirstBoot} calls with its values as arguments. */
final class ScriptTexts {
    static final String START = """
            # Written by the host for this boot.
            export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            export DEBIAN_FRONTEND=noninteractive
            umask 022
            log=/var/log/cloud-init-output.log
            """;

    private static final String COMMON = """
            home=/var/lib/cloud/instances/$id
            first() { # once per instance
              [ ! -e "$home/sem/$1" ] && : >"$home/sem/$1"
            }
            failed() {
              echo "WARNING: $1 failed"
              echo "$1" >>/run/cloud-init/failed
            }
            put() { # PATH BASE64 MODE OWNER
              mkdir -p "$(dirname "$1")" && printf %s "$2" | base64 -d >"$1" && chmod "$3" "$1" && chown "$4" "$1" ||
                failed "write_files $1"
            }
            """;

    static final String EARLY_FUNCTIONS = COMMON + """
            [ -d "$home/sem" ] || mkdir -p "$home/sem" "$home/scripts" /var/lib/cloud/scripts/per-boot
            mkdir -p /run/cloud-init
            ln -sfn "$home" /var/lib/cloud/instance
            printf %s "$id" >/run/cloud-init/.instance-id
            exec >>"$log" 2>&1
            name() {
              printf '%s\\n' "$1" >/etc/hostname
              printf '127.0.0.1 localhost\\n127.0.1.1 %s %s\\n::1 localhost ip6-localhost\\n' "$1" "${1%%.*}" >/etc/hosts
            }
            resolver() {
              [ ! -L /etc/resolv.conf ] || rm -f /etc/resolv.conf
              printf %s "$1" >/etc/resolv.conf
            }
            host_keys() {
              if first ssh; then
                for file in /etc/ssh/ssh_host_*; do [ ! -e "$file" ] || rm -f "$file"; done
              fi
              [ -f /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
            }
            trust() { # NUMBER PEM
              file=/usr/local/share/ca-certificates/haneul-$1.crt
              mkdir -p /usr/local/share/ca-certificates
              [ "$(cat $file 2>/dev/null)" != "$2" ] || return 0
              printf '%s\\n' "$2" >$file
              printf '%s\\n' "$2" >>/etc/ssl/certs/ca-certificates.crt
              hash=$(openssl x509 -hash -noout -in $file) && ln -sf $file /etc/ssl/certs/$hash.0
            }
            # The AWS CLI, boto3 and Node.js bring authorities of their own and would not look at the system's.
            trusting() {
              bundle=/etc/ssl/certs/ca-certificates.crt
              for name in AWS_CA_BUNDLE NODE_EXTRA_CA_CERTS; do
                grep -qs "^$name=" /etc/environment || echo "$name=$bundle" >>/etc/environment
                systemctl set-environment "$name=$bundle"
              done
            }
            default_user() { # our own images have theirs
              if ! grep -q "^$1:" /etc/passwd; then
                useradd -m -s /bin/bash "$1" || failed users
                sudo_for "$1" 'ALL=(ALL) NOPASSWD:ALL'
              fi
            }
            sudo_for() { # USER RULE
              mkdir -p /etc/sudoers.d
              printf '%s %s\\n' "$1" "$2" >>/etc/sudoers.d/90-cloud-init-users
              chmod 440 /etc/sudoers.d/90-cloud-init-users
            }
            key() { # USER KEY
              eval "folder=~$1/.ssh"
              if [ ! -f "$folder/authorized_keys" ]; then
                (umask 077 && mkdir -p "$folder" && : >"$folder/authorized_keys")
                chown -R "$1:" "$folder"
              fi
              printf '%s\\n' "$2" >>"$folder/authorized_keys"
            }
            run_text() { # PATH BASE64
              printf %s "$2" | base64 -d >"$1" && chmod 700 "$1" && INSTANCE_ID=$id "$1" || failed "$1"
            }
            """;

    static final String FINAL_FUNCTIONS = COMMON + """
            rm -f "$home/user-data.txt" && cp /run/haneul/user-data "$home/user-data.txt" && chmod 600 "$home/user-data.txt"
            # Whoever is left in the background keeps its output, and nobody waits for it.
            mkfifo /run/cloud-init/output 2>/dev/null
            tee -a "$log" </run/cloud-init/output &
            exec >/run/cloud-init/output 2>&1
            run_scripts() {
              for script in "$1"/*; do
                [ -f "$script" ] && [ -x "$script" ] || continue
                (cd / && "$script") || failed "$script"
              done
            }
            finish() {
              errors=""
              if [ -s /run/cloud-init/failed ]; then errors=' "failed"'; fi
              printf '{"v1": {"datasource": "DataSourceEc2Local", "errors": [%s]}}\\n' "$errors" >/run/cloud-init/result.json
              printf 'Cloud-init finished at %s. Datasource DataSourceEc2Local.  Up %s seconds\\n' \\
                "$(date -R)" "$(cut -d' ' -f1 /proc/uptime)"
              : >/var/lib/cloud/instance/boot-finished
              if [ -x /usr/lib/haneul/host-door ]; then /usr/lib/haneul/host-door booted; fi
            }
            """;

    private ScriptTexts() {}
}
