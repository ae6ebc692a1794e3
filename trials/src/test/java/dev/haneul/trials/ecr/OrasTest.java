package dev.haneul.trials.ecr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.SharedRegion;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import land.oras.Annotations;
import land.oras.ArtifactType;
import land.oras.Config;
import land.oras.ContainerRef;
import land.oras.Index;
import land.oras.Layer;
import land.oras.LocalPath;
import land.oras.Manifest;
import land.oras.ManifestDescriptor;
import land.oras.Registry;
import land.oras.exception.OrasException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ecr.EcrClient;

/**
 * A registry to a client that shares no code with skopeo, docker or podman: ORAS of Java, category by category of the
 * conformance that the distribution specification speaks of.
 *
 * @see <a href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md">OCI distribution</a>
 */
@ExtendWith(SharedRegion.class)
class OrasTest {
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final ArtifactType SBOM = ArtifactType.from("application/vnd.test.sbom");
    private static final ArtifactType SIGNATURE = ArtifactType.from("application/vnd.test.signature");

    private final URI endpoint;
    private final String account = Accounts.fresh();
    private final SplittableRandom random = new SplittableRandom(7);

    @TempDir
    Path folder;

    private Registry registry;
    private String repository;

    OrasTest(URI endpoint) {
        this.endpoint = endpoint;
    }

