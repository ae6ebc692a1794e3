package dev.haneul.trials.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.LaunchedRegion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cache that a start is fast with: it is there, and where it cannot be made somebody is told. */
class StartUpCacheTest {
    private static final Path HOUSE =
            Path.of(System.getProperty("haneul.launcher", "../haneul")).toAbsolutePath();
    private static final String NOT_MADE = "no start-up cache could be made";

    @TempDir
    Path temp;

    @Test
    void theServerRunsFromTheCacheOfThisBuild() throws Exception {
        try (LaunchedRegion region = new LaunchedRegion()) {
            assertThat(region.up().text()).doesNotContain(NOT_MADE);
            Path maps = Path.of("/proc/" + region.pid() + "/maps");
            Assumptions.assumeTrue(Files.exists(maps), "Linux tells what a process has mapped");
            assertThat(Files.readString(maps))
                    .as("the JVM took the cache, and the store's library that was unpacked for it")
                    .contains("haneul.aot", "/dist/natives/");
        }
    }

    @Test
    void aTrainingThatFailsIsToldAndItsLogStays() throws Exception {
        String text = build("echo 'haneul: the registry gives no token'; exit 1", 1);
        assertThat(text)
                .contains("the registry gives no token", "the training failed with status 1", NOT_MADE)
                .contains(log().toString());
        assertThat(log()).content().contains("the registry gives no token");
        assertThat(dist().resolve("haneul.aot")).doesNotExist();
    }

    @Test
    void aTrainingThatWritesNothingIsToldToo() throws Exception {
        assertThat(build("exit 0", 1)).contains("the training wrote no cache", NOT_MADE);
    }

    @Test
    void aCacheThatTheVirtualMachineRefusesIsNoCache() throws Exception {
        String text = build(
                "case \"$*\" in *AOTCacheOutput*) echo old >" + dist() + "/haneul.aot ;;"
                        + " *AOTMode=on*) echo 'the AOT cache is of another machine'; exit 1 ;; esac",
                1);
        assertThat(text).contains("of another machine", "does not take the cache", NOT_MADE);
        assertThat(dist().resolve("haneul.aot")).doesNotExist();
    }

    @Test
    void aBuildTriesAgain() throws Exception {
        build("exit 1", 1);
        String text = build("case \"$*\" in *AOTCacheOutput*) echo new >" + dist() + "/haneul.aot ;; esac", 0);
        assertThat(text).doesNotContain(NOT_MADE);
        assertThat(dist().resolve("haneul.aot")).exists();
    }

    @Test
    void whoComesWhileAnotherTrainsWaitsAndFindsItDone() throws Exception {
        Path once = temp.resolve("once");
        String java = "case \"$*\" in *AOTCacheOutput*) mkdir " + once + " || exit 1; sleep 1; echo new >" + dist()
                + "/haneul.aot ;; esac";
        prepare(java);
        List<Process> launchers = List.of(launch(), launch(), launch());
        for (Process each : launchers) {
            finish(each, 0);
        }
        assertThat(once).exists();
        assertThat(dist().resolve("haneul.aot")).exists();
    }

    private Path dist() {
        return temp.resolve("server/target/dist");
    }

    private Path log() {
        return dist().resolve("training.log");
    }

    /** Has a launcher of its own, whose JDK is a script of ours, train; answers what it prints. */
    private String build(String java, int code) throws IOException, InterruptedException {
        prepare(java);
        return finish(launch(), code);
    }

    private void prepare(String java) throws IOException {
        Files.createDirectories(dist().resolve("lib"));
        Path launcher = temp.resolve("haneul");
        Files.deleteIfExists(launcher);
        Files.copy(HOUSE, launcher);
        Path jdk = Files.createDirectories(temp.resolve("jdk/bin")).getParent();
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
        program(jdk.resolve("bin/javac"), "");
        program(jdk.resolve("bin/java"), java);
    }

    private Process launch() throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder("bash", temp.resolve("haneul").toString(), "build").redirectErrorStream(true);
        builder.environment().put("HANEUL_BUILT", "yes");
        builder.environment().put("HANEUL_JAVA_HOME", temp.resolve("jdk").toString());
        return builder.start();
    }

    private static String finish(Process process, int code) throws IOException, InterruptedException {
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(text).isEqualTo(code);
        return text;
    }

    private static void program(Path file, String commands) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + commands + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
