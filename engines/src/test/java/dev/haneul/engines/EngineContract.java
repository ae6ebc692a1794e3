package dev.haneul.engines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.engines.Workload.Signal;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.engines.work.LogFile;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What every engine promises. Extend it, say how to make the engine, and add what only your engine promises. */
public abstract class EngineContract {
    protected static final Duration PATIENCE = Duration.ofSeconds(20);

    protected Path temp;

    protected Engine engine;
    private final List<Workload> launched = new CopyOnWriteArrayList<>();
    private final AtomicInteger sequence = new AtomicInteger();

    /** An engine that keeps what it has to remember in this folder. */
    protected abstract Engine open(Path home);

    /** What {@link CrashMain} calls this engine. */
    protected abstract String crashKind();

    @BeforeEach
    void openEngine() throws IOException {
        temp = Files.createTempDirectory("haneul-engine").toRealPath();
        engine = open(temp.resolve("engine"));
        var probe = engine.probe();
        assertThat(probe.usable()).as(probe.reason()).isTrue();
    }

    @AfterEach
    void closeEngine() throws IOException {
        closeAll();
        engine.recover().forEach(Workload::close); // what a test that failed half-way left behind
        engine.close();
        FileTrees.delete(temp);
    }

    protected Workload launch(Spec spec) throws Exception {
        var workload = engine.launch(spec.build(engine, "w-" + sequence.incrementAndGet()));
        launched.add(workload);
        return workload;
    }

    protected void closeAll() {
        launched.forEach(Workload::close);
    }

    protected static Spec sh(String script) {
        return new Spec(List.of("/bin/sh", "-c", script));
    }

    /** Runs a script to its end and gives what it printed. */
    protected String outputOf(Spec spec) throws Exception {
        var workload = launch(spec);
        workload.await(PATIENCE).orElseThrow();
        return Files.readString(workload.stdout());
    }

    @Test
    void whatAProgramPrintsIsInItsFiles() throws Exception {
        var workload = launch(sh("echo out; echo err >&2"));

        assertThat(workload.await(PATIENCE)).hasValue(new Workload.Exit(0, false));

        assertThat(workload.stdout()).hasContent("out\n");
        assertThat(workload.stderr()).hasContent("err\n");
        assertThat(workload.running()).isFalse();
    }

    @Test
    void joinedOutputKeepsItsOrderInOneFile() throws Exception {
        var workload = launch(sh("echo 1; echo 2 >&2; echo 3; echo 4 >&2").joinedOutput());

        assertThat(workload.await(PATIENCE)).hasValue(new Workload.Exit(0, false));

        assertThat(workload.stdout()).hasContent("1\n2\n3\n4\n");
        assertThat(workload.stderr()).isEqualTo(workload.stdout());
    }

    @Test
    void exitCodesComeThrough() throws Exception {
        assertThat(launch(sh("exit 42")).await(PATIENCE).orElseThrow().code()).isEqualTo(42);
        assertThat(launch(sh("kill -KILL $$")).await(PATIENCE).orElseThrow().code())
                .isEqualTo(137);
        assertThat(launch(sh("kill -TERM $$")).await(PATIENCE).orElseThrow().code())
                .isEqualTo(143);
    }

    @Test
    void theEnvironmentIsWhatWasGivenAndNothingElse() throws Exception {
        var text = outputOf(new Spec(List.of("/usr/bin/env", "-0"))
                .with("PLAIN", "value")
                .with("ODD", "spaces, \"quotes\", 한글,\nlines and $HOME")
                .with("EMPTY", ""));

        var variables = List.of(text.split("\0")).stream()
                .filter(variable -> !variable.startsWith("PWD=")) // shells and bwrap set it, as AWS Lambda does
                .toList();
        assertThat(variables)
                .containsExactlyInAnyOrder(
                        "PATH=/usr/bin:/bin", "PLAIN=value", "ODD=spaces, \"quotes\", 한글,\nlines and $HOME", "EMPTY=");
    }

