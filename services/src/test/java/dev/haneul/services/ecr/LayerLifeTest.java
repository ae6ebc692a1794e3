package dev.haneul.services.ecr;

import static dev.haneul.services.ecr.RegistryFixture.ACCOUNT;
import static dev.haneul.services.ecr.RegistryFixture.REGION;
import static dev.haneul.services.ecr.RegistryFixture.bytes;
import static dev.haneul.services.ecr.RegistryFixture.digest;
import static dev.haneul.services.ecr.RegistryFixture.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.ecr.PutLifecyclePolicyRequest;
import dev.haneul.kernel.store.Key;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lifecycle policies and sweeps that come while somebody pushes what they would take away. */
class LayerLifeTest {
    private static final byte[] NONE = new byte[0];
    private static final int MORE_HOURS = 8;
    private static final Key APP = new Key(ACCOUNT, REGION, "app");
    private static final String EXPIRE_ALL = "{\"rules\":[{\"rulePriority\":1,\"selection\":{\"tagStatus\":\"any\","
            + "\"countType\":\"imageCountMoreThan\",\"countNumber\":1},\"action\":{\"type\":\"expire\"}}]}";
    private RegistryFixture registry;

    @BeforeEach
    void open() throws Exception {
        registry = new RegistryFixture();
        registry.create("app");
        registry.service.join(registry.driver);
        registry.driver.start();
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private boolean has(String digest) {
        return registry.store.<Boolean>read(tx -> Uploads.row(tx, APP, digest).isPresent());
    }

    /**
     * Lets these hours pass, and then some more until a sweep has taken a layer nobody asked for: one that was still
     * under way when the clock moved on comes an hour later.
     */
    private void passUntilGone(String digest, int hours) throws InterruptedException {
        for (int hour = 0; hour < hours + MORE_HOURS && (hour < hours || has(digest)); hour++) {
            registry.clock.advance(Duration.ofHours(1));
            for (int tries = 0; tries < 50 && hour >= hours - 1 && has(digest); tries++) {
                Thread.sleep(10);
            }
        }
        assertThat(has(digest)).isFalse();
        registry.layers.sweep();
    }

    /** With a login of this hour: they last half a day. */
    private HttpResponse<byte[]> send(String method, String path, byte[] body, String type) throws Exception {
        return registry.send(
                method, path, body, "Authorization", "Basic " + registry.token(registry.call()), "Content-Type", type);
    }

    private HttpResponse<byte[]> send(String method, String path, byte[] body) throws Exception {
        return send(method, path, body, "application/octet-stream");
    }

    private int status(String method, String path) throws Exception {
        return send(method, path, NONE).statusCode();
    }

    /** An image was expired, so that nothing needs its layers, and is pushed again when their grace is all but over. */
    @Test
    void aLayerThatAPushHasFoundIsThereWhenItsManifestComes() throws Exception {
        String manifest = registry.image("app", 1, "");
        registry.putManifest("app", "v1", manifest, Manifest.OCI_MANIFEST);
        registry.clock.advance(Duration.ofMinutes(1));
        registry.pushImage("app", "v2", 2);
        registry.ecr.putLifecyclePolicy(
                new PutLifecyclePolicyRequest().repositoryName("app").lifecyclePolicyText(EXPIRE_ALL), registry.call());
        for (int tries = 0; tries < 1000 && status("GET", "/v2/app/manifests/v1") == 200; tries++) {
            Thread.sleep(10);
        }
        String lonely = registry.push("app", bytes(10, 3));
        String layer = digest(bytes(1000, 1));
        String config = digest("{\"seed\":1}".getBytes(StandardCharsets.UTF_8));
        for (int hour = 0; hour < 23; hour++) {
            registry.clock.advance(Duration.ofHours(1));
        }
        assertThat(status("HEAD", "/v2/app/blobs/" + config)).isEqualTo(200);
        // Who asks nothing is told when all is sent.
        assertThat(send("POST", "/v2/app/blobs/uploads/?digest=" + layer, bytes(1000, 1))
                        .statusCode())
                .isEqualTo(201);
        passUntilGone(lonely, 3);
        assertThat(has(layer)).isTrue();
        assertThat(has(config)).isTrue();
        byte[] text = manifest.getBytes(StandardCharsets.UTF_8);
        assertThat(send("PUT", "/v2/app/manifests/v3", text, Manifest.OCI_MANIFEST)
                        .statusCode())
                .isEqualTo(201);
        assertThat(send("GET", "/v2/app/blobs/" + layer, NONE).body()).isEqualTo(bytes(1000, 1));
    }

    /** The same bytes are on their way when the last image with them, and then their layer, go. */
    @Test
    void aLayerThatGoesWhileItIsPushedIsThereWhenThePushEnds() throws Exception {
        String gone = registry.pushImage("app", "v1", 1);
        String layer = digest(bytes(1000, 1));
        assertThat(status("DELETE", "/v2/app/manifests/" + gone)).isEqualTo(202);
        for (int hour = 0; hour < 22; hour++) {
            registry.clock.advance(Duration.ofHours(1));
        }
        String upload = header(send("POST", "/v2/app/blobs/uploads/", NONE), "Location");
        assertThat(send("PATCH", upload, bytes(1000, 1)).statusCode()).isEqualTo(202);
        passUntilGone(layer, 4);
        registry.clock.advance(Duration.ofHours(11));
        assertThat(send("PUT", upload + "?digest=" + layer, NONE).statusCode()).isEqualTo(201);
        registry.layers.sweep();
        registry.clock.advance(Duration.ofHours(2));
        registry.layers.sweep();
        assertThat(send("GET", "/v2/app/blobs/" + layer, NONE).body()).isEqualTo(bytes(1000, 1));
    }
}
