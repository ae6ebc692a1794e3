package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ecr.BatchGetImageRequest;
import dev.haneul.api.ecr.BatchGetImageResponse;
import dev.haneul.api.ecr.EcrApi;
import dev.haneul.api.ecr.EcrClient;
import dev.haneul.api.ecr.GetRepositoryPolicyRequest;
import dev.haneul.api.ecr.GetRepositoryPolicyResponse;
import dev.haneul.api.ecr.Image;
import dev.haneul.api.ecr.ImageIdentifier;
import dev.haneul.api.ecr.SetRepositoryPolicyRequest;
import dev.haneul.api.ecr.SetRepositoryPolicyResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.time.SystemClock;
import dev.haneul.services.lambda.image.OciImage;
import dev.haneul.storage.Layer;
import dev.haneul.storage.LayerSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images out of a registry that is a layout on disk with a door that may be shut. */
class EcrImagesTest {
    private static final String REPOSITORY = "000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app";
    private static final FunctionRef REF = new FunctionRef("000000000000", "us-east-1", "f", null);

    @TempDir
    Path layout;

    private final Registry registry = new Registry();
    private final Call caller = new Call(
            Principal.root("000000000000", ""),
            "000000000000",
            "us-east-1",
            "r",
            Instant.now().plusSeconds(60),
            Call.Origin.inside("test"));
    private EcrImages images;
    private String digest = "";

    @BeforeEach
    void push() throws Exception {
        byte[] layer = OciFiles.layer(List.of(OciFiles.File.of("a", "b")));
        digest = OciFiles.write(layout, "v1", "{\"Entrypoint\":[\"/run\"],\"Env\":[\"A=b\"]}", List.of(layer));
        Dispatcher dispatcher =
                new Dispatcher((operation, input, call) -> {}, (operation, input, output, call, fault) -> {});
        dispatcher.add(registry);
        images = new EcrImages(new EcrClient(dispatcher), registry, new SystemClock());
    }

    /** A registry with one repository. */
    private final class Registry implements EcrApi, LayerSource {
        private boolean shut;
        private @Nullable String policy;
        private final List<String> callers = new ArrayList<>();

        @Override
        public BatchGetImageResponse batchGetImage(BatchGetImageRequest in, Call call) {
            callers.add(call.principal().id());
            if (shut && policy == null) {
                throw Fault.client("AccessDeniedException", 403, "no");
            }
            ImageIdentifier id = in.imageIds().getFirst();
            boolean here = "v1".equals(id.imageTag()) || digest.equals(id.imageDigest());
            return new BatchGetImageResponse()
                    .images(
                            here
                                    ? List.of(new Image()
                                            .imageId(new ImageIdentifier().imageDigest(digest))
                                            .imageManifest(new String(bytes(digest), StandardCharsets.UTF_8)))
                                    : List.of());
        }

        @Override
        public GetRepositoryPolicyResponse getRepositoryPolicy(GetRepositoryPolicyRequest in, Call call) {
            throw Fault.client("RepositoryPolicyNotFoundException", 400, "none");
        }

        @Override
        public SetRepositoryPolicyResponse setRepositoryPolicy(SetRepositoryPolicyRequest in, Call call) {
            if (call.principal().type() != Principal.Type.ROOT) {
                throw Fault.client("AccessDeniedException", 403, "no");
            }
            policy = in.policyText();
            return new SetRepositoryPolicyResponse();
        }

        private byte[] bytes(String of) {
            try {
                return Files.readAllBytes(layout.resolve("blobs/sha256").resolve(of.substring(7)));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Optional<Layer> find(String of) {
            return Optional.empty();
        }

        @Override
        public InputStream open(String of) {
            return new ByteArrayInputStream(bytes(of));
        }
    }

    @Test
    void anImageIsReadWithWhatItRuns() throws Exception {
        OciImage image = images.find(REPOSITORY + ":v1", REF, caller).orElseThrow();
        assertThat(image.digest()).isEqualTo(digest);
        assertThat(image.entryPoint()).containsExactly("/run");
        assertThat(image.environment()).containsExactly("A=b");
        assertThat(image.layers()).singleElement().satisfies(layer -> {
            try (InputStream in = layer.opener().open()) {
                assertThat(in.readAllBytes()).isNotEmpty();
            }
        });
        assertThat(registry.callers).containsOnly("lambda.amazonaws.com");
        assertThat(images.find(REPOSITORY + "@" + digest, REF, caller)).isPresent();
        // As the registry calls itself where this host resolves no names for it.
        String byPath = "127.0.0.1:4566/000000000000.dkr.ecr.us-east-1/team/app";
        assertThat(images.find(byPath + ":v1", REF, caller)).isPresent();
        assertThat(images.find(byPath + "@" + digest, REF, caller)).isPresent();
        assertThat(images.find(REPOSITORY + ":v2", REF, caller)).isEmpty();
        assertThat(images.find(REPOSITORY.replace("us-east-1", "eu-west-1") + ":v1", REF, caller))
                .isEmpty();
        assertThat(images.find("example.com/team/app:v1", REF, caller)).isEmpty();
    }

    @Test
    void aRepositoryWithoutPolicyIsOpenedByItsOwner() throws Exception {
        registry.shut = true;
        assertThat(images.find(REPOSITORY + ":v1", REF, caller)).isPresent();
        assertThat(registry.policy).contains("lambda.amazonaws.com", "ecr:BatchGetImage");
    }

    @Test
    void aRepositoryThatTheCallerCannotOpenStaysShut() {
        registry.shut = true;
        Call stranger = new Call(
                new Principal(Principal.Type.USER, "000000000000", "u", "u", "", Map.of()),
                "000000000000",
                "us-east-1",
                "r",
                Instant.now().plusSeconds(60),
                Call.Origin.inside("test"));
        assertThatThrownBy(() -> images.find(REPOSITORY + ":v1", REF, stranger))
                .hasMessageContaining(
                        "Lambda does not have permission to access the ECR image. Check the ECR permissions.");
        assertThat(registry.policy).isNull();
    }
}