    @Test
    void signalsReachTheFirstProcess() throws Exception {
        var workload = launch(sh("trap 'echo got it; exit 7' TERM; echo ready; while :; do sleep 0.05; done"));
        awaitContent(workload.stdout(), "ready");

        workload.signal(Signal.TERM);

        assertThat(workload.await(PATIENCE).orElseThrow().code()).isEqualTo(7);
        assertThat(workload.stdout()).content().contains("got it");
    }

    @Test
    void standardInputIsEmpty() throws Exception {
        assertThat(outputOf(sh("wc -c"))).isEqualToIgnoringWhitespace("0");
    }

    @Test
    void aReadOnlyMountCanBeReadOnly() throws Exception {
        var source = Files.createDirectory(temp.resolve("code"));
        Files.writeString(source.resolve("file"), "hello");

        var text = outputOf(sh("cat ${task}/file").mount("task", new Mount.Bind(source, "/var/task", true)));

        assertThat(text).isEqualTo("hello");
    }

    @Test
    void aFolderIsShownToWhatRunsAlready() throws Exception {
        assertThat(engine.mountsLater()).isTrue();
        var nothing = Files.createDirectory(temp.resolve("nothing"));
        var code = Files.createDirectory(temp.resolve("code"));
        var later = new Mount.Bind(code, "/var/task", true);
        var there = engine.resolve("w-1", List.of(later), "/var/task");
        var workload = launch(sh("until [ -e " + there + "/file ]; do sleep 0.02; done; cat " + there
                        + "/file; echo x >" + there + "/new || echo refused")
                .mount("task", new Mount.Bind(nothing, "/var/task", true)));
        Files.writeString(code.resolve("file"), "hello");

        workload.mount(later);

        assertThat(workload.await(PATIENCE)).isPresent();
        assertThat(workload.stdout()).content().startsWith("hello");
        assertThat(nothing).isEmptyDirectory();
    }

    @Test
    void aWritableMountKeepsWhatIsWritten() throws Exception {
        var source = Files.createDirectory(temp.resolve("data"));

        launch(sh("echo written >${data}/new").mount("data", new Mount.Bind(source, "/mnt/data", false)))
                .await(PATIENCE);

        assertThat(source.resolve("new")).hasContent("written\n");
    }

    @Test
    void scratchIsWritableAndVanishes() throws Exception {
        var workload = launch(sh("echo x >${tmp}/f && cat ${tmp}/f").mount("tmp", new Mount.Scratch("/tmp", 16)));

        assertThat(workload.await(PATIENCE).orElseThrow().code()).isZero();
        assertThat(workload.stdout()).hasContent("x\n");
    }

    @Test
    void aWorkingDirectoryIsHonoured() throws Exception {
        var source = Files.createDirectory(temp.resolve("code"));
        var spec = sh("pwd")
                .mount("task", new Mount.Bind(source, "/var/task", true))
                .in("/var/task");

        assertThat(outputOf(spec).strip()).isEqualTo(spec.resolved("task"));
    }

    @Test
    void aDoorIsAnsweredByTheServer() throws Exception {
        var doors = new TestDoor("hello from outside\n");

        var text = outputOf(new Spec(List.of("/bin/bash", "-c", "exec 3<>/dev/tcp/${API/://} && cat <&3"))
                .door(doors.named("API", 9001)));

        assertThat(text).isEqualTo("hello from outside\n");
    }

    @Test
    void whatGoesThroughDoorsIsCounted() throws Exception {
        var workload = launch(new Spec(List.of("/bin/bash", "-c", "exec 3<>/dev/tcp/${API/://} && cat <&3"))
                .door(new TestDoor("hello").named("API", 9001)));
        workload.await(PATIENCE).orElseThrow();

        assertThat(workload.usage().bytesIn()).isEqualTo(5);
    }

    @Test
    void manyVisitsAtOneDoor() throws Exception {
        var doors = new TestDoor("x");

        var text = outputOf(
                new Spec(List.of("/bin/bash", "-c", "for i in {1..50}; do exec 3<>/dev/tcp/${API/://}; cat <&3; done"))
                        .door(doors.named("API", 9001)));

        assertThat(text).hasSize(50);
    }

    @Test
    void aProgramThatDoesNotExistLeavesNothing() throws Exception {
        assertThatThrownBy(() -> launch(new Spec(List.of("/no/such/program"))))
                .satisfiesAnyOf(e ->
                        assertThat(e).isInstanceOf(LaunchException.class).hasMessageContaining("/no/such/program"));
        assertNothingLeft();
    }

