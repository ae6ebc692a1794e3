package dev.haneul.kernel.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFileTest {
    @Test
    void isItsOwnersAloneAndReplacesAnOlderOne(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("secret");
        PrivateFile.write(file, new byte[] {1});
        PrivateFile.write(file, new byte[] {2, 3});
        assertThat(Files.readAllBytes(file)).containsExactly(2, 3);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void aTreeGoesAndWhatItsLinksPointAtStays(@TempDir Path folder) throws IOException {
        Path kept = Files.writeString(folder.resolve("kept"), "x");
        Path tree = Files.createDirectories(folder.resolve("tree/deep")).getParent();
        Files.createSymbolicLink(tree.resolve("deep/link"), kept);
        FileTrees.delete(tree);
        FileTrees.delete(tree);
        assertThat(tree).doesNotExist();
        assertThat(kept).exists();
    }
}
