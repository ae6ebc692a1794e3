package dev.haneul.engines.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** The contract, with crun. */
final class CrunContainersTest extends ContainersContract {
    @Override
    Containers open(Path home) {
        return new CrunContainers(home);
    }

    /** A watcher that starts while another pod is made must not find its script empty. */
    @Test
    void theWatchersScriptIsWrittenOnce() throws Exception {
        try (var first = engine.prepare(Pods.spec("script1"))) {
            var script = home.resolve("watch.sh");
            var before = Files.readAttributes(script, BasicFileAttributes.class);
            try (var second = engine.prepare(Pods.spec("script2"))) {
                var after = Files.readAttributes(script, BasicFileAttributes.class);
                assertThat(after.fileKey()).isEqualTo(before.fileKey());
                assertThat(after.lastModifiedTime()).isEqualTo(before.lastModifiedTime());
                assertThat(first.id()).isNotEqualTo(second.id());
            }
        }
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
