package dev.haneul.engines.machine;

import dev.haneul.engines.machine.Images.Recipe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * An image built of Debian's packages: one base for all, and a thin layer with the name and manners of each. The names say
 * what they are: systems like those of AWS, not those.
 *
 * @param recipe what callers see
 * @param release lines of {@code os-release} that differ
 * @param greeting the message of the day
 */
record ImageRecipe(Recipe recipe, String release, String greeting) {
    static final String SUITE = "bookworm";
    static final List<String> FILES = List.of("customize.sh", "host-door", "cloud-init", "lsblk", "yum");
    static final List<String> PACKAGES = List.of(
            "usr-is-merged",
            "systemd",
            "systemd-sysv",
            "dbus",
            "openssh-server",
            "sudo",
            "iproute2",
            "iputils-ping",
            "netbase",
            "ca-certificates",
            "curl",
            "python3",
            "procps",
            "e2fsprogs",
            "xfsprogs",
            "less",
            "nano");

    /** The system whose agent tells the region that containers may run here. */
    private static final String CONTAINERS = "amazon-linux-ecs";

    private static final String AGENT_UNIT = "usr/lib/systemd/system/ecs.service";

    /** Changes with what {@link #write} does. */
    private static final String LAYER = "2";

    private static final int USER_ID = 1000;
    private static final String COMMON =
            "HOME_URL=\"https://www.debian.org/\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\n"
                    + "VERSION_CODENAME=bookworm\n";

    static final List<ImageRecipe> ALL = List.of(
            new ImageRecipe(
                    new Recipe("debian-12", "Debian 12", "admin"),
                    "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nID=debian\n" + COMMON,
                    "Debian 12, a server of Haneul's.\n"),
            new ImageRecipe(
                    new Recipe("amazon-linux", "Amazon-Linux-like system of Debian 12 packages", "ec2-user"),
                    "PRETTY_NAME=\"Amazon-Linux-like (Debian 12 packages)\"\nNAME=\"Amazon-Linux-like\"\nID=debian\n"
                            + "VARIANT_ID=amazon-linux-like\n" + COMMON,
                    "An Amazon-Linux-like server of Haneul's: Debian 12 packages, the user ec2-user, yum as a word for apt-get.\n"),
            new ImageRecipe(
                    new Recipe(
                            CONTAINERS, "Amazon-Linux-like system of Debian 12 packages, for containers", "ec2-user"),
                    "PRETTY_NAME=\"Amazon-Linux-like (Debian 12 packages)\"\nNAME=\"Amazon-Linux-like\"\nID=debian\n"
                            + "VARIANT_ID=amazon-linux-like\n" + COMMON,
                    "An Amazon-Linux-like server of Haneul's that takes containers: see /etc/ecs/ecs.config.\n"),
            new ImageRecipe(
                    new Recipe("ubuntu", "Ubuntu-like system of Debian 12 packages", "ubuntu"),
                    "PRETTY_NAME=\"Ubuntu-like (Debian 12 packages)\"\nNAME=\"Ubuntu-like\"\nID=debian\n"
                            + "VARIANT_ID=ubuntu-like\n" + COMMON,
                    "An Ubuntu-like server of Haneul's: Debian 12 packages, the user ubuntu.\n"));

    static Optional<ImageRecipe> named(String name) {
        return ALL.stream().filter(it -> it.recipe().name().equals(name)).findFirst();
    }

    /** The name of the base layer: another one for another way to build it. */
    static String baseId(AptSettings apt) throws IOException {
        var text = new StringBuilder(SUITE).append(PACKAGES).append(apt);
        for (var file : FILES) {
            text.append(ContainerConfig.resource("image/" + file));
        }
        return "debian-base-" + hash(text.toString());
    }

    /** This image's id: another one for another base, so that disks never find another image below them. */
    String id(String baseId) {
        return recipe.name() + "-" + hash(baseId + LAYER + release + greeting);
    }

    static String hash(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    /**
     * Writes the layer: names, manners, and the default user, whom {@code useradd} would make at every first boot with a
     * handful of waits for the disk.
     *
     * @param base the root of the layer below
     */
    void write(Path root, Path base) throws IOException {
        put(root, "usr/lib/os-release", release, "rw-r--r--");
        put(root, "etc/motd", greeting, "rw-r--r--");
        var user = recipe.userName();
        append(root, base, "etc/passwd", user + ":x:1000:1000::/home/" + user + ":/bin/bash", "rw-r--r--");
        append(root, base, "etc/shadow", user + ":!:20000:0:99999:7:::", "rw-r-----");
        append(root, base, "etc/group", user + ":x:1000:", "rw-r--r--");
        append(root, base, "etc/gshadow", user + ":!::", "rw-r-----");
        for (var file : List.of("etc/shadow", "etc/gshadow")) {
            Files.setAttribute(root.resolve(file), "unix:gid", Files.getAttribute(base.resolve(file), "unix:gid"));
        }
        put(root, "etc/sudoers.d/90-cloud-init-users", user + " ALL=(ALL) NOPASSWD:ALL\n", "r--r-----");
        var home = "home/" + user + "/";
        try (var skeleton = Files.newDirectoryStream(base.resolve("etc/skel"))) {
            for (var file : skeleton) {
                put(root, home + file.getFileName(), Files.readString(file), "rw-r--r--");
            }
        }
        put(root, home + ".ssh/authorized_keys", "", "rw-------");
        Files.setPosixFilePermissions(root.resolve(home), PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(root.resolve(home + ".ssh"), PosixFilePermissions.fromString("rwx------"));
        try (var tree = Files.walk(root.resolve(home))) {
            for (var path : tree.toList()) {
                Files.setAttribute(path, "unix:uid", USER_ID);
                Files.setAttribute(path, "unix:gid", USER_ID);
            }
        }
        if (recipe.name().equals(CONTAINERS)) {
            put(root, "etc/ecs/ecs.config", "", "rw-r--r--");
            put(root, "usr/libexec/ecs-agent", ContainerConfig.resource("image/ecs-agent"), "rwxr-xr-x");
            put(root, AGENT_UNIT, ContainerConfig.resource("image/ecs.service"), "rw-r--r--");
            var wants = root.resolve("etc/systemd/system/multi-user.target.wants");
            Files.createDirectories(wants);
            Files.createSymbolicLink(wants.resolve("ecs.service"), Path.of("/", AGENT_UNIT));
        }
        if (recipe.name().startsWith("amazon-linux")) {
            var yum = ContainerConfig.resource("image/yum");
            put(root, "usr/bin/yum", yum, "rwxr-xr-x");
            put(root, "usr/bin/dnf", yum, "rwxr-xr-x");
        }
    }

    private static void append(Path root, Path base, String name, String line, String mode) throws IOException {
        put(root, name, Files.readString(base.resolve(name)) + line + "\n", mode);
    }

    private static void put(Path root, String name, String content, String mode) throws IOException {
        var file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }
}
