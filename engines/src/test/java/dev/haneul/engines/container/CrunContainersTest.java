package dev.haneul.engines.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** The contract, with crun. */
final class CrunContainersTest extends ContainersContract {
    @Override
    Containers open(Path home) {
        return new CrunContainers(home);
    }

    @Test
    void theEngineWaitsForWhoClosesPods() throws Exception {
        var pods = new ArrayList<Pod>();
        for (int i = 0; i < 4; i++) {
            var pod = engine.prepare(Pods.spec("many" + i));
            pod.start(Pods.sh("c", image, "trap '' TERM; while :; do sleep 0.1; done"));
            pods.add(pod);
        }
        for (var pod : pods) {
            Thread.ofPlatform().start(pod::close);
        }
        for (var pod : pods) {
            while (!((CrunPod) pod).closing()) {
                Thread.onSpinWait();
            }
        }
        engine.close();
        assertThat(held()).isEmpty();
    }
}
