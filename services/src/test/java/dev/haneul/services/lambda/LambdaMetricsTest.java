package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.kernel.metrics.MetricBuffer;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.services.lambda.LambdaTables.Event;
import dev.haneul.services.lambda.LambdaTables.InvocationFact;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LambdaMetricsTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Scope SCOPE = new Scope("111111111111", "us-east-1");
    private static final String ARN = "arn:aws:lambda:us-east-1:111111111111:function:f";

    private static InvocationFact fact(String arn, String version, String outcome, boolean dropped) {
        return new InvocationFact(
                arn, version, "r", "Event", "warm", outcome, 1, dropped, NOW, 1500, 0, 2, 128, 40, "x86_64", "", 5000);
    }

    @Test
    void factsAndEventsBecomeMetrics() throws Exception {
        MetricBuffer buffer = new MetricBuffer();
        VirtualClock clock = new VirtualClock(NOW);
        DataFolder folder = DataFolder.temporary();
        try (folder;
                SqliteStore store = SqliteStore.open(folder);
                ReconcileDriver driver = new ReconcileDriver(store.feed(), clock, new Random(1))) {
            store.open(LambdaTables.TABLES, LambdaTables.TOPICS);
            new LambdaMetrics(buffer, clock).join(driver);
            driver.start();
            Event event = new Event("f", "", "r", null, null, "t", NOW.minusSeconds(2), NOW, 0, 0, null);
            store.write(tx -> {
                tx.put(LambdaTables.EVENTS, SCOPE.key("e"), event);
                tx.emit(LambdaTables.INVOCATIONS, SCOPE.key("a"), fact(ARN, "$LATEST", "success", false));
                tx.emit(LambdaTables.INVOCATIONS, SCOPE.key("b"), fact(ARN + ":live", "3", "timeout", true));
            });
            store.write(tx -> tx.delete(LambdaTables.EVENTS, SCOPE.key("e")));
            assertThat(driver.awaitIdle(Duration.ofSeconds(20))).isTrue();
        }
        Map<String, Map<Double, Double>> found = new TreeMap<>();
        buffer.drain()
                .forEach(each ->
                        found.put(each.what().name() + new TreeMap<>(each.what().dimensions()), each.values()));
        assertThat(found)
                .containsEntry("Invocations{}", Map.of(1.0, 2.0))
                .containsEntry("Errors{FunctionName=f}", Map.of(0.0, 1.0, 1.0, 1.0))
                .containsEntry("Duration{FunctionName=f, Resource=f}", Map.of(1.5, 1.0))
                .containsEntry("Errors{ExecutedVersion=3, FunctionName=f, Resource=f:live}", Map.of(1.0, 1.0))
                .containsEntry("PostRuntimeExtensionsDuration{FunctionName=f}", Map.of(5.0, 2.0))
                .containsEntry("AsyncEventsDropped{FunctionName=f}", Map.of(1.0, 1.0))
                .containsEntry("AsyncEventsReceived{FunctionName=f}", Map.of(1.0, 1.0))
                .containsEntry("AsyncEventAge{FunctionName=f}", Map.of(2000.0, 1.0));
    }
}
