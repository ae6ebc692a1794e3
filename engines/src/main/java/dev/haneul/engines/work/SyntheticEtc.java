package dev.haneul.engines.work;

import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The {@code /etc} that workloads on the host's runtimes see: users of our making and, of the host's files, only those
 * that programs need to run and that hold no secrets. Copied once per engine, so that a launch binds one folder.
 */
public final class SyntheticEtc {
    private static final String PASSWD = """
            root:x:0:0:root:/root:/sbin/nologin
            sbx_user1051:x:%d:%d::/home/sbx_user1051:/sbin/nologin
            nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
            """;
    private static final String GROUP = """
            root:x:0:
            sbx_user1051:x:%d:
            nogroup:x:65534:
            """;
    private static final String HOSTS = """
            127.0.0.1 localhost sandbox sandbox.localdomain
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

    /** Who resolves names, within the folder. */
    public static final String RESOLVER = "resolv.conf";

    /** The resolver of every network that a workload is linked with; it is nowhere where there is no link. */
    private static final String NAMES = "nameserver 169.254.169.253\n";

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
    private static final Path HOST = Path.of("/etc");

    private final Path home;
    private final Path folder;

    private SyntheticEtc(Path home, Path folder) {
        this.home = home;
        this.folder = folder;
    }

    /**
     * The folder for the host as it is now. It is named after what the host has, and one that exists is used again: it
     * may be bound into workloads of an earlier server that still run.
     *
     * @param home where the folder, and none but such folders, is made
     * @param uid of the workloads' user, as they see it
     * @param gid of its group
     */
    public static SyntheticEtc make(Path home, int uid, int gid) throws IOException {
        var sources = sources();
        var folder = home.resolve(stamp(sources, uid + ":" + gid + ":" + NAMES));
        if (!Files.isDirectory(folder)) {
            var half = home.resolve("half-made");
            FileTrees.delete(half);
            fill(half, sources, uid, gid);
            Files.move(half, folder, StandardCopyOption.ATOMIC_MOVE);
        }
        return new SyntheticEtc(home, folder);
    }

    private static void fill(Path folder, List<Path> sources, int uid, int gid) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        write(folder.resolve("passwd"), PASSWD.formatted(uid, gid));
        write(folder.resolve("group"), GROUP.formatted(gid));
        write(folder.resolve("hosts"), HOSTS);
        write(folder.resolve("nsswitch.conf"), NSSWITCH);
        write(folder.resolve(RESOLVER), NAMES);
        write(folder.resolve("hostname"), "sandbox\n");
        for (var source : sources) {
            copy(source, folder.resolve(HOST.relativize(source).toString()));
        }
    }

    private static List<Path> sources() throws IOException {
        var sources = new ArrayList<Path>();
        COPIED.forEach(name -> sources.add(HOST.resolve(name)));
        // Debian keeps the configuration of its JDKs in /etc/java-*, linked from /usr/lib/jvm.
        try (var entries = Files.newDirectoryStream(HOST, "java-*")) {
            entries.forEach(sources::add);
        }
        sources.removeIf(Files::notExists);
        sources.sort(null);
        return sources;
    }

    /** Changes with our own texts and whenever one of the host's files or folders is replaced. */
    private static String stamp(List<Path> sources, String user) throws IOException {
        var crc = new CRC32();
        crc.update((PASSWD + GROUP + HOSTS + NSSWITCH + user).getBytes(StandardCharsets.UTF_8));
        for (var source : sources) {
            crc.update((source + " " + Files.getLastModifiedTime(source)).getBytes(StandardCharsets.UTF_8));
        }
        return String.format("%08x", crc.getValue());
    }

    /** Removes the folders of earlier states of the host; call it where no workload of an earlier server runs. */
    public void removeOthers() throws IOException {
        for (var other : Folders.within(home)) {
            if (!other.equals(folder)) {
                FileTrees.delete(other);
            }
        }
    }

    /** What is to be seen at {@code /etc}. */
    public Path folder() {
        return folder;
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
        makeFolders(target.getParent());
        try (var tree = Files.walk(start)) {
            tree.limit(COPIED_MOST_FILES)
                    .forEach(path ->
                            copyOne(path, target.resolve(start.relativize(path).toString())));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Folders in between, which workloads must be able to enter whatever our umask is. */
    private static void makeFolders(@Nullable Path folder) throws IOException {
        if (folder != null && Files.notExists(folder)) {
            makeFolders(folder.getParent());
            Files.createDirectory(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
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
        return Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS).contains(PosixFilePermission.OTHERS_READ);
    }
}
