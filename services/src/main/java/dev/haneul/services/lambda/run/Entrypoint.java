package dev.haneul.services.lambda.run;

import dev.haneul.services.lambda.runtimes.Family;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The {@code bootstrap} that functions of custom runtimes bring. */
final class Entrypoint {
    static final String PATH = "/var/task/bootstrap";
    static final String LAYER_PATH = "/opt/bootstrap";
    private static final int LONGEST_SHEBANG = 256;

    private Entrypoint() {}

    /** Whether a package brings it. */
    static boolean within(Path package_) {
        return Files.exists(package_.resolve("bootstrap"), LinkOption.NOFOLLOW_LINKS);
    }

    /** Refuses a package without one that can be run, in AWS's words. */
    static void require(Target target, Path package_, @Nullable Path layers) throws NoEntrypointException {
        if (target.runtime().family() != Family.PROVIDED) {
            return;
        }
        Path bootstrap = package_.resolve("bootstrap");
        if (!Files.exists(bootstrap, LinkOption.NOFOLLOW_LINKS) && layers != null) {
            bootstrap = layers.resolve("bootstrap");
        }
        if (!Files.exists(bootstrap, LinkOption.NOFOLLOW_LINKS)) {
            throw new NoEntrypointException("Couldn't find valid bootstrap(s): [" + PATH + " /opt/bootstrap]");
        }
        if (Files.isDirectory(bootstrap) || !Files.isExecutable(bootstrap)) {
            throw new NoEntrypointException("fork/exec " + PATH + ": permission denied");
        }
    }

    /** Whether the kernel will find what its first line names, on a host runtime. */
    static boolean startsHere(Path package_) {
        try (InputStream in = Files.newInputStream(package_.resolve("bootstrap"))) {
            String head = new String(in.readNBytes(LONGEST_SHEBANG), StandardCharsets.ISO_8859_1);
            if (!head.startsWith("#!")) {
                return true;
            }
            String interpreter = head.substring(2).strip().split("\\s", 2)[0];
            return interpreter.startsWith("/") && Files.isExecutable(Path.of(interpreter));
        } catch (IOException | java.nio.file.InvalidPathException e) {
            return false;
        }
    }
}
