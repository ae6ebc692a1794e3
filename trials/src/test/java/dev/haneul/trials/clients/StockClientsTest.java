package dev.haneul.trials.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** By hand, with the AWS CLI and with boto3: scripts that have nothing of ours in them. */
@ExtendWith(SharedRegion.class)
class StockClientsTest {
    private final URI endpoint;

    StockClientsTest(URI endpoint) {
        this.endpoint = endpoint;
    }

    @Test
    void theAwsCliRunsThePipeline(@TempDir Path folder) throws Exception {
        run(folder, "pipeline.sh", "bash", "ALL CROPPED");
    }

    @Test
    void theAwsCliUsesQueuesAndTopics(@TempDir Path folder) throws Exception {
        run(folder, "queues.sh", "bash", "ALL TOLD");
    }

    @Test
    void boto3AndOldClientsUseQueues(@TempDir Path folder) throws Exception {
        run(folder, "queues.py", "python3", "ALL TOLD");
    }

    @Test
    void theAwsCliMeetsThePermissions(@TempDir Path folder) throws Exception {
        run(folder, "permissions.sh", "bash", "EVERYONE GOT WHAT THE POLICIES SAY");
    }

    @Test
    void boto3RunsThePipeline(@TempDir Path folder) throws Exception {
        run(folder, "pipeline.py", "python3", "ALL CROPPED");
    }

    @Test
    void secretsAreKept(@TempDir Path folder) throws Exception {
        run(folder, "secrets.sh", "bash", "ALL KEPT");
    }

    @Test
    void eventsAreDelivered(@TempDir Path folder) throws Exception {
        run(folder, "events.sh", "bash", "ALL DELIVERED");
    }

    @Test
    void networksAreMadeAndRefused(@TempDir Path folder) throws Exception {
        run(folder, "networks.py", "python3", "ALL NETWORKED");
    }

    private void run(Path folder, String script, String interpreter, String end)
            throws IOException, InterruptedException {
        Path file = folder.resolve(script);
        try (InputStream in = StockClientsTest.class.getResourceAsStream(script)) {
            Files.copy(in, file);
        }
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(interpreter, file.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("AWS_"));
        environment.put("AWS_ENDPOINT_URL", endpoint.toString());
        environment.put("AWS_ACCESS_KEY_ID", Accounts.fresh());
        environment.put("AWS_SECRET_ACCESS_KEY", "test");
        environment.put("OTHER_ACCOUNT", Accounts.fresh());
        environment.put("AWS_DEFAULT_REGION", "us-east-1");
        environment.put("AWS_PAGER", "");
        environment.put("PYTHON_RUNTIME", HostRuntimes.python());
        Process process = builder.start();
        boolean ended = process.waitFor(3, TimeUnit.MINUTES);
        process.destroyForcibly();
        String text = Files.readString(output);
        assertThat(ended).as(text).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
        assertThat(text).contains(end);
    }
}
