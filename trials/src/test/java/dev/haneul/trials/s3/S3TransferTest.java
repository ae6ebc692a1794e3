package dev.haneul.trials.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.SharedRegion;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Stock clients that move many bytes and many files. */
@ExtendWith(SharedRegion.class)
class S3TransferTest {
    private final URI endpoint;

    S3TransferTest(URI endpoint) {
        this.endpoint = endpoint;
    }

    @Test
    void boto3sTransferManagerGoesThereAndBack(@TempDir Path folder) throws Exception {
        run(folder, "transfer.py", "python3", "0");
    }

    @Test
    @EnabledIfSystemProperty(named = "haneul.soak", matches = "\\d+")
    void theAwsCliSyncsATreeOfTenThousandFiles(@TempDir Path folder) throws Exception {
        run(folder, "sync.sh", "bash", "10000");
    }

    private void run(Path folder, String script, String interpreter, String files)
            throws IOException, InterruptedException {
        Path file = folder.resolve(script);
        try (InputStream in = S3TransferTest.class.getResourceAsStream(script)) {
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
        environment.put("AWS_DEFAULT_REGION", "us-east-1");
        environment.put("AWS_PAGER", "");
        environment.put("FILES", files);
        Process process = builder.start();
        boolean ended = process.waitFor(10, TimeUnit.MINUTES);
        process.destroyForcibly();
        String text = Files.readString(output);
        assertThat(ended).as(text).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
        assertThat(text).contains("ALL TRANSFERRED");
    }
}
