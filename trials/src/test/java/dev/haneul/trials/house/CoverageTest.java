package dev.haneul.trials.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.LaunchedRegion;
import dev.haneul.trials.LaunchedRegion.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/coverage.md says what the code does. */
class CoverageTest {
    private static final Path DOCUMENT = Path.of("../docs/coverage.md");

    @Test
    void theDocumentIsNotStale() throws Exception {
        String before = Files.readString(DOCUMENT);
        Outcome outcome = LaunchedRegion.launcher(List.of("coverage"));
        assertThat(outcome.code()).as(outcome.text()).isZero();
        String now = Files.readString(DOCUMENT);
        Files.writeString(DOCUMENT, before);
        assertThat(before)
                .as("run ./haneul coverage and commit docs/coverage.md")
                .isEqualTo(now);
    }
}
