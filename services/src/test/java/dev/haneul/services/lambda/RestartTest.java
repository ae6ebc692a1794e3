package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.services.lambda.LambdaTables.InvocationFact;
import dev.haneul.services.lambda.TestRegion.Parts;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
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
        assertThat(region.workloads()).isEmpty(); // the former environments are gone
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

    private long lines(String name, String sign) {
        return region.log(name).stream().filter(sign::equals).count();
    }
}
