package dev.haneul.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WritebackTest {
    @TempDir
    Path folder;

    @Test
    void aHintChangesNothingOfAFile() throws Exception {
        Path file = Files.write(folder.resolve("file ü"), new byte[100_000]);
        assertThatCode(() -> {
                    try (Writeback writeback = Writeback.of(file)) {
                        writeback.begin(0, 65_536);
                        writeback.begin(65_536, 34_464);
                        writeback.close();
                        writeback.begin(0, 1);
                    }
                })
                .doesNotThrowAnyException();
        assertThat(file).hasSize(100_000);
    }

    @Test
    void whereThereIsNoFileNothingHappens() {
        assertThatCode(() -> {
                    try (Writeback writeback = Writeback.of(folder.resolve("none"))) {
                        writeback.begin(0, 1);
                    }
                })
                .doesNotThrowAnyException();
        assertThat(folder).isEmptyDirectory();
    }
}
