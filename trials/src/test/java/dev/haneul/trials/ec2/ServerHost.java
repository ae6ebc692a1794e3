package dev.haneul.trials.ec2;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Whether this host is one on which servers run at all: who is not root has no networks to give them. */
final class ServerHost {
    private ServerHost() {}

    static boolean works() {
        return System.getProperty("user.name").equals("root")
                && Stream.of("ip", "nft", "ssh", "mmdebstrap").allMatch(ServerHost::has);
    }

    private static boolean has(String program) {
        return Stream.of((System.getenv("PATH") + ":/usr/sbin:/sbin").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
