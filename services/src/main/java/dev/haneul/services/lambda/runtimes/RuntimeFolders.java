package dev.haneul.services.lambda.runtimes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The folders that functions see as {@code /var/runtime}: one for each interpreter, made when it is first needed and
 * kept. The name holds a digest of what went in, so a new release or another interpreter never finds an old one.
 */
final class RuntimeFolders {
    private static final String RESOURCES = "/dev/haneul/services/lambda/runtime/";
    private static final List<String> PYTHON_FILES = List.of("bootstrap.py", "haneul_lambda.py", "haneul_logging.py");
    private static final List<String> NODE_FILES = List.of(
            "bootstrap.js",
            "runtime-api.js",
            "log.js",
            "errors.js",
            "streaming.js",
            "trial-required.js",
            "trial-module.mjs");
    /** What AWS's Java client sets of Java's security: algorithms that old servers still need, names that are not there. */
    static final String SECURITY = "lambda.security";

    private static final int COMPILE_SECONDS = 30;

    private final Path root;
    private final List<Path> javaJars;
    private final Map<Interpreter, Path> made = new HashMap<>();

    /**
     * @param root where the folders are made
     * @param javaJars AWS's runtime interface client and what it needs, in class path order; empty where it is not
     *     shipped
     */
    RuntimeFolders(Path root, List<Path> javaJars) {
        this.root = root;
        this.javaJars = List.copyOf(javaJars);
    }

    /** The folder for this interpreter, complete. */
    synchronized Path of(Interpreter interpreter) throws IOException {
        Path known = made.get(interpreter);
        if (known != null && Files.isDirectory(known)) {
            return known;
        }
        Path folder = complete(interpreter);
        made.put(interpreter, folder);
        return folder;
    }

    private Path complete(Interpreter interpreter) throws IOException {
        Map<String, byte[]> files = switch (interpreter.family()) {
            case PYTHON -> resources("python", PYTHON_FILES);
            case NODE -> resources("node", NODE_FILES);
            case JAVA -> jars();
            default -> throw new IllegalArgumentException(interpreter.family() + " has no runtime folder");
        };
        String name =
                interpreter.family().prefix() + "-" + interpreter.versionText() + "-" + digest(interpreter, files);
        Path folder = root.resolve(name);
        if (!Files.isDirectory(folder)) {
            make(folder, files, interpreter);
        }
        return folder;
    }

    /** The class path of the Java runtime as seen inside {@code /var/runtime}. */
    List<String> javaClassPath() {
        return javaJars.stream().map(jar -> "lib/" + jar.getFileName()).toList();
    }

    private void make(Path folder, Map<String, byte[]> files, Interpreter interpreter) throws IOException {
        Files.createDirectories(root);
        Path partial = Files.createTempDirectory(root, ".partial-");
        try {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Path target = partial.resolve(file.getKey());
                Files.createDirectories(target.getParent());
                Files.write(target, file.getValue());
            }
            if (interpreter.family() == Family.PYTHON) {
                compile(interpreter, partial);
            }
            openToAll(partial);
            Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (DirectoryNotEmptyException | FileAlreadyExistsException e) {
            delete(partial); // another server of this data folder's past was quicker
        } catch (IOException e) {
            delete(partial);
            throw e;
        }
    }

    /** Python starts several times faster when its byte code is there; functions see the folder read-only. */
    private static void compile(Interpreter python, Path folder) throws IOException {
        Process process = new ProcessBuilder(
                        python.executable().toString(),
                        "-m",
                        "compileall",
                        "-q",
                        "--invalidation-mode",
                        "unchecked-hash",
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!process.waitFor(COMPILE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                System.getLogger(RuntimeFolders.class.getName())
                        .log(System.Logger.Level.WARNING, python.executable() + " could not compile its runtime");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }

    /** A sandbox may run as another user. */
    private static void openToAll(Path folder) throws IOException {
        if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                String mode = Files.isDirectory(path) ? "rwxr-xr-x" : "rw-r--r--";
                Files.setPosixFilePermissions(path, java.nio.file.attribute.PosixFilePermissions.fromString(mode));
            }
        }
    }

    private static Map<String, byte[]> resources(String folder, List<String> names) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        for (String name : names) {
            try (InputStream in = RuntimeFolders.class.getResourceAsStream(RESOURCES + folder + "/" + name)) {
                if (in == null) {
                    throw new IOException("the runtime file " + folder + "/" + name + " is missing from the build");
                }
                files.put(name, in.readAllBytes());
            }
        }
        return files;
    }

    /** The runtime interface client, and its native library unpacked so that functions need not unpack it each. */
    private Map<String, byte[]> jars() throws IOException {
        Map<String, byte[]> files = new TreeMap<>(resources("java", List.of(SECURITY)));
        String arch =
                System.getProperty("os.arch", "").toLowerCase(Locale.ROOT).equals("aarch64") ? "aarch_64" : "x86_64";
        for (Path jar : javaJars) {
            files.put("lib/" + jar.getFileName(), Files.readAllBytes(jar));
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                ZipEntry library = zip.getEntry("jni/libaws-lambda-jni.linux-" + arch + ".so");
                if (library != null) {
                    try (InputStream in = zip.getInputStream(library)) {
                        files.put("libaws-lambda-jni.so", in.readAllBytes());
                    }
                }
            }
        }
        return files;
    }

    private static String digest(Interpreter interpreter, Map<String, byte[]> files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(interpreter.executable().toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
            files.forEach((name, bytes) -> {
                digest.update(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
                digest.update(bytes);
            });
            return HexFormat.of().formatHex(digest.digest(), 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            walk.sorted(Comparator.reverseOrder()).forEach(all::add);
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }
}
