package dev.haneul.engines.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.engines.container.ImageRoots.Layer;
import dev.haneul.engines.container.TestImages.Form;
import dev.haneul.engines.container.TestImages.Tar;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers, good and hostile. */
final class LayerStoreTest {
    @TempDir
    Path temp;

    private Set<String> inUse = Set.of();
    private LayerStore store;

    @BeforeEach
    void open() throws Exception {
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "owners are kept by root only");
        store = new LayerStore(temp.resolve("layers"), () -> inUse.stream());
    }

    private Path folder(ImageRoot image, int layer) {
        return store.home().resolve(image.chain().get(layer).substring(0, 24));
    }

    @Test
    void unpacksEachLayerOnceAndKeepsOwners() throws Exception {
        for (var form : Form.values()) {
            var layer = new Tar()
                    .folder("a", 0711, 5)
                    .file("a/f", form.name().getBytes(StandardCharsets.UTF_8), 04755, 7)
                    .hardLink("a/g", "a/f")
                    .link("l", "a/f")
                    .layer(form);
            var image = store.unpack(List.of(layer));
            var file = folder(image, 0).resolve("a/f");
            assertThat(file).hasContent(form.name());
            assertThat(Files.readAttributes(file, "unix:uid,mode,nlink"))
                    .containsEntry("uid", 7)
                    .containsEntry("mode", 0104755)
                    .containsEntry("nlink", 2);
            assertThat(Files.readSymbolicLink(folder(image, 0).resolve("l"))).hasToString("a/f");
            var gone = new Layer(layer.digest(), layer.diffId(), () -> {
                throw new java.io.IOException("asked for again");
            });
            assertThat(store.unpack(List.of(gone))).isEqualTo(image);
            assertThat(store.find(List.of(layer.diffId()))).contains(image);
        }
        assertThat(store.find(List.of("sha256:" + "1".repeat(64)))).isEmpty();
    }

    @Test
    void whatIsRemovedBecomesAWhiteout() throws Exception {
        var below = new Tar()
                .folder("d", 01777, 3)
                .file("d/gone", "x")
                .folder("usr/lib", 0755, 0)
                .link("lib", "usr/lib");
        var above = new Tar()
                .file("d/.wh.gone", "")
                .file("o/.wh..wh..opq", "")
                .file("o/new", "n")
                .file("lib/x", "through the link")
                .hardLink("copy", "d/gone2");
        below.file("d/gone2", "y");
        var image = store.unpack(List.of(below.layer(Form.PLAIN), above.layer(Form.PLAIN)));
        var root = folder(image, 1);
        assertThat(Files.readAttributes(root.resolve("d/gone"), "unix:mode,rdev", LinkOption.NOFOLLOW_LINKS))
                .containsEntry("mode", 0020000)
                .containsEntry("rdev", 0L);
        assertThat(Files.readAttributes(root.resolve("d"), "unix:mode,uid"))
                .containsEntry("mode", 0041777)
                .containsEntry("uid", 3);
        assertThat(root.resolve("usr/lib/x")).hasContent("through the link");
        assertThat(root.resolve("lib")).doesNotExist();
        assertThat(root.resolve("copy")).hasContent("y");
    }

    @Test
    void hostileLayersStayInside() throws Exception {
        var outside = Files.createDirectory(temp.resolve("outside"));
        for (var bad : List.of(
                new Tar().file("../outside/x", "x"),
                new Tar().file("a/../../outside/x", "x"),
                new Tar().hardLink("h", "../outside/none"),
                new Tar().hardLink("h", "/etc/passwd"),
                new Tar().link("loop", "loop").file("loop/x", "x"),
                new Tar().file("a/".repeat(300) + "x", "x"))) {
            assertThatThrownBy(() -> store.unpack(List.of(bad.layer(Form.GZIP))))
                    .isInstanceOf(BadImageException.class);
        }
        var sly = new Tar()
                .link("up", "../../../../../.." + outside)
                .file("up/escaped", "x")
                .link("abs", outside.toString())
                .file("abs/escaped", "x")
                .entry("dev", TarConstants.LF_BLK, "", 0666, 0, new byte[0])
                .entry("pipe", TarConstants.LF_FIFO, "", 0666, 0, new byte[0])
                .file("/rooted", "x");
        var image = store.unpack(List.of(sly.layer(Form.PLAIN)));
        assertThat(outside).isEmptyDirectory();
        var root = folder(image, 0);
        assertThat(root.resolve("dev")).doesNotExist();
        assertThat(root.resolve("rooted")).hasContent("x");
        assertThat(root.resolve("." + outside + "/escaped")).hasContent("x");
    }

    @Test
    void damagedLayersAreRefusedAndLeaveNothing() throws Exception {
        var good = new Tar().file("f", "x".repeat(5000)).layer(Form.GZIP);
        byte[] bytes;
        try (var in = good.opener().open()) {
            bytes = in.readAllBytes();
        }
        var zeros = "sha256:" + "0".repeat(64);
        var cut = java.util.Arrays.copyOf(bytes, bytes.length / 2);
        for (var bad : List.of(
                new Layer(zeros, good.diffId(), good.opener()),
                new Layer(good.digest(), zeros, good.opener()),
                new Layer(good.digest(), good.diffId(), () -> new ByteArrayInputStream(cut)),
                new Layer(
                        good.digest(),
                        good.diffId(),
                        () -> new ByteArrayInputStream("no tar".getBytes(StandardCharsets.UTF_8))))) {
            assertThatThrownBy(() -> store.unpack(List.of(bad)))
                    .isInstanceOf(BadImageException.class)
                    .hasMessageContaining("damaged");
        }
        var bomb = new Tar().file("zeros", new byte[4 << 20], 0644, 0).layer(Form.ZSTD);
        var half = Files.createDirectory(temp.resolve("half"));
        assertThatThrownBy(() -> new LayerUnpacking(bomb, half, List.of(), 1 << 20).run())
                .hasMessageContaining("larger than");
        try (Stream<Path> left = Files.list(store.home())) {
            assertThat(left).isEmpty();
        }
        assertThatThrownBy(() -> store.unpack(List.of())).isInstanceOf(BadImageException.class);
    }

    @Test
    void whatNobodyUsesGoesFirst() throws Exception {
        var images = new java.util.ArrayList<ImageRoot>();
        for (int i = 0; i < 3; i++) {
            images.add(store.unpack(
                    List.of(new Tar().file("f", i + "x".repeat(10_000)).layer(Form.PLAIN))));
        }
        store.prune(0);
        assertThat(store.bytes()).as("young ones stay").isEqualTo(30_003);
        for (int i = 0; i < 3; i++) {
            Files.setLastModifiedTime(
                    Path.of(folder(images.get(i), 0) + ".layer"),
                    FileTime.from(Instant.now().minusSeconds(4000 - i)));
        }
        inUse = Set.of(folder(images.get(0), 0).getFileName().toString());
        store.prune(25_000);
        assertThat(folder(images.get(0), 0)).exists();
        assertThat(folder(images.get(1), 0)).doesNotExist();
        assertThat(folder(images.get(2), 0)).exists();
        Files.createDirectory(store.home().resolve("half-x"));
        Files.delete(Path.of(folder(images.get(2), 0) + ".layer"));
        store.recover();
        assertThat(folder(images.get(2), 0)).doesNotExist();
        assertThat(store.home().resolve("half-x")).doesNotExist();
    }

    /** A task takes an image while the room is being cleared, after it was seen who stands on what. */
    @Test
    void aLayerThatIsWantedWhileOthersGoStays() throws Exception {
        var old = FileTime.from(Instant.now().minusSeconds(4000));
        var begun = new java.util.ArrayList<String>();
        var busy = new LayerStore(temp.resolve("layers"), () -> {
            assertThat(store.find(begun)).isPresent();
            return Stream.of();
        });
        var gone = store.unpack(List.of(new Tar().file("f", "gone").layer(Form.PLAIN)));
        var layer = new Tar().file("f", "wanted").layer(Form.PLAIN);
        var wanted = store.unpack(List.of(layer));
        begun.add(layer.diffId());
        Files.setLastModifiedTime(Path.of(folder(gone, 0) + ".layer"), old);
        Files.setLastModifiedTime(Path.of(folder(wanted, 0) + ".layer"), old);
        busy.prune(0);
        assertThat(folder(gone, 0)).doesNotExist();
        assertThat(folder(wanted, 0).resolve("f")).hasContent("wanted");
    }
}
