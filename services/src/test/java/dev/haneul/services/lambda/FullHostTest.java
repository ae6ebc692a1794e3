package dev.haneul.services.lambda;

import static dev.haneul.services.lambda.TestRegion.tail;
import static dev.haneul.services.lambda.TestRegion.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.services.lambda.TestRegion.Parts;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A host with room for one environment only. */
class FullHostTest {
    private static TempFolder folder;
    private static TestRegion region;

    @BeforeAll
    static void open() throws IOException {
        folder = new TempFolder();
        region = new TestRegion(Parts.of(folder.path())
                .with(of -> new LambdaSettings(
                        of.folder(), of.javaJars(), false, of.keepWarm(), 1, of.mostMemoryMib(), of.parallelEvents())));
    }

    @AfterAll
    static void close() throws IOException {
        region.close();
        folder.close();
    }

    @Test
    void anIdleEnvironmentMakesRoomForAnotherFunctions() {
        region.python("first", "def handler(e, c):\n    return 1\n");
        region.python("second", "def handler(e, c):\n    return 2\n");
        for (int i = 0; i < 2; i++) {
            assertThat(tail(region.invoke("first", "{}"))).contains("Init Duration");
            assertThat(tail(region.invoke("second", "{}"))).contains("Init Duration");
        }
        assertThat(region.lambda.status()).contains("environments: 1 idle, 0 in use");
    }

    @Test
    void whoComesMeanwhileWaitsForItsTurn() throws Exception {
        region.python("shared", "import time\ndef handler(e, c):\n    time.sleep(0.05)\n    return e\n");
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<String>> calls = List.of(
                    () -> text(region.invoke("shared", "1")),
                    () -> text(region.invoke("shared", "2")),
                    () -> text(region.invoke("shared", "3")));
            for (Future<String> answer : callers.invokeAll(calls)) {
                assertThat(answer.get()).isIn("1", "2", "3");
            }
        }
        assertThat(region.logs.streams("/aws/lambda/shared")).isEqualTo(1);
    }
}
