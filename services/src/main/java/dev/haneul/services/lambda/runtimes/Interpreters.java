package dev.haneul.services.lambda.runtimes;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The interpreters of this host, found in the usual places and asked for their version. Looked for when a language is
 * first needed, since asking costs a process each, and again when something was missing, since people install it then.
 */
public final class Interpreters {
    private static final Pattern PYTHON = Pattern.compile("python3(\\.\\d{1,3})?");
    private static final Pattern NUMBERS = Pattern.compile("\\d+(\\.\\d+)*");
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int ASK_SECONDS = 10;

    private final Map<Family, Found> found = new EnumMap<>(Family.class);
    private final Path javaHome;
    private final Path userHome;
    private final List<Path> path;

    private record Found(List<Interpreter> interpreters, long atNanos) {}

    /** The host as this process sees it. */
    public static Interpreters ofHost() {
        List<Path> path = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(entry -> !entry.isEmpty())
                .map(Path::of)
                .toList();
        return new Interpreters(
                Path.of(System.getProperty("java.home")), Path.of(System.getProperty("user.home", "/")), path);
    }

    /**
     * @param javaHome the JDK that Haneul itself runs on
     * @param path folders to look in besides the usual ones
     */
    Interpreters(Path javaHome, Path userHome, List<Path> path) {
        this.javaHome = javaHome;
        this.userHome = userHome;
        this.path = path;
    }

    /** Every interpreter of this language that is known, in the order they were found; system ones first. */
    public synchronized List<Interpreter> of(Family family) {
        Found known = found.get(family);
        return known == null ? look(family) : known.interpreters;
    }

    /** Like {@link #of}, but looks again unless somebody looked within the last seconds. */
    public synchronized List<Interpreter> ofNow(Family family) {
        Found known = found.get(family);
        boolean fresh = known != null && System.nanoTime() - known.atNanos < FRESH_NANOS;
        return known != null && fresh ? known.interpreters : look(family);
    }

    private List<Interpreter> look(Family family) {
        List<Interpreter> interpreters = List.copyOf(search(family));
        found.put(family, new Found(interpreters, System.nanoTime()));
        return interpreters;
    }

    private List<Interpreter> search(Family family) {
        return switch (family) {
            case PYTHON -> programs(Interpreters::python, PYTHON, List.of());
            case NODE ->
                programs(
                        Interpreters::node,
                        Pattern.compile("node|nodejs"),
                        children(
                                "bin",
                                Path.of("/opt"),
                                Path.of("/usr/local/lib/nodejs"),
                                userHome.resolve(".nvm/versions/node"),
                                userHome.resolve(".local/share/mise/installs/node"),
                                userHome.resolve(".asdf/installs/nodejs")));
            case JAVA -> java();
            case RUBY, DOTNET, GO, PROVIDED -> List.of();
        };
    }

    /** Asks a program what it is. */
    private interface Ask {
        @Nullable
        Interpreter ask(Path program);
    }

    private List<Interpreter> programs(Ask ask, Pattern name, List<Path> more) {
        Set<Path> folders = new LinkedHashSet<>(List.of(Path.of("/usr/bin"), Path.of("/usr/local/bin")));
        folders.addAll(path);
        folders.addAll(more);
        Map<Path, Interpreter> byProgram = new LinkedHashMap<>();
        for (Path folder : folders) {
            for (Path program : list(folder)) {
                if (name.matcher(program.getFileName().toString()).matches()) {
                    real(program, ask, byProgram);
                }
            }
        }
        return new ArrayList<>(byProgram.values());
    }

    private static void real(Path program, Ask ask, Map<Path, Interpreter> byProgram) {
        try {
            Path real = program.toRealPath();
            if (!byProgram.containsKey(real) && Files.isExecutable(real) && isBinary(real)) {
                Interpreter interpreter = ask.ask(real);
                if (interpreter != null) {
                    byProgram.put(real, interpreter);
                }
            }
        } catch (IOException e) {
            // A dangling link or a file we may not read is no interpreter.
        }
    }

