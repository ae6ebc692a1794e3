package dev.haneul.trials.ecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.ClientScript;
import dev.haneul.trials.LaunchedRegion;
import dev.haneul.trials.ec2.ServerScript;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With boto3: Express services from an image to an answer at their endpoints, on to the next version, and away again. */
class ExpressTest {
    @Test
    void fromAnImageToAnAnswerAndAway(@TempDir Path folder) throws Exception {
        assumeTrue(
                BusyboxLayout.possible()
                        && Stream.of("crun", "curl")
                                .allMatch(program -> Files.isExecutable(Path.of("/usr/bin", program))),
                "services need crun, and a busybox to run; curl asks them");
        try (LaunchedRegion region = new LaunchedRegion()) {
            BusyboxLayout.write(region.data().resolve("ecs/images/busybox"));
            region.up();
            ClientScript.lay(ExpressTest.class, folder, "common.py");
            ServerScript.run(
                    ExpressTest.class,
                    region.endpoint(),
                    folder,
                    List.of("python3", "express.py"),
                    "NOTHING LEFT",
                    region.variables());
            assertThat(region.command("reset").code()).isZero();
        }
    }
}
