package dev.haneul.engines;

import dev.haneul.engines.docker.DockerEngine;
import dev.haneul.engines.process.ProcessEngine;
import dev.haneul.engines.sandbox.SandboxEngine;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A server that launches workloads until it is killed. Says {@code launched ID} for each. */
final class CrashMain {
    public static void main(String[] args) throws Exception {
        var engine = engine(args[0], Path.of(args[1]));
        engine.probe();
        for (int i = 0; ; i++) {
            var id = "w-" + i;
            var spec = new Spec(List.of("/bin/sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done"))
                    .door(new TestDoor("x").named("API", 9001))
                    .build(engine, id);
            var workload = engine.launch(spec);
            System.out.println("launched " + id + " ");
            System.out.flush();
            if (closing(id)) {
                workload.close();
            }
        }
    }

    private static Engine engine(String kind, Path home) {
        if (kind.startsWith("docker:")) {
            var socket = Path.of(kind.substring("docker:".length()));
            return new DockerEngine(home, () -> Optional.of(socket));
        }
        return kind.equals("sandbox") ? new SandboxEngine(home) : new ProcessEngine(home);
    }

    /** Whether a workload was to be closed soon after its launch, so that either is right after a crash. */
    static boolean closing(String id) {
        return Integer.parseInt(id.substring(2)) % 3 == 2;
    }

    /** The ids in what was said. */
    static List<String> launched(List<String> said) {
        return said.stream()
                .filter(line -> line.startsWith("launched "))
                .map(line -> line.split(" ")[1])
                .toList();
    }

    private CrashMain() {}
}
