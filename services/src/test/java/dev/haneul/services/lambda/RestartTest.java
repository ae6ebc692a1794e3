package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.services.lambda.LambdaTables.InvocationFact;
import dev.haneul.services.lambda.TestRegion.Parts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What lasts beyond the server's own life. */
class RestartTest {
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
    void eventsSurviveTheServer() throws IOException {
        region.python("survivor", "def handler(e, c):\n    print('event', e)\n    raise ValueError('no')\n");
        region.event("survivor", "1");
        assertThat(lines("survivor", "event 1\n")).isEqualTo(1);
        Neighbours.Logs logs = region.logs;
        region.abandon();
        region = new TestRegion(Parts.of(folder.path()).with(clock), logs);
        clock.advance(Duration.ofMinutes(1));
        assertThat(lines("survivor", "event 1\n")).isEqualTo(2);
    }

    @Test
    void anEventUnderWayWhenTheServerStopsRunsAgain() throws IOException {
        region.create(TestRegion.function(
                        "interrupted",
                        "python3.11",
                        "app.handler",
                        Zips.of("app.py", "import time\ndef handler(e, c):\n    print('begun')\n    time.sleep(e)\n"))
                .timeout(60));
        region.event("interrupted", "0.8");
        while (region.logs.messages("/aws/lambda/interrupted").stream().noneMatch(line -> line.equals("begun\n"))) {
            Thread.onSpinWait();
        }
        Neighbours.Logs logs = region.logs;
        region.close();
        region = new TestRegion(Parts.of(folder.path()).with(clock), logs);
        assertThat(lines("interrupted", "begun\n")).isEqualTo(2);
        assertThat(region.facts("interrupted"))
                .extracting(InvocationFact::outcome)
                .containsExactly("success");
    }

    @Test
    void functionsRunAfterARestartAlsoWhereTheirFilesAreGone() throws IOException {
        region.python("lasting", "def handler(e, c):\n    return 'still here'\n");
        region.close();
        dev.haneul.kernel.files.FileTrees.delete(folder.path().resolve("lambda"));
        region = new TestRegion(Parts.of(folder.path()).with(clock));
        assertThat(TestRegion.text(region.invoke("lasting", "{}"))).isEqualTo("\"still here\"");
    }

    @Test
    void warmEnvironmentsStayWarm() throws IOException {
        region.python(
                "warm", "n = 0\ndef handler(e, c):\n    global n\n    n += 1\n    print('call', n)\n    return n\n");
        region.node("warmjs", "let n = 0; exports.handler = async () => ++n;");
        assertThat(TestRegion.text(region.invoke("warm", "{}"))).isEqualTo("1");
        assertThat(TestRegion.text(region.invoke("warmjs", "{}"))).isEqualTo("1");
        for (int round = 2; round <= 3; round++) {
            again();
            while (!region.lambda.status().contains("environments: 2 idle, 0 in use")) {
                Thread.onSpinWait(); // until both have knocked at their reopened doors
            }
            assertThat(TestRegion.text(region.invoke("warm", "{}"))).isEqualTo(Integer.toString(round));
            assertThat(TestRegion.text(region.invoke("warmjs", "{}"))).isEqualTo(Integer.toString(round));
        }
        assertThat(region.facts("warm"))
                .last()
                .extracting(InvocationFact::start)
                .isEqualTo("warm");
        assertThat(region.log("warm"))
                .filteredOn(line -> line.startsWith("call"))
                .containsExactly("call 1\n", "call 2\n", "call 3\n");
    }

    @Test
    void anInvocationUnderWayIsFinishedByItsEnvironment() throws IOException {
        region.create(TestRegion.function(
                        "lasting",
                        "python3.11",
                        "app.handler",
                        Zips.of(
                                "app.py",
                                "import time\ndef handler(e, c):\n    print('begun')\n    time.sleep(e)\n    print('done')\n"))
                .timeout(60));
        begin("lasting", "1");

        again();

        region.awaitLine("lasting", "REPORT", 1);
        region.awaitFacts("lasting", 1);
        assertThat(region.facts("lasting")).extracting(InvocationFact::outcome).containsExactly("success");
        List<String> log = region.log("lasting");
        assertThat(log).filteredOn("begun\n"::equals).hasSize(1);
        for (String platform : List.of("START", "END", "REPORT")) {
            assertThat(log)
                    .filteredOn(line -> line.startsWith(platform))
                    .as(platform)
                    .hasSize(1);
        }
        assertThat(log.indexOf("done\n")).isGreaterThan(log.indexOf("begun\n"));
        assertThat(log).last().asString().startsWith("REPORT");
    }

