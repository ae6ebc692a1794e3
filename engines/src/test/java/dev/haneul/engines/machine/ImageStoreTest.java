package dev.haneul.engines.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.engines.work.Tools;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are imported, and builds that fail. */
final class ImageStoreTest {
    private static final AptSettings NOWHERE =
            new AptSettings(List.of("deb http://127.0.0.1:9/debian bookworm main"), List.of("Acquire::Retries \"0\";"));

    @TempDir
    Path temp;

    private ImageStore images;

    @BeforeEach
    void open() throws Exception {
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "images are root's");
        images = new ImageStore(temp.resolve("cache"), image -> image.equals("used"), (disk, target) -> "", NOWHERE);
    }

    private static void run(String script, Path... arguments) throws Exception {
        var line = new java.util.ArrayList<>(List.of("sh", "-ec", script, "sh"));
        for (var argument : arguments) {
            line.add(argument.toString());
        }
        Tools.run(Duration.ofSeconds(20), line.toArray(String[]::new));
    }

    @Test
    void aBuildThatFailsLeavesNothing() throws Exception {
        assumeTrue(Tools.present("mmdebstrap"), "needs mmdebstrap");
        assertThatThrownBy(() -> images.ensure("debian-12", line -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be built")
                .hasMessageContaining("127.0.0.1");
        assertThat(images.list()).isEmpty();
        assertThat(images.find("debian-12")).isEmpty();
        try (var drafts = Files.list(temp.resolve("cache/drafts"))) {
            assertThat(drafts).isEmpty();
        }
        assertThat(Files.readString(Path.of("/proc/self/mounts"))).doesNotContain(temp.toString());
    }

    @Test
    void anArchiveIsImportedIfItIsARoot() throws Exception {
        run(
                "mkdir -p $1/r/sbin $1/r/dev && echo init >$1/r/sbin/init && echo x >$1/r/dev/x && tar -czf $1/good.tgz -C $1/r .",
                temp);
        run("mkdir $1/empty && tar -cf $1/bad.tar -C $1/empty .", temp);
        var image = images.importTar("ami-1", temp.resolve("good.tgz"), "core");
        assertThat(image.userName()).isEqualTo("core");
        assertThat(image.layers()).hasSize(1);
        assertThat(image.layers().getFirst().resolve("sbin/init")).hasContent("init\n");
        assertThat(image.layers().getFirst().resolve("dev/x")).doesNotExist();
        assertThatThrownBy(() -> images.importTar("ami-2", temp.resolve("bad.tar"), "core"))
                .hasMessageContaining("/sbin/init");
        assertThatThrownBy(() -> images.importTar("ami-1", temp.resolve("good.tgz"), "core"))
                .hasMessageContaining("already");
        assertThat(images.find("ami-2")).isEmpty();
        images.importTar("used", temp.resolve("good.tgz"), "core");
        assertThatThrownBy(() -> images.delete("used")).hasMessageContaining("stand on");
        images.delete("ami-1");
        images.delete("ami-1");
        assertThat(images.list()).extracting(Images.Image::id).containsExactly("used");
    }

    @Test
    void anOciLayoutIsImportedLayerByLayer() throws Exception {
        run(
                "mkdir -p $1/a/sbin $1/a/etc $1/b/etc && echo init >$1/a/sbin/init && echo old >$1/a/etc/gone && echo 1 >$1/a/etc/kept"
                        + " && : >$1/b/etc/.wh.gone && echo 2 >$1/b/etc/new",
                temp);
        var layout = Files.createDirectories(temp.resolve("layout/blobs/sha256"))
                .getParent()
                .getParent();
        var layers = new StringBuilder();
        for (var name : List.of("a", "b")) {
            run("tar -cf $1/layer.tar -C $2 .", temp, temp.resolve(name));
            layers.append(layers.isEmpty() ? "" : ", ")
                    .append("{\"digest\": \"")
                    .append(blob(layout, Files.readAllBytes(temp.resolve("layer.tar"))))
                    .append("\"}");
        }
        var manifest = blob(layout, ("{\"layers\": [" + layers + "]}").getBytes(StandardCharsets.UTF_8));
        Files.writeString(layout.resolve("index.json"), "{\"manifests\": [{\"digest\": \"" + manifest + "\"}]}");

        var root = images.importOci("ami-3", layout, "core").layers().getFirst();
        assertThat(root.resolve("etc/gone")).doesNotExist();
        assertThat(root.resolve("etc/.wh.gone")).doesNotExist();
        assertThat(root.resolve("etc/kept")).hasContent("1\n");
        assertThat(root.resolve("etc/new")).hasContent("2\n");
    }

    @Test
    void aDiskIsImportedByItsLargestFileSystem() throws Exception {
        assumeTrue(Tools.present("mke2fs"), "needs e2fsprogs");
        run(
                "mkdir -p $1/r/sbin && echo init >$1/r/sbin/init && chown 7:8 $1/r/sbin/init && chmod 4755 $1/r/sbin/init"
                        + " && ln -s sbin/init $1/r/link && mke2fs -q -t ext4 -d $1/r $1/part 8M",
                temp);
        byte[] part = Files.readAllBytes(temp.resolve("part"));
        byte[] disk = new byte[2048 * 512 + part.length];
        System.arraycopy(part, 0, disk, 2048 * 512, part.length);
        ByteBuffer.wrap(disk)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(446 + 8, 2048)
                .putInt(446 + 12, part.length / 512)
                .putShort(510, (short) 0xaa55);
        for (byte[] bytes : List.of(disk, part)) {
            var id = "ami-" + bytes.length;
            var root = images.importStream(id, Images.Packing.DISK, new ByteArrayInputStream(bytes), "core")
                    .layers()
                    .getFirst();
            assertThat(root.resolve("sbin/init")).hasContent("init\n");
            assertThat(Files.getAttribute(root.resolve("sbin/init"), "unix:uid"))
                    .isEqualTo(7);
            assertThat((int) Files.getAttribute(root.resolve("sbin/init"), "unix:mode") & 07777)
                    .isEqualTo(04755);
            assertThat(Files.readSymbolicLink(root.resolve("link"))).hasToString("sbin/init");
        }
        assertThatThrownBy(() -> images.importStream(
                        "ami-x", Images.Packing.DISK, new ByteArrayInputStream(new byte[4096]), "core"))
                .hasMessageContaining("no ext2");
        try (var drafts = Files.list(temp.resolve("cache/drafts"))) {
            assertThat(drafts).isEmpty();
        }
    }

    private static String blob(Path layout, byte[] bytes) throws Exception {
        var hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        Files.write(layout.resolve("blobs/sha256").resolve(hash), bytes);
        return "sha256:" + hash;
    }

    @Test
    void theHostsSourcesAreTakenOverWhereTheyFit() {
        assertThat(AptSettings.stanzas("""
                Types: deb
                # a comment
                URIs: http://mirror.example/debian
                Suites: bookworm bookworm-updates
                Components: main contrib
                Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

                Types: deb
                URIs: https://other.example/packages
                Suites: nodistro
                Components: main
                """))
                .containsExactly(
                        "deb http://mirror.example/debian bookworm main contrib",
                        "deb http://mirror.example/debian bookworm-updates main contrib");
        assertThat(AptSettings.lines(
                        "deb [signed-by=/x] http://m/debian bookworm main\n#deb http://m/debian bookworm main\n"
                                + "deb http://m/debian trixie main\n"))
                .containsExactly("deb http://m/debian bookworm main");
    }
}