    @Test
    void aMountWithoutASourceLeavesNothing() {
        assertThatThrownBy(() -> launch(sh("true").mount("x", new Mount.Bind(temp.resolve("absent"), "/mnt/x", true))))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("absent");
        assertNothingLeft();
    }

    @Test
    void anIdCanBeUsedOnce() throws Exception {
        var spec = sh("sleep 60").build(engine, "twice");
        launched.add(engine.launch(spec));

        assertThatThrownBy(() -> engine.launch(spec)).isInstanceOf(LaunchException.class);
    }

    @Test
    void closingEndsEveryProcessAndClearsEverything() throws Exception {
        var workload = launch(sh("sleep 600 & sleep 600 & echo ready; wait"));
        awaitContent(workload.stdout(), "ready");
        long pid = workload.pid();

        workload.close();

        assertThat(workload.running()).isFalse();
        assertThat(ProcessIdentity.of(pid)).isEmpty();
        assertNothingLeft();
    }

    @Test
    void closingTwiceIsOnce() throws Exception {
        var workload = launch(sh("sleep 600"));
        workload.close();
        workload.close();
        assertNothingLeft();
    }

    @Test
    void whatWasStartedBeforeIsRecovered() throws Exception {
        var workload = launch(sh("trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done")
                .label("function", "arn:aws:lambda:…:f"));
        awaitContent(workload.stdout(), "ready");
        engine.close();
        engine = open(temp.resolve("engine"));

        var found = engine.recover();

        assertThat(found).hasSize(1);
        var again = found.getFirst();
        launched.add(again);
        assertThat(again.id()).isEqualTo(workload.id());
        assertThat(again.pid()).isEqualTo(workload.pid());
        assertThat(again.labels()).isEqualTo(Map.of("function", "arn:aws:lambda:…:f"));
        assertThat(again.startedAt()).isEqualTo(workload.startedAt());
        again.signal(Signal.TERM);
        assertThat(again.await(PATIENCE)).hasValue(new Workload.Exit(9, false));
    }

    @Test
    void doorsCanBeOpenedAgainAfterRecovery() throws Exception {
        var door = new TestDoor("again\n");
        var workload = launch(new Spec(List.of("/bin/bash", "-c", """
                until [ -e ${run}/go ]; do sleep 0.05; done
                exec 3<>/dev/tcp/${API/://} && cat <&3
                """))
                .mount("run", new Mount.Bind(Files.createDirectory(temp.resolve("run")), "/mnt/run", true))
                .door(door.named("API", 9001)));
        engine.close();
        engine = open(temp.resolve("engine"));
        var again = engine.recover().getFirst();
        launched.add(again);

        again.reopen(List.of(door.named("API", 9001)));
        Files.createFile(temp.resolve("run/go"));

        assertThat(again.await(PATIENCE).orElseThrow().code()).isZero();
        assertThat(again.stdout()).hasContent("again\n");
        assertThat(workload.id()).isEqualTo(again.id());
    }

    @Test
    void whatEndedMeanwhileTellsHowUntilItIsClosed() throws Exception {
        var run = Files.createDirectory(temp.resolve("run"));
        var workload = launch(sh("until [ -e ${run}/go ]; do sleep 0.02; done; echo last words; exit 6")
                .mount("run", new Mount.Bind(run, "/mnt/run", true))
                .label("function", "f"));
        engine.close();
        Files.createFile(run.resolve("go"));
        awaitTrue(() -> ProcessIdentity.of(workload.pid()).isEmpty());
        engine = open(temp.resolve("engine"));

        var found = engine.recover();

        assertThat(found).hasSize(1);
        var ended = found.getFirst();
        assertThat(ended.running()).isFalse();
        assertThat(ended.await(PATIENCE)).hasValue(new Workload.Exit(6, false));
        assertThat(ended.labels()).isEqualTo(Map.of("function", "f"));
        assertThat(ended.stdout()).hasContent("last words\n");
        ended.close();
        assertThat(engine.recover()).isEmpty();
        assertNothingLeft();
    }

