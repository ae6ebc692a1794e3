package dev.haneul.engines;

import dev.haneul.engines.process.ProcessEngine;
import dev.haneul.engines.sandbox.SandboxEngine;
import java.nio.file.Path;
import java.util.List;

/** A server that launches workloads until it is killed. Says {@code launched ID} for each. */
final class CrashMain {
    public static void main(String[] args) throws Exception {
        var engine =
                args[0].equals("sandbox") ? new SandboxEngine(Path.of(args[1])) : new ProcessEngine(Path.of(args[1]));
        engine.probe();
        for (int i = 0; ; i++) {
            var id = "w-" + i;
            var spec = new Spec(List.of("/bin/sh", "-c", "echo ready; trap 'exit 5' TERM; while :; do sleep 0.1; done"))
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
