package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.lambda.DeleteFunctionRequest;
import dev.haneul.api.lambda.PutFunctionConcurrencyRequest;
import dev.haneul.api.lambda.PutFunctionEventInvokeConfigRequest;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.services.lambda.LambdaTables.InvocationFact;
import dev.haneul.services.lambda.TestRegion.Parts;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Asynchronous invocations, on a clock that the test moves. */
class AsyncTest {
    private static final String FAILS = "def handler(e, c):\n    print('event', e)\n    raise ValueError('no')\n";
    private static final VirtualClock CLOCK = new VirtualClock(Instant.parse("2026-11-23T12:00:00Z"));
    private static TempFolder folder;
    private static TestRegion region;

    @BeforeAll
    static void open() throws IOException {
        folder = new TempFolder();
        region = new TestRegion(Parts.of(folder.path()).with(CLOCK));
    }

    @AfterAll
    static void close() throws IOException {
        region.close();
        folder.close();
    }

    @Test
    void anEventIsAcceptedAndThenRuns() {
        region.python("ok", "def handler(e, c):\n    print('event', e)\n");
        region.event("ok", "{\"n\":1}");
        region.event("ok", "{\"n\":2}");
        assertThat(region.log("ok")).contains("event {'n': 1}\n", "event {'n': 2}\n");
        assertThat(region.facts("ok"))
                .hasSize(2)
                .allMatch(
                        fact -> fact.outcome().equals("success") && fact.type().equals("Event") && !fact.dropped())
                .anyMatch(fact -> fact.start().equals("cold"));
    }

    @Test
    void aFailedEventIsRetriedTwiceAndThenDropped() {
        region.python("fails", FAILS);
        region.event("fails", "1");
        assertThat(attempts("fails")).isEqualTo(1);
        CLOCK.advance(Duration.ofSeconds(59));
        assertThat(attempts("fails")).isEqualTo(1);
        CLOCK.advance(Duration.ofSeconds(1));
        assertThat(attempts("fails")).isEqualTo(2);
        CLOCK.advance(Duration.ofSeconds(119));
        assertThat(attempts("fails")).isEqualTo(2);
        CLOCK.advance(Duration.ofSeconds(1));
        assertThat(attempts("fails")).isEqualTo(3);
        CLOCK.advance(Duration.ofHours(1));
        assertThat(attempts("fails")).isEqualTo(3);
        List<InvocationFact> facts = region.facts("fails");
        assertThat(facts).extracting(InvocationFact::attempt).containsExactly(1, 2, 3);
        assertThat(facts).extracting(InvocationFact::dropped).containsExactly(false, false, true);
        assertThat(facts)
                .extracting(InvocationFact::requestId)
                .containsOnly(facts.getFirst().requestId());
        assertThat(region.log("fails").stream()
                        .filter(line -> line.startsWith("START"))
                        .distinct())
                .hasSize(1);
    }

    @Test
    void fewerRetriesWhereTheFunctionSaysSo() {
        region.python("once", FAILS);
        region.lambda.putFunctionEventInvokeConfig(
                new PutFunctionEventInvokeConfigRequest().functionName("once").maximumRetryAttempts(0), region.call());
        region.event("once", "1");
        CLOCK.advance(Duration.ofHours(1));
        assertThat(attempts("once")).isEqualTo(1);
        assertThat(region.facts("once")).extracting(InvocationFact::dropped).containsExactly(true);
    }

    @Test
    void oneFailingEventDoesNotHoldUpTheOthers() {
        region.python("mixed", "def handler(e, c):\n    print('event', e)\n    assert e != 3\n");
        for (int i = 0; i < 8; i++) {
            region.event("mixed", Integer.toString(i));
        }
        List<InvocationFact> facts = region.facts("mixed");
        assertThat(facts).hasSize(8);
        assertThat(facts.stream().filter(fact -> fact.outcome().equals("success")))
                .hasSize(7);
    }

    @Test
    void throttledEventsArePutOffAndThenRun() {
        region.python("throttled", "def handler(e, c):\n    print('event', e)\n");
        region.python("taken", "def handler(e, c):\n    pass\n");
        reserve("throttled", 1);
        for (int i = 0; i < 3; i++) {
            region.event("throttled", Integer.toString(i));
        }
        region.settle();
        for (int i = 0; i < 12 && attempts("throttled") < 3; i++) {
            CLOCK.advance(Duration.ofSeconds(5));
            region.settle();
        }
        assertThat(attempts("throttled")).isEqualTo(3);
    }

    @Test
    void eventsOfAFunctionThatMayNotRunAreDroppedAtOnce() {
        region.python("barred", "def handler(e, c):\n    print('event', e)\n");
        reserve("barred", 0);
        region.event("barred", "1");
        assertThat(region.facts("barred")).extracting(InvocationFact::dropped).containsExactly(true);
        assertThat(attempts("barred")).isZero();
    }

    @Test
    void eventsGoWithTheirFunction() {
        region.python("leaving", FAILS);
        region.event("leaving", "1");
        assertThat(attempts("leaving")).isEqualTo(1);
        region.lambda.deleteFunction(new DeleteFunctionRequest().functionName("leaving"), region.call());
        CLOCK.advance(Duration.ofHours(1));
        assertThat(attempts("leaving")).isEqualTo(1);
        assertThat(region.store.<Integer>read(
                        tx -> tx.all(LambdaTables.EVENTS, null, 10).size()))
                .isZero();
    }

    @Test
    void environmentsThatIdleForTenMinutesEnd() {
        region.python("idle", "def handler(e, c):\n    return 1\n");
        region.invoke("idle", "{}");
        region.settle();
        CLOCK.advance(Duration.ofMinutes(9));
        region.settle();
        assertThat(TestRegion.tail(region.invoke("idle", "{}"))).doesNotContain("Init Duration");
        CLOCK.advance(Duration.ofMinutes(10));
        region.settle();
        assertThat(TestRegion.tail(region.invoke("idle", "{}"))).contains("Init Duration");
    }

    @Test
    void credentialsAreRenewedBeforeTheyEnd() {
        region.python("keys", "import os\ndef handler(e, c):\n    return os.environ['AWS_ACCESS_KEY_ID']\n");
        String first = TestRegion.text(region.invoke("keys", "{}"));
        for (int i = 0; i < 8; i++) {
            CLOCK.advance(Duration.ofMinutes(8));
            region.settle();
            region.invoke("keys", "{}");
        }
        assertThat(TestRegion.text(region.invoke("keys", "{}"))).isNotEqualTo(first);
    }

    private void reserve(String name, int share) {
        region.lambda.putFunctionConcurrency(
                new PutFunctionConcurrencyRequest().functionName(name).reservedConcurrentExecutions(share),
                region.call());
    }

    private long attempts(String name) {
        return region.log(name).stream()
                .filter(line -> line.startsWith("event "))
                .count();
    }
}
