package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.usage.UsageFact;
import dev.haneul.kernel.usage.UsageMeter;
import dev.haneul.services.lambda.LambdaTables.InvocationFact;
import dev.haneul.services.lambda.LambdaTables.WorkloadFact;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is told of what functions use. */
class UsageTest {
    private static final String CURSOR = "usage-test";
    private TempFolder folder;
    private TestRegion region;

    @BeforeEach
    void open() throws IOException {
        folder = new TempFolder();
        region = new TestRegion(folder.path());
        region.store.feed().subscribe(CURSOR, Set.of(LambdaTables.WORKLOADS.name()));
    }

    @AfterEach
    void close() throws IOException {
        region.close();
        folder.close();
    }

    @Test
    void invocationsAreMeteredAsAwsBillsThem() {
        region.python("metered", "def handler(e, c):\n    return 1\n");
        region.invoke("metered", "{}");
        region.invoke("metered", "{}");
        double seconds = region.facts("metered").stream()
                        .mapToLong(InvocationFact::billedMillis)
                        .sum()
                / 1000.0;
        region.usage.flush();
        List<UsageFact> facts = region
                .store
                .<List<dev.haneul.kernel.store.Row<UsageFact>>>read(tx ->
                        tx.range(UsageMeter.FACTS, new Scope(TestRegion.ACCOUNT, TestRegion.REGION), "", null, 100))
                .stream()
                .map(dev.haneul.kernel.store.Row::value)
                .filter(fact -> fact.service().equals("AWSLambda"))
                .toList();
        assertThat(facts).extracting(UsageFact::usageType).containsExactlyInAnyOrder("Request", "Lambda-GB-Second");
        assertThat(quantity(facts, "Request")).isEqualTo(2);
        assertThat(quantity(facts, "Lambda-GB-Second")).isCloseTo(seconds * 256 / 1024, within(1e-9));
    }

    private static double quantity(List<UsageFact> facts, String type) {
        return facts.stream()
                .filter(fact -> fact.usageType().equals(type))
                .mapToDouble(UsageFact::quantity)
                .sum();
    }

    @Test
    void anEnvironmentTellsWhatItUsedWhenItEnds() {
        region.python(
                "used",
                "def handler(e, c):\n    x = b'x' * (40 << 20)\n    n = sum(range(2000000))\n    return 'y' * 100000\n");
        region.invoke("used", "\"" + "z".repeat(50_000) + "\"");
        region.lambda.reset(null);
        WorkloadFact fact = workloadFact();
        assertThat(fact.function()).isEqualTo("used");
        assertThat(fact.start()).isIn("cold", "ahead");
        assertThat(fact.cpuMicros()).isPositive();
        assertThat(fact.peakMemoryBytes()).isGreaterThan(40L << 20);
        assertThat(fact.bytesIn()).isBetween(50_000L, 60_000L);
        assertThat(fact.bytesOut()).isBetween(100_000L, 110_000L);
        assertThat(fact.wallMillis()).isPositive();
    }

    private WorkloadFact workloadFact() {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (true) {
            for (Change change : region.store.feed().peek(CURSOR, 10)) {
                return change.after(LambdaTables.WORKLOADS.codec()).orElseThrow();
            }
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
