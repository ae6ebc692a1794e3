package dev.haneul.engines.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.engines.container.TestImages.Form;
import dev.haneul.engines.container.TestImages.Tar;
import dev.haneul.kernel.files.FileTrees;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Whatever two layers consist of, nothing is written beside them. */
final class HostileLayersPropertyTest {
    private static final List<Byte> TYPES = List.of(
            TarConstants.LF_NORMAL,
            TarConstants.LF_DIR,
            TarConstants.LF_SYMLINK,
            TarConstants.LF_LINK,
            TarConstants.LF_FIFO,
            TarConstants.LF_CHR);

    /** One entry of an archive. */
    record Entry(byte type, String name, String target) {}

    @Provide
    Arbitrary<List<Entry>> entries() {
        var parts =
                Arbitraries.of("a", "b", "..", ".", "", "outside", ".wh.a", ".wh.b", ".wh..wh..opq", ".wh.", ".wh...");
        var paths = parts.list().ofMinSize(1).ofMaxSize(4).map(it -> String.join("/", it));
        var targets = Arbitraries.oneOf(
                paths, Arbitraries.of("/", "/a", "..", "../outside", "../../outside/x", "/OUTSIDE", "a", "b"));
        return net.jqwik.api.Combinators.combine(Arbitraries.of(TYPES), paths, targets)
                .as(Entry::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(12);
    }

    @Property(tries = 60, seed = "2026")
    void nothingIsWrittenBesideALayer(@ForAll("entries") List<Entry> one, @ForAll("entries") List<Entry> two)
            throws Exception {
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "owners are kept by root only");
        var temp = Files.createTempDirectory("haneul-layers");
        try {
            var outside = Files.createDirectory(temp.resolve("outside"));
            Files.writeString(outside.resolve("x"), "untouched");
            Files.createDirectory(temp.resolve("layers"));
            Files.createDirectory(temp.resolve("layers/outside"));
            var below = unpack(one, temp.resolve("layers/one"), List.of(), outside);
            unpack(two, temp.resolve("layers/two"), List.of(below), outside);

            assertThat(outside.resolve("x")).hasContent("untouched");
            try (var left = Files.list(outside)) {
                assertThat(left).hasSize(1);
            }
            assertThat(temp.resolve("layers/outside")).isEmptyDirectory();
            try (var left = Files.list(temp.resolve("layers"))) {
                assertThat(left).hasSize(3);
            }
            assertThat(Files.readAttributes(outside.resolve("x"), "unix:nlink")).containsEntry("nlink", 1);
        } finally {
            FileTrees.delete(temp);
        }
    }

    private static Path unpack(List<Entry> entries, Path root, List<Path> below, Path outside) throws Exception {
        Files.createDirectory(root);
        var tar = new Tar();
        for (var entry : entries) {
            boolean file =
                    entry.type() == TarConstants.LF_NORMAL && !entry.name().endsWith("/");
            var name = entry.name().isEmpty() ? "." : entry.name();
            tar.entry(
                    name,
                    entry.type(),
                    entry.target().replace("/OUTSIDE", outside.toString()),
                    0755,
                    0,
                    file ? "hostile".getBytes(StandardCharsets.UTF_8) : new byte[0]);
        }
        try {
            new LayerUnpacking(tar.layer(Form.PLAIN), root, below).run();
        } catch (BadImageException e) {
            return root; // refused
        }
        return root;
    }
}
