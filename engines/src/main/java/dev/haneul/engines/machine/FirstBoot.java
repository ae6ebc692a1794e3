package dev.haneul.engines.machine;

import dev.haneul.engines.machine.UserData.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * What a machine does at boot beside starting its services, as two shell scripts written by us: {@code early} before
 * anything listens (name, name servers, host keys, users, files), {@code final} when everything runs (packages, scripts).
 * Debian's cloud-init takes longer than the whole rest of the boot; this takes some tens of milliseconds. User data is
 * understood here and not in the machine, so that every image can do it that has a shell.
 *
 * <p>Both run at every boot; what is for once per instance has a mark in {@code /var/lib/cloud/instances/ID/sem}, which is
 * set before the work, so that a script that reboots is not run again.
 */
final class FirstBoot {
    private static final String EARLY_UNIT = """
            [Unit]
            Description=Names, keys and users of this server (what cloud-init's first stages do)
            DefaultDependencies=no
            After=local-fs.target systemd-tmpfiles-setup.service systemd-sysusers.service
            Before=sysinit.target ssh.service sshd.service shutdown.target
            Conflicts=shutdown.target
            [Service]
            Type=oneshot
            RemainAfterExit=yes
            TimeoutStartSec=0
            ExecStart=/bin/sh /run/haneul/early
            """;
    private static final String FINAL_UNIT = """
            [Unit]
            Description=User data (what cloud-init's last stage does)
            After=multi-user.target network-online.target ssh.service
            Wants=network-online.target
            [Service]
            Type=oneshot
            RemainAfterExit=yes
            TimeoutStartSec=0
            KillMode=process
            TasksMax=infinity
            StandardOutput=journal+console
            ExecStart=/bin/sh /run/haneul/final
            """;

    private final MachineSpec spec;
    private final String user;
    private final UserData data;
    private final CloudConfig config;

    FirstBoot(MachineSpec spec, String imageUser) {
        this.spec = spec;
        this.user = spec.seed().userName().orElse(imageUser);
        this.data = UserData.parse(spec.seed().userData());
        this.config = CloudConfig.of(data.of(Kind.CLOUD_CONFIG));
    }

    /** The host's name: what cloud-config says goes first. */
    String hostname() {
        var wanted = config.isTrue("preserve_hostname")
                ? ""
                : config.text("hostname").or(() -> config.text("fqdn")).orElse("");
        return wanted.matches("[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?") ? wanted : spec.hostname();
    }

    /** Writes scripts and units into the folders that the machine sees. */
    void write(MachineFolder folder) throws IOException {
        Files.writeString(folder.host().resolve("early"), early());
        Files.writeString(folder.host().resolve("final"), last());
        Files.write(folder.host().resolve("user-data"), spec.seed().userData());
        unit(folder.units(), "haneul-early.service", EARLY_UNIT, "sysinit.target");
        unit(folder.units(), "cloud-final.service", FINAL_UNIT, "multi-user.target");
    }

    private static void unit(Path units, String name, String text, String wantedBy) throws IOException {
        Files.writeString(units.resolve(name), text);
        var wants = Files.createDirectories(units.resolve(wantedBy + ".wants"));
        Files.createSymbolicLink(wants.resolve(name), Path.of("..", name));
    }

    private String early() {
        var seed = spec.seed();
        var out = new StringBuilder(ScriptTexts.START)
                .append("id=")
                .append(quoted(seed.instanceId()))
                .append('\n')
                .append(ScriptTexts.EARLY_FUNCTIONS);
        out.append("name ").append(quoted(hostname())).append('\n');
        out.append("resolver ").append(quoted(resolver())).append('\n');
        out.append("host_keys\n");
        int number = 0;
        for (var certificate : seed.trustedCertificates()) {
            out.append("trust ")
                    .append(number++)
                    .append(' ')
                    .append(quoted(certificate))
                    .append('\n');
        }
        if (number > 0) {
            out.append("trusting\n");
        }
        out.append("if first early; then\n");
        out.append("default_user ").append(quoted(user)).append('\n');
        keys(user, seed.publicKeys(), out);
        new CloudConfigScript(config, user).early(out);
        out.append("fi\n");
        for (var hook : data.of(Kind.BOOT_HOOK)) {
            out.append("run_text ")
                    .append(quoted("/run/cloud-init/" + hook.name()))
                    .append(' ')
                    .append(quoted(base64(hook.content().replaceFirst("^#cloud-boothook[^\n]*\n", ""))))
                    .append('\n');
        }
        config.commands("bootcmd")
                .forEach(line -> out.append("sh -c ").append(quoted(line)).append(" || failed bootcmd\n"));
        return out.append("exit 0\n").toString();
    }

    private String resolver() {
        var text = new StringBuilder();
        if (!spec.seed().searchDomains().isEmpty()) {
            text.append("search ")
                    .append(String.join(" ", spec.seed().searchDomains()))
                    .append('\n');
        }
        spec.seed()
                .nameServers()
                .forEach(it -> text.append("nameserver ").append(it).append('\n'));
        return text.toString();
    }

    private String last() {
        var out = new StringBuilder(ScriptTexts.START)
                .append("id=")
                .append(quoted(spec.seed().instanceId()))
                .append('\n')
                .append(ScriptTexts.FINAL_FUNCTIONS);
        var warnings = new ArrayList<>(data.warnings());
        warnings.addAll(config.warnings());
        out.append("if first final; then\n:\n");
        warnings.forEach(
                it -> out.append("echo ").append(quoted("WARNING: " + it)).append('\n'));
        new CloudConfigScript(config, user).last(out);
        var runcmd = config.commands("runcmd");
        if (!runcmd.isEmpty()) {
            script("runcmd", "#!/bin/sh\n" + String.join("\n", runcmd) + "\n", out);
        }
        data.of(Kind.SCRIPT).forEach(part -> script(part.name(), part.content(), out));
        out.append("run_scripts /var/lib/cloud/instance/scripts\nfi\n");
        for (var part : data.of(Kind.SCRIPT_EVERY_BOOT)) {
            out.append("put /var/lib/cloud/scripts/per-boot/")
                    .append(part.name())
                    .append(' ')
                    .append(quoted(base64(part.content())))
                    .append(" 700 root:root\n");
        }
        return out.append("run_scripts /var/lib/cloud/scripts/per-boot\nfinish\n")
                .toString();
    }

    private static void script(String name, String content, StringBuilder out) {
        out.append("put /var/lib/cloud/instance/scripts/")
                .append(name)
                .append(' ')
                .append(quoted(base64(content)))
                .append(" 700 root:root\n");
    }

    static void keys(String user, List<String> keys, StringBuilder out) {
        for (var key : keys) {
            out.append("key ")
                    .append(quoted(user))
                    .append(' ')
                    .append(quoted(key.strip()))
                    .append('\n');
        }
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** As one word of a shell. */
    static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    /** A value of a map as text. */
    static String text(Map<String, Object> map, String key, String otherwise) {
        return String.valueOf(map.getOrDefault(key, otherwise));
    }
}
