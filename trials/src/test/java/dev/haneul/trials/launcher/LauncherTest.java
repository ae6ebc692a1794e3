package dev.haneul.trials.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Clients;
import dev.haneul.trials.LaunchedRegion;
import dev.haneul.trials.LaunchedRegion.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

class LauncherTest {
    private static LaunchedRegion region;
    private static Outcome started;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        region = new LaunchedRegion();
        started = region.up();
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        region.close();
    }

    @Test
    void upPrintsTheEndpointTheExportsAndWhatToTryNext() {
        assertThat(started.text())
                .contains("http://127.0.0.1:" + region.port())
                .contains("export AWS_ENDPOINT_URL=http://127.0.0.1:" + region.port())
                .contains("export AWS_ACCESS_KEY_ID=test")
                .contains("./haneul demo image-pipeline");
    }

    @Test
    void envPrintsTheExports() throws Exception {
        Outcome outcome = region.command("env");
        assertThat(outcome.code()).isZero();
        assertThat(outcome.text().lines()).allMatch(line -> line.startsWith("export AWS_"));
    }

    @Test
    void statusSaysWhichEngineServesAndWhy() throws Exception {
        Outcome outcome = region.command("status");
        assertThat(outcome.code()).isZero();
        assertThat(outcome.text()).contains("sandbox").contains("process").contains("" + region.port());
    }

    @Test
    void theClockIsMovedOnAndDoesNotGoBackWithARestart() throws Exception {
        try (LaunchedRegion other = new LaunchedRegion()) {
            other.up();
            assertThat(other.command("clock", "advance", "tomorrow").text()).contains("no duration such as");
            Outcome moved = other.command("clock", "advance", "1d2h");
            assertThat(moved.code()).as(moved.text()).isZero();
            assertThat(moved.text()).contains("(moved on by 1d2h)");
            other.command("down");
            other.up();
            assertThat(other.command("clock").text()).contains("(moved on by 1d2h)");
            try (Clients clients = new Clients(other.endpoint(), "test", "test")) {
                assertThat(clients.s3().listBuckets().buckets()).isEmpty(); // signed by the machine's own time
            }
        }
    }

    @Test
    void aPortInUseIsOneClearLine(@TempDir Path other) throws Exception {
        Outcome outcome =
                LaunchedRegion.launcher(List.of("up", "--port", "" + region.port(), "--data", other.toString()));
        assertThat(outcome.code()).isNotZero();
        assertThat(outcome.text()).contains("port " + region.port() + " is in use");
    }

    @Test
    void aForeignPortInUseIsOneClearLine(@TempDir Path other) throws Exception {
        try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Outcome outcome = LaunchedRegion.launcher(
                    List.of("up", "--port", "" + holder.getLocalPort(), "--data", other.toString()));
            assertThat(outcome.code()).isNotZero();
            assertThat(outcome.text()).contains("port " + holder.getLocalPort() + " is in use");
        }
    }

    @Test
    void aDataFolderInUseIsOneClearLine() throws Exception {
        Outcome outcome = LaunchedRegion.launcher(List.of(
                "up",
                "--port",
                "" + LaunchedRegion.freePort(),
                "--data",
                region.data().toString()));
        assertThat(outcome.code()).isNotZero();
        assertThat(outcome.text()).contains("is held by process " + region.pid());
    }

    @Test
    void aDataFolderThatCannotBeIsOneClearLine(@TempDir Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        Outcome outcome = LaunchedRegion.launcher(List.of(
                "up",
                "--port",
                "" + LaunchedRegion.freePort(),
                "--data",
                file.resolve("data").toString()));
        assertThat(outcome.code()).isNotZero();
        assertThat(outcome.text()).contains("cannot be made or written");
    }

    @Test
    void aBadPortIsOneClearLine() throws Exception {
        Outcome outcome = LaunchedRegion.launcher(List.of("up", "--port", "70000"));
        assertThat(outcome.code()).isNotZero();
        assertThat(outcome.text()).contains("--port needs a number between 1 and 65535");
    }

    @Test
    void resetEmptiesOneAccountAndLeavesTheOther() throws Exception {
        try (Clients one = new Clients(region.endpoint(), "111111111111", "test");
                Clients two = new Clients(region.endpoint(), "222222222222", "test")) {
            S3Client first = one.s3();
            S3Client second = two.s3();
            first.createBucket(request -> request.bucket("reset-one"));
            second.createBucket(request -> request.bucket("reset-two"));
            Outcome outcome = region.command("reset", "111111111111");
            assertThat(outcome.code()).as(outcome.text()).isZero();
            assertThat(first.listBuckets().buckets()).isEmpty();
            assertThat(second.listBuckets().buckets()).hasSize(1);
            first.createBucket(request -> request.bucket("reset-one"));
        }
    }

    @Test
    void downOfARegionThatDoesNotRunIsNoFailure(@TempDir Path empty) throws Exception {
        Outcome outcome = LaunchedRegion.launcher(
                List.of("down", "--port", "" + LaunchedRegion.freePort(), "--data", empty.toString()));
        assertThat(outcome.code()).isZero();
        assertThat(outcome.text()).contains("No region runs");
    }

    @Test
    void anUnknownCommandIsUsage() throws Exception {
        Outcome outcome = LaunchedRegion.launcher(List.of("fly"));
        assertThat(outcome.code()).isNotZero();
        assertThat(outcome.text()).contains("there is no command 'fly'");
    }
}
