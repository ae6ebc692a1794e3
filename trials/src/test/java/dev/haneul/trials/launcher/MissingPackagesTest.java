package dev.haneul.trials.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.LaunchedRegion;
import dev.haneul.trials.LaunchedRegion.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a host without bubblewrap: installed where we may, otherwise told, and the region comes up either way. */
class MissingPackagesTest {
    @TempDir
    Path temp;

    private Path programs;
    private Path asked;

    /** Everything the host offers but bubblewrap and the packager, which is one of ours. */
    @BeforeEach
    void hideBubblewrap() throws IOException {
        Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/bwrap")), "bubblewrap is what goes missing");
        Assumptions.assumeTrue(
                Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "only root installs");
        programs = Files.createDirectory(temp.resolve("bin"));
        asked = temp.resolve("asked");
        for (String folder : List.of("/usr/bin", "/usr/sbin", "/bin", "/sbin")) {
            try (Stream<Path> all = Files.list(Path.of(folder))) {
                for (Path program : all.toList()) {
                    Path link = programs.resolve(program.getFileName());
                    if (!List.of("bwrap", "apt-get")
                                    .contains(program.getFileName().toString())
                            && !Files.exists(link, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                        Files.createSymbolicLink(link, program);
                    }
                }
            }
        }
    }

    @AfterEach
    void stop() throws Exception {
        launcher("down");
    }

    @Test
    void whereItCannotBeInstalledTheBestEngineLeftServes() throws Exception {
        packager("exit 100");
        Outcome outcome = launcher("up");
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(asked).content().contains("install").contains("bubblewrap");
        assertThat(outcome.text())
                .contains("bubblewrap is not installed")
                .contains("apt-get install bubblewrap")
                .contains("Functions run in the process engine")
                .contains("may change the same files, processes and network"); // what it cannot stop
        assertThat(launcher("status").text())
                .contains("engine sandbox: does not work; bubblewrap is not installed")
                .contains("engine process: serves functions");
    }

    @Test
    void whereItCanItIs() throws Exception {
        packager("ln -s /usr/bin/bwrap " + programs + "/bwrap");
        Outcome outcome = launcher("up");
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(outcome.text()).contains("Functions run in the sandbox engine");
        assertThat(launcher("status").text()).contains("engine sandbox: serves functions");
    }

    private void packager(String does) throws IOException {
        Path script = programs.resolve("apt-get");
        Files.writeString(script, "#!/bin/sh\necho \"$@\" >>" + asked + "\n" + does + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Outcome launcher(String command) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(command, "--port", "" + port(), "--data"));
        arguments.add(temp.resolve("data").toString());
        return LaunchedRegion.launcher(arguments, programs.toString());
    }

    private int port = 0;

    private int port() throws IOException {
        if (port == 0) {
            port = LaunchedRegion.freePort();
        }
        return port;
    }
}
