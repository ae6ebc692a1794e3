package dev.haneul.trials.ecs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.ClientScript;
import dev.haneul.trials.LaunchedRegion;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.ec2.ServerScript;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Containers by hand, with the AWS CLI and podman: pushed, served on Fargate and on servers, deployed, rolled back, scaled. */
@ExtendWith(SharedRegion.class)
class ContainersTest {
    @Test
    void pushedServedDeployed(URI endpoint, @TempDir Path folder) throws Exception {
        assumeTrue(
                Stream.of("podman", "crun", "apt-get", "dpkg")
                        .allMatch(program -> Files.isExecutable(Path.of("/usr/bin", program))),
                "containers are built with podman and run with crun");
        ServerScript.run(
                ContainersTest.class, endpoint, folder, List.of("bash", "containers.sh"), "ALL CARRIED", Map.of());
    }

    @Test
    @Tag("alone")
    void placedDrainedShiftedAndBroughtBack(@TempDir Path folder) throws Exception {
        assumeTrue(System.getProperty("haneul.soak") != null, "takes minutes: -Dhaneul.soak=1");
        assumeTrue(BusyboxLayout.possible(), "the container is busybox");
        try (LaunchedRegion region = new LaunchedRegion()) {
            BusyboxLayout.write(region.data().resolve("ecs/images/busybox"));
            region.up();
            ClientScript.lay(ContainersTest.class, folder, "common.py");
            ServerScript.run(
                    ContainersTest.class,
                    region.endpoint(),
                    folder,
                    List.of("python3", "kinds.py"),
                    "ALL KINDS",
                    region.variables());
            region.command("reset");
        }
    }

    @Test
    void growsWithItsLoadAndShrinks(@TempDir Path folder) throws Exception {
        assumeTrue(System.getProperty("haneul.soak") != null, "takes minutes: -Dhaneul.soak=1");
        assumeTrue(BusyboxLayout.possible(), "the container is busybox");
        try (LaunchedRegion region = new LaunchedRegion()) {
            BusyboxLayout.write(region.data().resolve("ecs/images/busybox"));
            region.up();
            String clock = "%s clock --port %d --data %s"
                    .formatted(Path.of(System.getProperty("haneul.launcher")), region.port(), region.data());
            ServerScript.run(
                    ContainersTest.class,
                    region.endpoint(),
                    folder,
                    List.of("bash", "scaling.sh"),
                    "ALL SCALED",
                    Map.of("CLOCK", clock, "HANEUL_BUILT", "yes"));
        }
    }
}
