package dev.haneul.engines;

import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.WorkloadSpec.Mount;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds specs for tests. {@code ${name}} in a command stands for where the mount of that name is seen. */
public final class Spec {
    private final List<String> command;
    private final Map<String, String> environment = new LinkedHashMap<>(Map.of("PATH", "/usr/bin:/bin"));
    private final Map<String, Mount> mounts = new LinkedHashMap<>();
    private final Map<String, String> seen = new LinkedHashMap<>();
    private final List<Door> doors = new ArrayList<>();
    private final Map<String, String> labels = new LinkedHashMap<>();
    private boolean joinedOutput;
    private String workingDirectory = "/";
    private Limits limits = new Limits(256, 0, 64, 0);

    public Spec(List<String> command) {
        this.command = command;
    }

    public Spec with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    public Spec mount(String name, Mount mount) {
        mounts.put(name, mount);
        return this;
    }

    public Spec door(Door door) {
        doors.add(door);
        return this;
    }

    public Spec label(String name, String value) {
        labels.put(name, value);
        return this;
    }

    public Spec limits(Limits wanted) {
        limits = wanted;
        return this;
    }

    public Spec joinedOutput() {
        joinedOutput = true;
        return this;
    }

    public Spec in(String folder) {
        workingDirectory = folder;
        return this;
    }

    /** Where a mount was seen, after {@link #build}. */
    public String resolved(String name) {
        return seen.get(name);
    }

    public WorkloadSpec build(Engine engine, String id) {
        var all = List.copyOf(mounts.values());
        mounts.forEach((name, mount) -> seen.put(name, engine.resolve(id, all, target(mount))));
        var words = command.stream().map(this::fill).toList();
        return new WorkloadSpec(
                id,
                new WorkloadSpec.Root.HostRuntime(),
                words,
                environment,
                engine.resolve(id, all, workingDirectory),
                all,
                limits,
                doors,
                labels,
                joinedOutput);
    }

    private String fill(String word) {
        for (var entry : seen.entrySet()) {
            word = word.replace("${" + entry.getKey() + "}", entry.getValue());
        }
        return word;
    }

    private static String target(Mount mount) {
        return switch (mount) {
            case Mount.Bind bind -> bind.target();
            case Mount.Scratch scratch -> scratch.target();
        };
    }
}
