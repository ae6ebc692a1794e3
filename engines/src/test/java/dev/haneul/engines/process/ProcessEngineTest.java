package dev.haneul.engines.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.engines.Engine;
import dev.haneul.engines.EngineContract;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.engines.WorkloadSpec.Root;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ProcessEngineTest extends EngineContract {
    @Override
    protected Engine open(Path home) {
        return new ProcessEngine(home);
    }

    @Override
    protected String crashKind() {
        return "process";
    }

    @Test
    void saysWhatItCannotDo() {
        assertThat(engine.probe().weaknesses()).hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void pathsInsideMountsAreTheirSources() {
        var code = new Mount.Bind(Path.of("/data/code"), "/var/task", true);
        var layer = new Mount.Bind(Path.of("/data/layer"), "/var/task/lib", true);
        var scratch = new Mount.Scratch("/tmp", 512);
        var mounts = List.<Mount>of(code, layer, scratch);

        assertThat(engine.resolve("id", mounts, "/var/task")).isEqualTo("/data/code");
        assertThat(engine.resolve("id", mounts, "/var/task/app.py")).isEqualTo("/data/code/app.py");
        assertThat(engine.resolve("id", mounts, "/var/task/lib/x")).isEqualTo("/data/layer/x");
        assertThat(engine.resolve("id", mounts, "/var/tasks")).isEqualTo("/var/tasks");
        assertThat(engine.resolve("id", mounts, "/usr/bin/python3")).isEqualTo("/usr/bin/python3");
        assertThat(engine.resolve("id", mounts, "/tmp/x")).endsWith("/workloads/id/scratch-2/x");
    }

    @Test
    void aRootOfItsOwnIsRefused() {
        var spec = new WorkloadSpec(
                "id",
                new Root.Directory(temp),
                List.of("true"),
                Map.of(),
                "/",
                List.of(),
                new Limits(0, 0, 0, 0),
                List.of(),
                Map.of());

        assertThatThrownBy(() -> engine.launch(spec)).isInstanceOf(LaunchException.class);
        assertThat(temp.resolve("engine/workloads/id")).doesNotExist();
    }
}
