package dev.haneul.engines.machine;

import static dev.haneul.engines.machine.FirstBoot.quoted;
import static dev.haneul.engines.machine.FirstBoot.text;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** Cloud-config as shell commands. */
final class CloudConfigScript {
    private static final int MOST_FILE_BYTES = 8 << 20;

    private final CloudConfig config;
    private final String defaultUser;

    CloudConfigScript(CloudConfig config, String defaultUser) {
        this.config = config;
        this.defaultUser = defaultUser;
    }

    /** Files, groups, users and their keys: before anybody can log in. */
    void early(StringBuilder out) {
        files(false, out);
        for (var group : config.list("groups")) {
            if (group instanceof Map<?, ?> map) {
                CloudConfig.asMap(map).forEach((name, members) -> {
                    group(name, out);
                    CloudConfig.words(members)
                            .forEach(it -> out.append("usermod -aG ")
                                    .append(quoted(name))
                                    .append(' ')
                                    .append(quoted(it))
                                    .append('\n'));
                });
            } else {
                CloudConfig.words(group).forEach(name -> group(name, out));
            }
        }
        for (var user : config.maps("users")) {
            user(user, out);
        }
        FirstBoot.keys(defaultUser, strings(config.values().get("ssh_authorized_keys")), out);
        config.text("timezone")
                .ifPresent(zone -> out.append("ln -sf ")
                        .append(quoted("/usr/share/zoneinfo/" + zone))
                        .append(" /etc/localtime; echo ")
                        .append(quoted(zone))
                        .append(" >/etc/timezone\n"));
        config.text("password").ifPresent(password -> password(defaultUser, password, out));
        if (config.isTrue("ssh_pwauth")) {
            out.append("sed -i 's/^PasswordAuthentication.*/PasswordAuthentication yes/' "
                    + "/etc/ssh/sshd_config.d/50-cloud-init.conf\n");
        }
        for (var mount : config.list("mounts")) {
            mount(mount, out);
        }
    }

    private static void group(String name, StringBuilder out) {
        out.append("getent group ")
                .append(quoted(name))
                .append(" >/dev/null || groupadd ")
                .append(quoted(name))
                .append(" || failed groups\n");
    }

    private static void mount(Object mount, StringBuilder out) {
        var fields = new ArrayList<>(strings(mount));
        if (fields.size() < 2) {
            return;
        }
        var defaults = List.of("", "", "auto", "defaults,nofail", "0", "2");
        while (fields.size() < defaults.size()) {
            fields.add(defaults.get(fields.size()));
        }
        out.append("mkdir -p ")
                .append(quoted(fields.get(1)))
                .append("; echo ")
                .append(quoted(String.join("\t", fields)))
                .append(" >>/etc/fstab\n");
    }

    private static void user(Map<String, Object> user, StringBuilder out) {
        var name = text(user, "name", "");
        if (name.isEmpty()) {
            return;
        }
        out.append("id -u ").append(quoted(name)).append(" >/dev/null 2>&1 || useradd ");
        out.append(Boolean.TRUE.equals(user.get("no_create_home")) ? "-M" : "-m");
        out.append(Boolean.TRUE.equals(user.get("system")) ? " -r" : "");
        out.append(" -s ").append(quoted(text(user, "shell", "/bin/bash")));
        option("-c", user.get("gecos"), out);
        option("-d", user.get("homedir"), out);
        option("-u", user.get("uid"), out);
        option("-g", user.get("primary_group"), out);
        option("-p", user.get("passwd"), out);
        out.append(' ').append(quoted(name)).append(" || failed users\n");
        for (var group : CloudConfig.words(user.get("groups"))) {
            group(group, out);
            out.append("usermod -aG ")
                    .append(quoted(group))
                    .append(' ')
                    .append(quoted(name))
                    .append('\n');
        }
        if (user.get("plain_text_passwd") != null) {
            password(name, text(user, "plain_text_passwd", ""), out);
        }
        for (var rule : CloudConfig.listOf(user.get("sudo"))) {
            if (rule instanceof String line) {
                out.append("sudo_for ")
                        .append(quoted(name))
                        .append(' ')
                        .append(quoted(line))
                        .append('\n');
            }
        }
        FirstBoot.keys(
                name,
                strings(user.getOrDefault("ssh_authorized_keys", user.getOrDefault("ssh-authorized-keys", List.of()))),
                out);
    }

