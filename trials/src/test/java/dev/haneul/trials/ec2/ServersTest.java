package dev.haneul.trials.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.SharedRegion;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Servers by hand: with the AWS CLI and a stock ssh. */
@ExtendWith(SharedRegion.class)
class ServersTest {
    @Test
    void servedFilteredKept(URI endpoint, @TempDir Path folder) throws Exception {
        assumeTrue(ServerHost.works(), "servers need root, namespaces and networks");
        Path script = folder.resolve("servers.sh");
        try (InputStream in = ServersTest.class.getResourceAsStream("servers.sh")) {
            Files.copy(Objects.requireNonNull(in), script);
        }
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder("bash", script.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("AWS_"));
        environment.put("AWS_ENDPOINT_URL", endpoint.toString());
        environment.put("AWS_ACCESS_KEY_ID", Accounts.fresh());
        environment.put("AWS_SECRET_ACCESS_KEY", "test");
        environment.put("AWS_DEFAULT_REGION", "us-east-1");
        environment.put("AWS_PAGER", "");
        Process process = builder.start();
        boolean ended = process.waitFor(5, TimeUnit.MINUTES);
        process.destroyForcibly();
        assertThat(ended).as(Files.readString(output)).isTrue();
        assertThat(Files.readString(output)).endsWith("ALL SERVED\n");
    }
}
