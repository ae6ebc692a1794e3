package dev.haneul.engines.sandbox;

import dev.haneul.engines.work.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * The {@code /etc} that workloads on the host's runtimes see: users of our making and, of the host's files, only those
 * that programs need to run and that hold no secrets. Copied once per engine, so that a launch binds one folder.
 */
final class SyntheticEtc {
    private static final String PASSWD = """
            root:x:0:0:root:/root:/sbin/nologin
            sbx_user1051:x:%d:%d::/home/sbx_user1051:/sbin/nologin
            nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
            """.formatted(SandboxUser.UID, SandboxUser.GID);
    private static final String GROUP = """
            root:x:0:
            sbx_user1051:x:%d:
            nogroup:x:65534:
            """.formatted(SandboxUser.GID);
    private static final String HOSTS = """
            127.0.0.1 localhost sandbox
            ::1 localhost
            """;
    private static final String NSSWITCH = """
            passwd: files
            group: files
            hosts: files dns
            networks: files
            protocols: files
            services: files
            """;

    /** Host files and folders that are copied where they exist and can be read. */
    private static final List<String> COPIED = List.of(
            "ld.so.cache",
            "alternatives",
            "localtime",
            "timezone",
            "protocols",
            "services",
            "mime.types",
            "fonts",
            "ssl/certs",
            "ssl/openssl.cnf",
            "pki/tls/certs",
            "pki/ca-trust/extracted",
            "ca-certificates/extracted");

    private static final int COPIED_MOST_FILES = 5_000;

    private final Path folder;

    private SyntheticEtc(Path folder) {
        this.folder = folder;
    }

    /** Makes the folder afresh. */
    static SyntheticEtc make(Path folder) throws IOException {
        Folders.delete(folder);
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        write(folder.resolve("passwd"), PASSWD);
        write(folder.resolve("group"), GROUP);
        write(folder.resolve("hosts"), HOSTS);
        write(folder.resolve("nsswitch.conf"), NSSWITCH);
        write(folder.resolve("resolv.conf"), "");
        write(folder.resolve("hostname"), "sandbox\n");
        for (var name : COPIED) {
            copy(Path.of("/etc", name), folder.resolve(name));
        }
        copyJavaConfigurations(folder);
        return new SyntheticEtc(folder);
    }

    Path folder() {
        return folder;
    }

    /** Debian keeps the configuration of its JDKs in {@code /etc/java-*}, linked from {@code /usr/lib/jvm}. */
    private static void copyJavaConfigurations(Path folder) throws IOException {
        try (var entries = Files.newDirectoryStream(Path.of("/etc"), "java-*")) {
            for (var entry : entries) {
                copy(entry, folder.resolve(entry.getFileName()));
            }
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static void copy(Path source, Path target) throws IOException {
        // localtime is a link into /usr; what it points to is wanted, not a link that could lead astray.
        var start = Files.isRegularFile(source) ? source.toRealPath() : source;
        if (!Files.isReadable(start)) {
            return;
        }
        Files.createDirectories(target.getParent());
        try (var tree = Files.walk(start)) {
            tree.limit(COPIED_MOST_FILES)
                    .forEach(path ->
                            copyOne(path, target.resolve(start.relativize(path).toString())));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void copyOne(Path path, Path target) {
        try {
            boolean plain = Files.isSymbolicLink(path)
                    || Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                    || Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
            if (plain && (Files.isSymbolicLink(path) || readableByAll(path))) {
                Files.copy(
                        path,
                        target,
                        LinkOption.NOFOLLOW_LINKS,
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean readableByAll(Path path) throws IOException {
        return Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS)
                .contains(java.nio.file.attribute.PosixFilePermission.OTHERS_READ);
    }
}