    @BeforeEach
    void login() {
        try (EcrClient ecr = EcrClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(account, "test")))
                .httpClient(UrlConnectionHttpClient.create())
                .build()) {
            ecr.createRepository(request -> request.repositoryName("team/oras"));
            String token = new String(
                    Base64.getDecoder()
                            .decode(ecr.getAuthorizationToken()
                                    .authorizationData()
                                    .getFirst()
                                    .authorizationToken()),
                    StandardCharsets.UTF_8);
            String host = endpoint.getAuthority();
            registry = Registry.builder()
                    .insecure(host, "AWS", token.substring("AWS:".length()))
                    .build();
            repository = host + "/" + account + ".dkr.ecr.us-east-1/team/oras";
        }
    }

    /** The client forgets the files that it holds what it pulls in. */
    @AfterEach
    void clearAway() throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(temporary, "oras*layer")) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }

    private ContainerRef ref(String tagOrDigest) {
        return ContainerRef.parse(repository + (tagOrDigest.startsWith("sha256:") ? "@" : ":") + tagOrDigest);
    }

    private byte[] content(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    private Path file(String name, int size) throws Exception {
        return Files.write(folder.resolve(name), content(size));
    }

    private Manifest push(String tag, ArtifactType type) throws Exception {
        return registry.pushArtifact(
                ref(tag), type, Annotations.empty(), Config.empty(), LocalPath.of(file("of-" + tag, 2000)));
    }

    /** Of the status only: the client does not read the errors' codes in the form that the specification gives them. */
    private static void assertRefused(ThrowingCallable call, int status) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        OrasException.class,
                        refused -> assertThat(refused.getStatusCode()).isEqualTo(status));
    }

    @Test
    void pullAndPush() throws Exception {
        Path large = file("large.bin", 3 << 20);
        Path small = file("small.txt", 100);
        Manifest pushed = registry.pushArtifact(
                ref("v1"),
                SBOM,
                Annotations.ofManifest(Map.of("of", "haneul")),
                Config.empty(),
                LocalPath.of(large, "application/octet-stream"),
                LocalPath.of(small, "text/plain"));
        Manifest byTag = registry.getManifest(ref("v1"));
        assertThat(byTag.getAnnotations()).containsEntry("of", "haneul");
        assertThat(byTag.getArtifactType().getMediaType()).isEqualTo(SBOM.getMediaType());
        String digest = pushed.getDescriptor().getDigest();
        assertThat(byTag.getDescriptor().getDigest()).isEqualTo(digest);
        assertThat(registry.getManifest(ref(digest)).getJson()).isEqualTo(byTag.getJson());
        assertThat(registry.getDescriptor(ref("v1")).getMediaType()).isEqualTo(MANIFEST);
        Path pulled = Files.createDirectory(folder.resolve("pulled"));
        registry.pullArtifact(ref("v1"), pulled, false);
        assertThat(pulled.resolve("large.bin")).hasSameBinaryContentAs(large);
        assertThat(pulled.resolve("small.txt")).hasSameBinaryContentAs(small);
    }

    @Test
    void blobs() throws Exception {
        byte[] bytes = content(70_000);
        Layer layer = registry.pushBlob(ref("any"), bytes);
        // Its getBlob takes bytes for UTF-8.
        try (InputStream in = registry.fetchBlob(ref(layer.getDigest()))) {
            assertThat(in.readAllBytes()).isEqualTo(bytes);
        }
        assertThat(registry.fetchBlobDescriptor(ref(layer.getDigest())).getSize())
                .isEqualTo(70_000);
        assertThat(registry.pushBlob(ref("any"), bytes).getDigest()).isEqualTo(layer.getDigest());
        String nobodys = "sha256:" + "0".repeat(64);
        assertRefused(() -> registry.getBlob(ref(nobodys)), 404);
        // As AWS has it: layers go when nobody needs them.
        assertRefused(() -> registry.deleteBlob(ref(layer.getDigest())), 405);
    }

    @Test
    void indexes() throws Exception {
        Manifest one = push("one", SBOM);
        Manifest two = push("two", SIGNATURE);
        Index index = Index.fromManifests(List.of(one.getDescriptor(), two.getDescriptor()));
        registry.pushIndex(ref("both"), index);
        Index found = registry.getIndex(ref("both"));
        assertThat(found.getMediaType()).isEqualTo("application/vnd.oci.image.index.v1+json");
        assertThat(found.getManifests())
                .extracting(ManifestDescriptor::getDigest)
                .containsExactly(
                        one.getDescriptor().getDigest(), two.getDescriptor().getDigest());
        ManifestDescriptor nobodys = ManifestDescriptor.of(MANIFEST, "sha256:" + "1".repeat(64), 10);
        assertRefused(() -> registry.pushIndex(ref("torn"), Index.fromManifests(List.of(nobodys))), 404);
    }

    @Test
    void contentDiscovery() throws Exception {
        Manifest subject = push("v2", SBOM);
        push("v1", SBOM);
        push("latest", SBOM);
        assertThat(registry.getTags(ref("any")).tags()).containsExactly("latest", "v1", "v2");
        for (ArtifactType type : List.of(SBOM, SIGNATURE)) {
            // Anew: what was pulled once is pushed as it was then.
            registry.pushManifest(
                    ref(type == SBOM ? "sbom" : "signature"),
                    Manifest.empty()
                            .withArtifactType(type)
                            .withConfig(Config.empty())
                            .withLayers(subject.getLayers())
                            .withSubject(subject.getDescriptor().toSubject()));
        }
        ContainerRef referred = ref(subject.getDescriptor().getDigest());
        assertThat(registry.getReferrers(referred, null).getManifests())
                .extracting(ManifestDescriptor::getArtifactType)
                .containsExactlyInAnyOrder(SBOM.getMediaType(), SIGNATURE.getMediaType());
        assertThat(registry.getReferrers(referred, SIGNATURE).getManifests())
                .extracting(ManifestDescriptor::getArtifactType)
                .containsExactly(SIGNATURE.getMediaType());
    }

    @Test
    void contentManagement() throws Exception {
        Manifest pushed = push("v1", SBOM);
        String digest = pushed.getDescriptor().getDigest();
        registry.pushManifest(ref("v2"), pushed);
        registry.deleteManifest(ref("v1"));
        assertRefused(() -> registry.getManifest(ref("v1")), 404);
        assertThat(registry.getManifest(ref(digest)).getLayers()).hasSize(1);
        // As AWS has it, an image goes with its last tag.
        registry.deleteManifest(ref("v2"));
        assertRefused(() -> registry.getManifest(ref(digest)), 404);
        String other = push("v3", SIGNATURE).getDescriptor().getDigest();
        registry.deleteManifest(ref(other));
        assertRefused(() -> registry.getManifest(ref("v3")), 404);
        assertThat(registry.getTags(ref("any")).tags()).isEmpty();
    }

    @Test
    void errors() {
        assertRefused(() -> registry.getTags(ContainerRef.parse(repository + "/none:v1")), 404);
        Registry stranger = Registry.builder()
                .insecure(endpoint.getAuthority(), "AWS", "guessed")
                .build();
        assertThatThrownBy(() -> stranger.getTags(ref("any"))).isInstanceOf(OrasException.class);
        assertThatThrownBy(() -> registry.pushManifest(
                        ref("torn"),
                        Manifest.empty().withLayers(List.of(Layer.fromDigest("sha256:" + "2".repeat(64), 5)))))
                .isInstanceOfSatisfying(
                        OrasException.class,
                        refused -> assertThat(refused.getStatusCode()).isEqualTo(404));
    }
}
