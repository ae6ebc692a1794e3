package dev.haneul.engines.container;

import com.github.luben.zstd.ZstdOutputStream;
import dev.haneul.engines.container.ImageRoots.Layer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Images made here: busybox and a few users. */
final class TestImages {
    static final Path BUSYBOX = Path.of("/bin/busybox");

    private static final List<String> APPLETS = List.of(
            "sh",
            "cat",
            "ls",
            "sleep",
            "echo",
            "id",
            "mount",
            "umount",
            "mknod",
            "head",
            "wget",
            "httpd",
            "nc",
            "ps",
            "kill",
            "stty",
            "env",
            "pwd",
            "touch",
            "mkdir",
            "hostname",
            "df",
            "tail",
            "true",
            "false",
            "trap",
            "grep",
            "wc",
            "unshare",
            "chroot",
            "dd",
            "tty",
            "test",
            "sysctl",
            "stat",
            "rm",
            "ip",
            "chmod",
            "nproc",
            "readlink",
            "seq");

    private TestImages() {}

    /** How a layer is compressed. */
    enum Form {
        PLAIN,
        GZIP,
        ZSTD
    }

    /** A layer in the making. */
    static final class Tar {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, "UTF-8");

        Tar() {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        }

        Tar folder(String name, int mode, int uid) throws IOException {
            return entry(name + "/", TarConstants.LF_DIR, "", mode, uid, new byte[0]);
        }

        Tar file(String name, String content) throws IOException {
            return file(name, content.getBytes(StandardCharsets.UTF_8), 0644, 0);
        }

        Tar file(String name, byte[] content, int mode, int uid) throws IOException {
            return entry(name, TarConstants.LF_NORMAL, "", mode, uid, content);
        }

        Tar link(String name, String target) throws IOException {
            return entry(name, TarConstants.LF_SYMLINK, target, 0777, 0, new byte[0]);
        }

        Tar hardLink(String name, String target) throws IOException {
            return entry(name, TarConstants.LF_LINK, target, 0644, 0, new byte[0]);
        }

        Tar entry(String name, byte type, String target, int mode, int uid, byte[] content) throws IOException {
            var entry = new TarArchiveEntry(name, type, true);
            entry.setMode(mode);
            entry.setUserId(uid);
            entry.setGroupId(uid);
            entry.setLinkName(target);
            entry.setSize(content.length);
            entry.setModTime(0L);
            out.putArchiveEntry(entry);
            out.write(content);
            out.closeArchiveEntry();
            return this;
        }

        Layer layer(Form form) throws IOException {
            out.finish();
            var plain = bytes.toByteArray();
            var stored = compressed(plain, form);
            return new Layer(digest(stored), digest(plain), () -> new ByteArrayInputStream(stored));
        }
    }

    private static byte[] compressed(byte[] plain, Form form) throws IOException {
        var to = new ByteArrayOutputStream();
        try (OutputStream out = switch (form) {
            case PLAIN -> to;
            case GZIP -> new GZIPOutputStream(to);
            case ZSTD -> new ZstdOutputStream(to);
        }) {
            out.write(plain);
        }
        return to.toByteArray();
    }

    static String digest(byte[] bytes) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A small system: busybox, users, a folder for programs. */
    static Layer system() throws IOException {
        var tar = new Tar();
        for (var name : List.of("bin", "etc", "proc", "sys", "dev", "root", "srv")) {
            tar.folder(name, 0755, 0);
        }
        tar.folder("tmp", 01777, 0);
        tar.file("bin/busybox", Files.readAllBytes(BUSYBOX), 0755, 0);
        tar.file("bin/suid", Files.readAllBytes(BUSYBOX), 04755, 0);
        for (var applet : APPLETS) {
            tar.link("bin/" + applet, "busybox");
        }
        tar.file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001:app:/home/app:/bin/sh\n");
        tar.file("etc/group", "root:x:0:\napp:x:1001:\nextra:x:2000:other,app\n");
        tar.folder("srv/data", 0750, 1000)
                .file("srv/data/from-image", "image".getBytes(StandardCharsets.UTF_8), 0640, 1000);
        tar.file("bin/nonsense", "not a program".getBytes(StandardCharsets.UTF_8), 0755, 0);
        return tar.layer(Form.GZIP);
    }
}
