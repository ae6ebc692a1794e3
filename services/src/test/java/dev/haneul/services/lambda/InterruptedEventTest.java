package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.services.lambda.LambdaTables.InvocationFact;
import dev.haneul.services.lambda.TestRegion.Parts;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of an event whose environment lost its server, was taken over by the next one, and ends badly then. */
class InterruptedEventTest {
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-11-23T12:00:00Z"));
    private TempFolder folder;
    private TestRegion region;

    @BeforeEach
    void open() throws IOException {
        folder = new TempFolder();
        region = new TestRegion(Parts.of(folder.path()).with(clock));
    }

    @AfterEach
    void close() throws IOException {
        region.close();
        folder.close();
    }

    @Test
    void aRuntimesEndDoesNotCountForItMayHaveLostItsServer() throws IOException {
        create("ending", "    os._exit(3)\n");
        region.event("ending", "{}");
        for (int kill = 1; kill <= 2; kill++) {
            region.awaitLine("ending", "begun", kill);
            again();
        }
        region.awaitLine("ending", "begun", 3); // at once, for the clock stands still
        region.awaitFacts("ending", 1); // this end was its own
        assertThat(region.facts("ending"))
                .extracting(InvocationFact::outcome, InvocationFact::attempt)
                .containsExactly(tuple("exit", 1));
        assertThat(region.log("ending"))
                .filteredOn(line -> line.startsWith("REPORT"))
                .hasSize(3);
        assertThat(lines("ending", "begun")).isEqualTo(3);
    }

    @Test
    void aTimeoutCounts() throws IOException {
        create("sleeping", "    time.sleep(60)\n");
        assertThat(outcomeOf("sleeping")).isEqualTo("timeout");
    }

    @Test
    void soDoesAnErrorThatTheFunctionTells() throws IOException {
        create("failing", "    raise ValueError('no')\n");
        assertThat(outcomeOf("failing")).isEqualTo("error");
    }

    /** Of the one attempt at an event, which lost its server once. */
    private String outcomeOf(String name) throws IOException {
        region.event(name, "{}");
        region.awaitLine(name, "begun", 1);
        again();
        region.awaitFacts(name, 1);
        assertThat(region.facts(name)).hasSize(1);
        assertThat(lines(name, "begun")).isEqualTo(1);
        return region.facts(name).getFirst().outcome();
    }

    /** Does this once its server has gone and the next one has opened its door again, or has not gone for a while. */
    private void create(String name, String then) throws IOException {
        String code = """
                import os, socket, time
                def open():
                    host, port = os.environ['AWS_LAMBDA_RUNTIME_API'].split(':')
                    try:
                        socket.create_connection((host, int(port))).close()
                        return True
                    except OSError:
                        return False
                def wait(wanted):
                    until = time.time() + 5
                    while open() != wanted and time.time() < until:
                        time.sleep(0.01)
                def handler(e, c):
                    print('begun')
                    wait(False)
                    wait(True)
                """;
        region.create(TestRegion.function(name, "python3.11", "app.handler", Zips.of("app.py", code + then))
                .timeout(8));
    }

    /** The server goes as if it were killed, and another one comes. */
    private void again() throws IOException {
        Neighbours.Logs logs = region.logs;
        region.abandon();
        region = new TestRegion(Parts.of(folder.path()).with(clock), logs);
    }

    private long lines(String name, String start) {
        return region.logs.messages("/aws/lambda/" + name).stream()
                .filter(line -> line.startsWith(start))
                .count();
    }
}