    /** Version managers put scripts in the search path; those are not what a sandbox can run. */
    private static boolean isBinary(Path program) throws IOException {
        try (InputStream in = Files.newInputStream(program)) {
            byte[] magic = in.readNBytes(4);
            boolean elf = magic.length == 4 && magic[0] == 0x7F && magic[1] == 'E';
            boolean machO = magic.length == 4 && ((magic[0] & 0xFF) >= 0xCA);
            return elf || machO;
        }
    }

    private static @Nullable Interpreter python(Path program) {
        String code = "import sys;print('%d.%d.%d'%sys.version_info[:3]);print(sys.base_prefix)";
        List<String> told = output(List.of(program.toString(), "-I", "-S", "-c", code));
        return told.size() < 2
                ? null
                : new Interpreter(Family.PYTHON, numbers(told.get(0)), told.get(0), program, Path.of(told.get(1)));
    }

    private static @Nullable Interpreter node(Path program) {
        List<String> told = output(List.of(program.toString(), "--version"));
        if (told.isEmpty() || !told.getFirst().startsWith("v")) {
            return null;
        }
        String version = told.getFirst().substring(1);
        Path bin = program.getParent();
        Path home = bin == null || bin.getParent() == null ? program : bin.getParent();
        return new Interpreter(Family.NODE, numbers(version), version, program, home);
    }

    /** JDKs and JREs say what they are in a file. */
    private List<Interpreter> java() {
        Set<Path> homes = new LinkedHashSet<>();
        homes.add(javaHome);
        for (Path parent : List.of(
                Path.of("/usr/lib/jvm"),
                Path.of("/usr/java"),
                Path.of("/opt/java"),
                Path.of("/opt"),
                userHome.resolve(".sdkman/candidates/java"),
                userHome.resolve(".jdks"))) {
            homes.addAll(list(parent));
        }
        Map<Path, Interpreter> byHome = new LinkedHashMap<>();
        for (Path home : homes) {
            Interpreter java = javaAt(home);
            if (java != null) {
                byHome.putIfAbsent(java.home(), java);
            }
        }
        return new ArrayList<>(byHome.values());
    }

    private static @Nullable Interpreter javaAt(Path folder) {
        try {
            Path release = folder.resolve("release");
            if (!Files.isRegularFile(release) || !Files.isExecutable(folder.resolve("bin/java"))) {
                return null;
            }
            Properties told = new Properties();
            try (InputStream in = Files.newInputStream(release)) {
                told.load(in);
            }
            String version = told.getProperty("JAVA_VERSION", "").replace("\"", "");
            List<Integer> numbers = numbers(version.startsWith("1.") ? version.substring(2) : version);
            Path home = folder.toRealPath();
            return numbers.isEmpty()
                    ? null
                    : new Interpreter(
                            Family.JAVA,
                            numbers,
                            version,
                            home.resolve("bin/java").toRealPath(),
                            home);
        } catch (IOException e) {
            return null; // not a JDK we may use
        }
    }

    private static List<Path> children(String below, Path... parents) {
        List<Path> folders = new ArrayList<>();
        for (Path parent : parents) {
            for (Path child : list(parent)) {
                folders.add(child.resolve(below));
            }
        }
        return folders;
    }

    private static List<Path> list(Path folder) {
        List<Path> entries = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
                stream.forEach(entries::add);
            } catch (IOException | UncheckedIOException | java.nio.file.DirectoryIteratorException e) {
                return List.of(); // a folder we may not list has nothing for us
            }
        }
        entries.sort(null);
        return entries;
    }

    static List<Integer> numbers(String version) {
        Matcher numbers = NUMBERS.matcher(version);
        if (!numbers.lookingAt()) {
            return List.of();
        }
        return Arrays.stream(numbers.group().split("\\."))
                .map(part -> part.length() > 6 ? 0 : Integer.parseInt(part))
                .toList();
    }

    private static List<String> output(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .start();
            try (InputStream in = process.getInputStream()) {
                if (!process.waitFor(ASK_SECONDS, TimeUnit.SECONDS)) {
                    return List.of();
                }
                byte[] told = in.readNBytes(4096);
                return process.exitValue() == 0
                        ? new String(told, StandardCharsets.UTF_8).lines().toList()
                        : List.of();
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            return List.of(); // it does not start, so it is no interpreter
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }
}