    @Test
    void whatEndedMeanwhileHasItsWholeLogAndIsAccounted() throws Exception {
        region.python(
                "ended",
                "import os, time\ndef handler(e, c):\n    print('begun')\n    time.sleep(1)\n    print('last words')\n"
                        + "    os._exit(3)\n");
        begin("ended", "{}");
        Neighbours.Logs logs = region.logs;
        region.abandon();
        awaitEnd("ended");
        region = new TestRegion(Parts.of(folder.path()).with(clock), logs);
        region.awaitFacts("ended", 1);
        region.awaitLine("ended", "REPORT", 1); // the log is shipped apart from the facts
        assertThat(region.facts("ended"))
                .extracting(InvocationFact::outcome, InvocationFact::type)
                .containsExactly(tuple("exit", "RequestResponse"));
        assertThat(region.log("ended"))
                .contains("begun\n", "last words\n")
                .anyMatch(line -> line.contains("Runtime exited with error: exit status 3"))
                .last()
                .asString()
                .startsWith("REPORT");
        assertThat(region.workloads()).isEmpty();
    }

    @Test
    void whatAnEnvironmentSaidHasArrivedWhenNothingIsLeftOfIt() throws IOException {
        region.python("last", "import os\ndef handler(e, c):\n    print('last words')\n    os._exit(3)\n");
        Path notes = folder.path().resolve("lambda/environments");
        for (int round = 1; round <= 5; round++) {
            region.invoke("last", "{}");
            awaitEmpty(notes);
            // A server that is killed from here on takes nothing along.
            assertThat(region.logs.messages("/aws/lambda/last"))
                    .filteredOn(line -> line.startsWith("REPORT"))
                    .hasSize(round);
        }
    }

    @Test
    void aLogGoesOnWhereTheClockIsBehindTheLastServers() throws IOException {
        region.python("early", "def handler(e, c):\n    print('call', e)\n");
        region.invoke("early", "1");
        region.settle();
        Neighbours.Logs logs = region.logs;
        region.abandon();
        VirtualClock behind = new VirtualClock(clock.instant().minusSeconds(1));
        region = new TestRegion(Parts.of(folder.path()).with(behind), logs);
        while (!region.lambda.status().contains("environments: 1 idle, 0 in use")) {
            Thread.onSpinWait();
        }
        region.invoke("early", "2");
        assertThat(region.log("early")).contains("call 1\n", "call 2\n");
    }

    private static void awaitEmpty(Path folder) throws IOException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (true) {
            try (var entries = Files.list(folder)) {
                if (entries.findAny().isEmpty()) {
                    return;
                }
            }
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    /** Invokes a function, on behalf of a caller whom the server's end takes along. */
    private void begin(String name, String payload) {
        TestRegion from = region;
        Thread.ofVirtual().start(() -> from.invoke(name, payload));
        region.awaitLine(name, "begun\n", 1);
    }

    /** Waits until a function's process is no more. */
    private static void awaitEnd(String name) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (ProcessHandle.allProcesses().anyMatch(process -> names(process, name))) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static boolean names(ProcessHandle process, String name) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/environ"), StandardCharsets.ISO_8859_1)
                    .contains("AWS_LAMBDA_FUNCTION_NAME=" + name);
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void environmentsOfAFunctionThatIsGoneAreEnded() throws IOException {
        region.python("gone", "def handler(e, c):\n    return 1\n");
        region.invoke("gone", "{}");
        region.store.write(tx -> tx.delete(
                LambdaTables.FUNCTIONS,
                new dev.haneul.kernel.store.Scope(TestRegion.ACCOUNT, TestRegion.REGION).key("gone")));
        again();
        assertThat(region.workloads()).isEmpty();
        assertThat(folder.path().resolve("lambda/environments")).isEmptyDirectory();
    }

    @Test
    void anEnvironmentOfAFunctionThatHasChangedEndsItsInvocationAndItsLog() throws IOException {
        region.create(TestRegion.function(
                        "changed",
                        "python3.11",
                        "app.handler",
                        Zips.of(
                                "app.py",
                                "import time\ndef handler(e, c):\n    print('begun')\n    time.sleep(e)\n    print('done')\n"))
                .timeout(60));
        begin("changed", "1");
        region.lambda.updateFunctionConfiguration(
                new dev.haneul.api.lambda.UpdateFunctionConfigurationRequest()
                        .functionName("changed")
                        .description("another"),
                region.call());
        again();
        region.awaitLine("changed", "REPORT", 1);
        assertThat(region.log("changed")).filteredOn("begun\n"::equals).hasSize(1);
        assertThat(region.log("changed")).contains("done\n");
        region.invoke("changed", "0");
        assertThat(region.facts("changed"))
                .last()
                .extracting(InvocationFact::start)
                .isNotEqualTo("warm");
    }

    /** The server goes as if it were killed, and another one comes. */
    private void again() throws IOException {
        Neighbours.Logs logs = region.logs;
        region.abandon();
        region = new TestRegion(Parts.of(folder.path()).with(clock), logs);
    }

    private long lines(String name, String sign) {
        return region.log(name).stream().filter(sign::equals).count();
    }
}
