package dev.haneul.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the start-up cache learns from are calls that a region takes. */
class SignedCallsTest {
    @Test
    void anObjectGoesUpInSignedChunksAndComesBack(@TempDir Path data) throws Exception {
        try (Region region =
                Region.start(new Settings(0, "127.0.0.1", data, true, data.resolve("runtimes"), "auto"), () -> {})) {
            SignedCalls calls = new SignedCalls(URI.create(region.running().endpoint()));
            calls.call("PUT", "/bucket", "s3", "", "");
            assertThat(calls.upload("/bucket/key", "some content".getBytes(StandardCharsets.UTF_8)))
                    .isEmpty();
            assertThat(calls.call("GET", "/bucket/key", "s3", "", "")).isEqualTo("some content");
            String queues = calls.call(
                    "POST", "/", "sqs", "application/x-amz-json-1.0", "AmazonSQS.CreateQueue", "{\"QueueName\":\"q\"}");
            assertThat(queues).contains("QueueUrl");
        }
    }
}
