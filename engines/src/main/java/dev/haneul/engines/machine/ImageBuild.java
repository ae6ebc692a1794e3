package dev.haneul.engines.machine;

import dev.haneul.engines.work.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Builds the base layer with mmdebstrap(1), in a mount namespace of its own: what it mounts goes with it. */
final class ImageBuild {
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private ImageBuild() {}

    static void run(Path draft, AptSettings apt, Consumer<String> progress) throws IOException, InterruptedException {
        if (!Tools.present("mmdebstrap")) {
            throw new IOException("mmdebstrap is not installed (apt-get install mmdebstrap)");
        }
        var files = Files.createDirectory(draft.resolve("files"));
        for (var name : ImageRecipe.FILES) {
            Files.writeString(files.resolve(name), ContainerConfig.resource("image/" + name));
        }
        var command = start(draft, apt, "minbase", ImageRecipe.PACKAGES);
        for (var folder : List.of("man", "locale", "doc", "info", "lintian", "bug")) {
            command.add("--dpkgopt=path-exclude=/usr/share/" + folder + "/*");
        }
        command.add("--dpkgopt=path-include=/usr/share/doc/*/copyright");
        command.add("--customize-hook=sh \"$FILES/customize.sh\" \"$1\"");
        command.addAll(ending(draft));
        progress.accept("Building the image of a server of Debian packages (once; half a minute)");
        var outcome = Tools.execute(command, Map.of("FILES", files.toString()), PATIENCE, line -> {
            if (line.startsWith("I: ")) {
                progress.accept(line.substring(3));
            }
        });
        if (outcome.code() != 0) {
            throw new IOException("the image cannot be built: " + Tools.tail(outcome.output()));
        }
        if (!Files.exists(draft.resolve("root/usr/lib/haneul/host-door"))) {
            throw new IOException("the image cannot be built: it came out incomplete");
        }
    }

    /** Unpacks packages and what they need, without configuring anything, into the draft's {@code root}. */
    static void extract(Path draft, AptSettings apt, List<String> packages, Consumer<String> progress)
            throws IOException, InterruptedException {
        if (!Tools.present("mmdebstrap")) {
            throw new IOException("mmdebstrap is not installed (apt-get install mmdebstrap)");
        }
        var command = start(draft, apt, "extract", packages);
        command.addAll(ending(draft));
        var outcome = Tools.execute(command, Map.of(), PATIENCE, line -> {
            if (line.startsWith("I: ")) {
                progress.accept(line.substring(3));
            }
        });
        if (outcome.code() != 0) {
            throw new IOException("packages cannot be fetched: " + Tools.tail(outcome.output()));
        }
    }

    private static List<String> start(Path draft, AptSettings apt, String variant, List<String> packages)
            throws IOException {
        Files.writeString(draft.resolve("sources.list"), String.join("\n", apt.sources()) + "\n");
        Files.writeString(draft.resolve("apt.conf"), String.join("\n", apt.settings()) + "\n");
        return new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "mmdebstrap",
                "--mode=root",
                "--variant=" + variant,
                "--skip=check/empty",
                "--include=" + String.join(",", packages),
                "--aptopt=" + draft.resolve("apt.conf"),
                // Otherwise a package comes that merges /usr afterwards, and with it all of perl.
                "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"));
    }

    private static List<String> ending(Path draft) {
        return List.of(
                ImageRecipe.SUITE,
                draft.resolve("root").toString(),
                draft.resolve("sources.list").toString());
    }
}