    @Test
    void openFilesAreLimited() throws Exception {
        assertThat(outputOf(sh("ulimit -n").limits(new Limits(0, 0, 0, 100)))).isEqualTo("100\n");
    }

    @Test
    void aFrozenWorkloadUsesNoCpu() throws Exception {
        var workload = launch(sh("echo ready; while :; do :; done"));
        awaitContent(workload.stdout(), "ready");

        workload.freeze();
        var frozen = workload.usage().cpu();
        Thread.sleep(300);

        assertThat(workload.usage().cpu()).isEqualTo(frozen);
        assertThat(workload.running()).isTrue();
        workload.thaw();
        awaitTrue(() -> workload.usage().cpu().compareTo(frozen) > 0);
    }

    @Test
    void aFrozenWorkloadCanBeClosed() throws Exception {
        var workload = launch(sh("sleep 600 & sleep 600"));
        workload.freeze();

        workload.close();

        assertThat(workload.running()).isFalse();
        assertNothingLeft();
    }

    @Test
    void usageIsCounted() throws Exception {
        var workload = launch(new Spec(List.of("/usr/bin/python3", "-c", """
                x = bytes(range(256)) * (40 << 12)
                while True: pass
                """)));

        awaitTrue(() -> workload.usage().cpu().toMillis() > 50);
        awaitTrue(() -> workload.usage().peakMemoryBytes() > 40 << 20);
    }

    @Test
    void aTalkerDoesNotFillTheDisk() throws Exception {
        var most = LogFile.MOST_BYTES;
        var workload = launch(sh("head -c " + 3 * most + " /dev/zero | tr '\\0' 'x'; echo; echo last; sleep 600"));
        awaitLost(workload);

        long held = (long) Files.getAttribute(workload.stdout(), "unix:ino") == 0 ? 0 : blocks(workload.stdout());

        assertThat(held).isLessThanOrEqualTo(most + (1 << 20));
        assertThat(workload.stdoutStart()).isPositive();
    }

    private static void awaitLost(Workload workload) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (Files.size(workload.stdout()) <= 3 * LogFile.MOST_BYTES
                || blocks(workload.stdout()) > LogFile.MOST_BYTES) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static long blocks(Path file) throws Exception {
        var du = new ProcessBuilder("du", "-B1", file.toString()).start();
        return Long.parseLong(new String(du.getInputStream().readAllBytes()).split("\\s")[0]);
    }

    /** A server that is killed in the middle of launching: what runs is known again, and nothing else runs. */
    @RepeatedTest(4)
    protected void aKilledServerLeavesNothingUnknown() throws Exception {
        var home = temp.resolve("engine");
        var output = temp.resolve("server-output");
        var server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        CrashMain.class.getName(),
                        crashKind(),
                        home.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        awaitContent(output, "launched w-3 ");
        Thread.sleep(ThreadLocalRandom.current().nextInt(30)); // anywhere in one of the next launches
        server.destroyForcibly().waitFor();
        var said = Files.readAllLines(output);

        var found = engine.recover();
        launched.addAll(found);

        var ids = found.stream().map(Workload::id).toList();
        for (var id : CrashMain.launched(said)) {
            assertThat(ids.contains(id) || CrashMain.closing(id))
                    .as(said + " " + ids)
                    .isTrue();
        }
        for (var workload : found) {
            if (!CrashMain.closing(workload.id())) {
                awaitContent(workload.stdout(), "ready");
                workload.signal(Signal.TERM);
                assertThat(workload.await(PATIENCE).orElseThrow().code()).isEqualTo(5);
            }
        }
        closeAll();
        assertNothingLeft();
    }

    protected static void awaitTrue(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    /** Fails where anything is left of workloads that are gone. */
    protected void assertNothingLeft() {
        assertThat(temp.resolve("engine/workloads")).isEmptyDirectory();
        try {
            assertThat(HostSnapshot.of(temp)).isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    protected static void awaitContent(Path file, String text) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(file) || !Files.readString(file).contains(text)) {
            assertThat(System.nanoTime()).as("%s never said %s", file, text).isLessThan(deadline);
            Thread.sleep(5);
        }
    }
}
