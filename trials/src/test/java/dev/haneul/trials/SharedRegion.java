package dev.haneul.trials;

import dev.haneul.server.Region;
import dev.haneul.server.Settings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a {@link URI}: the endpoint of one real region in this process, on a port of its own, that lives as long
 * as the test run. Tests keep out of each other's way with accounts of their own (see {@link Accounts}).
 */
public final class SharedRegion implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == URI.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.create(SharedRegion.class))
                .computeIfAbsent("region", key -> new Running(), Running.class)
                .endpoint();
    }

    /** The region and its folder; closed by JUnit at the very end. */
    private static final class Running implements AutoCloseable {
        private final Path data;
        private final Region region;

        Running() {
            try {
                data = Files.createTempDirectory("haneul-trials");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            Path runtimes =
                    Path.of("../server/target/dist/runtimes").toAbsolutePath().normalize();
            region = Region.start(new Settings(0, "127.0.0.1", data, true, runtimes, "auto"), () -> {});
        }

        URI endpoint() {
            return URI.create(region.running().endpoint());
        }

        @Override
        public void close() throws IOException {
            // What runs for it would outlive it: trials that failed have left something.
            try {
                region.reset(null);
            } finally {
                region.close();
            }
            try (var files = Files.walk(data)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
