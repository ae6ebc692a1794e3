package dev.haneul.services.lambda.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.services.lambda.OciFiles;
import dev.haneul.services.lambda.OciFiles.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers, honest and hostile. */
class LayerUnpackerTest {
    @TempDir
    private Path folder;

    @SafeVarargs
    private Path unpack(List<File>... layers) throws IOException, BadImageException {
        return unpack(LayerUnpacker.MOST_BYTES, layers);
    }

    @SafeVarargs
    private Path unpack(long most, List<File>... layers) throws IOException, BadImageException {
        Path layout = Files.createDirectories(folder.resolve("images/team/app"));
        OciFiles.write(
                layout, "v1", "{}", Arrays.stream(layers).map(OciFiles::layer).toList());
        OciImage image = OciLayouts.ofHost(folder.resolve("images"))
                .find("registry.example:5000/team/app:v1")
                .orElseThrow();
        Path root = Files.createTempDirectory(folder, "root");
        LayerUnpacker.unpack(image, root, most);
        return root;
    }

    @Test
    void aLaterLayerReplacesAndHides() throws Exception {
        Path root = unpack(
                List.of(
                        File.of("usr/lib/a", "1"),
                        File.symbolic("lib", "usr/lib"),
                        File.of("gone", "x"),
                        File.of("dir/low", "x"),
                        File.of("dir/sub/low", "x")),
                List.of(
                        File.of("lib/b", "2"), // through the link, as a running container would
                        File.of(".wh.gone", ""),
                        File.of("dir/.wh..wh..opq", ""),
                        File.of("dir/high", "y"),
                        File.hard("usr/lib/c", "usr/lib/a")));
        assertThat(root.resolve("usr/lib/b")).hasContent("2");
        assertThat(root.resolve("usr/lib/c")).hasContent("1");
        assertThat(root.resolve("gone")).doesNotExist();
        assertThat(root.resolve("dir/low")).doesNotExist();
        assertThat(root.resolve("dir/sub")).doesNotExist();
        assertThat(root.resolve("dir/high")).hasContent("y");
        assertThat(root.resolve("tmp")).isDirectory();
    }

    @Test
    void nothingIsWrittenOutsideOfTheRoot() throws Exception {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Path root = unpack(
                List.of(
                        File.symbolic("out", outside.toString()),
                        File.symbolic("up", "../../../../../../.." + outside)),
                List.of(File.of("out/a", "1"), File.of("up/b", "2")));
        assertThat(outside).isEmptyDirectory();
        assertThat(root.resolve(outside.toString().substring(1)).resolve("a")).hasContent("1");
        assertThatThrownBy(() -> unpack(List.of(File.of("../evil", "x")))).isInstanceOf(BadImageException.class);
        assertThatThrownBy(() -> unpack(List.of(File.hard("passwd", "../../etc/passwd"))))
                .isInstanceOf(BadImageException.class);
        assertThatThrownBy(() -> unpack(List.of(File.symbolic("a", "b"), File.symbolic("b", "a"), File.of("a/x", "1"))))
                .isInstanceOf(BadImageException.class)
                .hasMessageContaining("circle");
    }

    @Test
    void bombsAndDamageAreRefused() throws Exception {
        byte[] zeros = new byte[4 << 20];
        assertThatThrownBy(() -> unpack(1 << 20, List.of(File.program("zeros", zeros))))
                .hasMessageContaining("larger than 1048576 bytes");
        Path layout = Files.createDirectories(folder.resolve("images/team/app"));
        byte[] layer = OciFiles.layer(List.of(File.of("a", "1")));
        OciFiles.write(layout, "v1", "{}", List.of(layer));
        OciImage image = OciLayouts.ofHost(folder.resolve("images"))
                .find("h/team/app:v1")
                .orElseThrow();
        layer[layer.length - 12] ^= 1;
        Files.write(
                layout.resolve("blobs/sha256")
                        .resolve(image.layers().getFirst().digest().substring(7)),
                layer);
        assertThatThrownBy(() -> LayerUnpacker.unpack(image, Files.createTempDirectory(folder, "r")))
                .isInstanceOf(BadImageException.class)
                .hasMessageContaining("damaged");
        assertThat(OciLayouts.ofHost(folder.resolve("images")).find("h/team/../../x:v1"))
                .isEmpty();
        assertThat(OciLayouts.ofHost(folder.resolve("images")).find("h/team/app:v2"))
                .isEmpty();
    }
}
