package dev.haneul.fabric.vpc;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Needs root on Linux. */
final class LinuxSixTest extends SixContract {
    @TempDir
    Path folder;

    @BeforeAll
    static void needsRoot() throws IOException {
        assumeTrue(Linux.available(), "not Linux");
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "not root");
    }

    @Override
    VpcFabric open() throws IOException {
        return new LinuxVpcFabric(folder);
    }
}
