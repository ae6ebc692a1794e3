package dev.haneul.server;

import dev.haneul.engines.Engine;
import dev.haneul.engines.Probe;
import dev.haneul.engines.Workload;
import dev.haneul.engines.process.ProcessEngine;
import dev.haneul.engines.sandbox.SandboxEngine;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The engines of this host, best first, and the one that serves. */
final class Engines implements AutoCloseable {
    private final List<Engine> all;
    private final String wish;
    private final Thread trying;

    /**
     * Tries them out aside, for that takes an eighth of a start and needs nothing else of the region.
     *
     * @param wish {@code auto}, or the name of the one that must serve
     */
    Engines(Path home, String wish) {
        this.wish = wish;
        all = List.of(new SandboxEngine(home.resolve("sandbox")), new ProcessEngine(home.resolve("process")));
        trying = Thread.ofPlatform().name("engines").start(() -> {
            // An engine remembers what it found, for chosen() to ask again.
            Optional<Engine> unused = best();
        });
    }

    private Optional<Engine> best() {
        return all.stream()
                .filter(engine -> wish.equals("auto") || wish.equals(engine.name()))
                .filter(engine -> engine.probe().usable())
                .findFirst();
    }

    private String refusal() {
        return all.stream()
                .filter(engine -> wish.equals(engine.name()))
                .findFirst()
                .map(engine -> "the " + wish + " engine does not work here: "
                        + engine.probe().reason())
                .orElse("there is no engine '" + wish + "'");
    }

    /** What an earlier server left running, on whichever engine it used. */
    List<Workload> recover() {
        return all.stream()
                .filter(engine -> engine.probe().usable())
                .flatMap(engine -> engine.recover().stream())
                .toList();
    }

    /**
     * The one that serves.
     *
     * @throws StartFailure where none of those wished for works here
     */
    Engine chosen() {
        return best().orElseThrow(() -> new StartFailure(refusal()));
    }

    /** Which engine serves what, and why, as {@code haneul status} shows it. */
    String describe() {
        Engine chosen = chosen();
        StringBuilder text = new StringBuilder();
        for (Engine engine : all) {
            Probe probe = engine.probe();
            String role = engine == chosen ? "serves functions" : probe.usable() ? "works, not used" : "does not work";
            text.append("engine ")
                    .append(engine.name())
                    .append(": ")
                    .append(role)
                    .append("; ");
            text.append(probe.reason()).append('\n');
            probe.guarantees().forEach(line -> text.append("  + ").append(line).append('\n'));
            probe.weaknesses().forEach(line -> text.append("  - ").append(line).append('\n'));
        }
        return text.toString();
    }

    @Override
    public void close() {
        try {
            trying.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        all.forEach(Engine::close);
    }
}
