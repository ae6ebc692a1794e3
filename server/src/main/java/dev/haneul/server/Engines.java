package dev.haneul.server;

import dev.haneul.engines.Engine;
import dev.haneul.engines.Probe;
import dev.haneul.engines.Workload;
import dev.haneul.engines.docker.DockerEngine;
import dev.haneul.engines.docker.DockerSockets;
import dev.haneul.engines.process.ProcessEngine;
import dev.haneul.engines.sandbox.SandboxEngine;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The engines of this host, best first, and the one that serves. */
final class Engines implements AutoCloseable {
    private static final String AUTO = "auto";

    private final List<Engine> all;
    private final DockerEngine docker;
    private final String wish;
    private final Thread trying;

    /**
     * Tries them out, best first and as far as one is needed; aside, for that takes an eighth of a start and needs
     * nothing else of the region.
     *
     * @param wish {@code auto}, or the name of the one that must serve
     */
    Engines(Path home, String wish) {
        this.wish = wish;
        docker = new DockerEngine(home.resolve("docker"), () -> DockerSockets.find(System.getenv()));
        all = List.of(new SandboxEngine(home.resolve("sandbox")), docker, new ProcessEngine(home.resolve("process")));
        trying = Thread.ofPlatform().name("engines").start(() -> {
            // An engine remembers what it found, for chosen() to ask again.
            Optional<Engine> unused = best();
        });
    }

    private Optional<Engine> best() {
        return all.stream()
                .filter(engine -> wish.equals(AUTO) || wish.equals(engine.name()))
                .filter(engine -> engine.probe().usable())
                .findFirst();
    }

    private String refusal() {
        return all.stream()
                .filter(engine -> wish.equals(engine.name()))
                .findFirst()
                .map(engine -> "the " + wish + " engine does not work here: "
                        + engine.probe().reason())
                .orElse("there is no engine '" + wish + "'; there are: "
                        + all.stream().map(Engine::name).collect(Collectors.joining(", ")));
    }

    /** What an earlier server left running, on whichever engine it used. */
    List<Workload> recover() {
        Engine chosen = chosen();
        return all.stream()
                .filter(engine -> engine == chosen || engine != docker || docker.wasUsed())
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
            text.append("engine ").append(engine.name()).append(": ");
            if (engine == docker && docker != chosen && !docker.wasUsed()) {
                text.append(unasked()).append('\n');
                continue;
            }
            Probe probe = engine.probe();
            text.append(role(engine, chosen, probe)).append("; ").append(probe.reason());
            text.append('\n');
            probe.guarantees().forEach(line -> text.append("  + ").append(line).append('\n'));
            probe.weaknesses().forEach(line -> text.append("  - ").append(line).append('\n'));
        }
        return text.toString();
    }

    /** Trying the daemon out would leave an image with it, so only those who want it have that. */
    private String unasked() {
        return docker.socket()
                .map(socket -> "not tried; " + socket + " is there, choose it with --engine docker")
                .orElse("not tried; no Docker API was found");
    }

    private String role(Engine engine, Engine chosen, Probe probe) {
        if (engine == chosen) {
            String why = wish.equals(AUTO) ? "the best of those that work here" : "as --engine says";
            return "serves functions, " + why;
        }
        return probe.usable() ? "works, not used" : "does not work";
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
