package dev.haneul.services.lambda.runtimes;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which interpreter serves a runtime.
 *
 * @param interpreter null for {@code provided} runtimes, which bring their own
 * @param substitution a sentence for the user where it is not the version asked for, else null
 */
public record Choice(
        RuntimeName runtime,
        @Nullable Interpreter interpreter,
        @Nullable String substitution) {
    /**
     * Chooses: the version asked for, else the nearest newer, else the nearest older one. Java runs what was built for
     * older versions but not for newer ones, so there an older one does not do.
     *
     * @param exact whether only the version asked for will do
     * @return empty where nothing here runs it
     */
    public static Optional<Choice> of(RuntimeName runtime, List<Interpreter> installed, boolean exact) {
        if (runtime.family() == Family.PROVIDED) {
            return Optional.of(new Choice(runtime, null, null));
        }
        Optional<Interpreter> same =
                installed.stream().filter(one -> one.is(runtime.version())).findFirst();
        if (same.isPresent() || exact) {
            return same.map(one -> new Choice(runtime, one, null));
        }
        Comparator<Interpreter> byVersion = (a, b) -> compare(a.version(), b.version());
        Optional<Interpreter> newer = installed.stream()
                .filter(one -> compare(one.version(), runtime.version()) > 0)
                .min(byVersion);
        Optional<Interpreter> nearest = newer.isPresent() || runtime.family() == Family.JAVA
                ? newer
                : installed.stream().max(byVersion);
        return nearest.map(one -> new Choice(runtime, one, substituted(runtime, one)));
    }

    /** What to tell somebody whose runtime cannot be had here. */
    public static String missing(RuntimeName runtime, List<Interpreter> installed) {
        Family family = runtime.family();
        if (family.debianPackage().isEmpty()) {
            return "The runtime " + runtime.name() + " cannot run here: Haneul does not run " + family.label()
                    + " functions yet. Package the program as a custom runtime (provided.al2023) instead.";
        }
        String have = installed.isEmpty()
                ? "no " + family.label() + " was found"
                : "found only "
                        + String.join(
                                ", ",
                                installed.stream().map(Interpreter::versionText).toList());
        return "The runtime " + runtime.name() + " cannot run on this host: " + have + ". Install " + family.label()
                + " "
                + runtime.versionText() + " (Debian, Ubuntu: apt-get install " + packageFor(runtime)
                + ") and try again.";
    }

    private static String packageFor(RuntimeName runtime) {
        return switch (runtime.family()) {
            case PYTHON -> "python" + runtime.versionText();
            case JAVA -> "openjdk-" + runtime.versionText() + "-jre-headless";
            default -> runtime.family().debianPackage();
        };
    }

    private static String substituted(RuntimeName runtime, Interpreter instead) {
        return runtime.name() + " is not installed on this host; the function runs on "
                + runtime.family().label() + " "
                + instead.versionText() + ". Install " + packageFor(runtime)
                + " for the exact version, or start the region with --exact-runtimes to refuse such functions.";
    }

    private static int compare(List<Integer> a, List<Integer> b) {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            int difference = Integer.compare(a.get(i), b.get(i));
            if (difference != 0) {
                return difference;
            }
        }
        return 0;
    }
}