    private static void option(String flag, @org.jspecify.annotations.Nullable Object value, StringBuilder out) {
        if (value != null) {
            out.append(' ').append(flag).append(' ').append(quoted(String.valueOf(value)));
        }
    }

    private static void password(String user, String password, StringBuilder out) {
        out.append("printf '%s:%s\\n' ")
                .append(quoted(user))
                .append(' ')
                .append(quoted(password))
                .append(" | chpasswd\n");
    }

    /** Packages and late files: when everything runs. */
    void last(StringBuilder out) {
        var packages = config.list("packages").stream()
                .map(it -> it instanceof List<?> pair && pair.size() == 2
                        ? pair.get(0) + "=" + pair.get(1)
                        : String.valueOf(it))
                .toList();
        boolean upgrade = config.isTrue("package_upgrade") || config.isTrue("apt_upgrade");
        if (!packages.isEmpty() || upgrade || config.isTrue("package_update") || config.isTrue("apt_update")) {
            out.append("apt-get -q update || failed package_update\n");
        }
        if (upgrade) {
            out.append("apt-get -q -y dist-upgrade || failed package_upgrade\n");
        }
        if (!packages.isEmpty()) {
            out.append("apt-get -q -y -o Dpkg::Options::=--force-confold install --");
            packages.forEach(it -> out.append(' ').append(quoted(it)));
            out.append(" || failed packages\n");
        }
        files(true, out);
    }

    private void files(boolean deferred, StringBuilder out) {
        for (var file : config.maps("write_files")) {
            var path = text(file, "path", "");
            if (Boolean.TRUE.equals(file.get("defer")) != deferred || !path.startsWith("/")) {
                continue;
            }
            var owner = quoted(text(file, "owner", "root:root"));
            if (Boolean.TRUE.equals(file.get("append"))) {
                out.append("mkdir -p ")
                        .append(quoted(parent(path)))
                        .append(" && printf %s ")
                        .append(quoted(content(file)))
                        .append(" | base64 -d >>")
                        .append(quoted(path))
                        .append(" || failed write_files\n");
            } else {
                out.append("put ")
                        .append(quoted(path))
                        .append(' ')
                        .append(quoted(content(file)))
                        .append(' ')
                        .append(quoted(mode(file.get("permissions"))))
                        .append(' ')
                        .append(owner)
                        .append('\n');
            }
        }
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash == 0 ? "/" : path.substring(0, slash);
    }

    /** YAML reads {@code 0644} as a number, octal by its rules, and cloud-init takes it as one. */
    private static String mode(@org.jspecify.annotations.Nullable Object permissions) {
        return switch (permissions) {
            case null -> "0644";
            case Integer number -> Integer.toOctalString(number);
            default -> String.valueOf(permissions);
        };
    }

    /** A file's content in base64, whatever encoding it was given in. */
    private static String content(Map<String, Object> file) {
        var content = text(file, "content", "");
        var encoding = text(file, "encoding", "text/plain").toLowerCase(Locale.ROOT);
        try {
            byte[] bytes = switch (encoding) {
                case "b64", "base64" -> Base64.getMimeDecoder().decode(content.strip());
                case "gz+base64", "gzip+base64", "gz+b64", "gzip+b64" ->
                    unzip(Base64.getMimeDecoder().decode(content.strip()));
                default -> content.getBytes(StandardCharsets.UTF_8);
            };
            return Base64.getEncoder().encodeToString(bytes);
        } catch (IOException | IllegalArgumentException e) {
            return FirstBoot.base64(content); // as cloud-init: what cannot be decoded is written as it is
        }
    }

    private static byte[] unzip(byte[] bytes) throws IOException {
        try (var in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return in.readNBytes(MOST_FILE_BYTES);
        }
    }

    private static List<String> strings(@org.jspecify.annotations.Nullable Object value) {
        return CloudConfig.listOf(value).stream().map(String::valueOf).toList();
    }
}
