package dev.haneul.services.ecr;

import static dev.haneul.services.ecr.RegistryFixture.ACCOUNT;
import static dev.haneul.services.ecr.RegistryFixture.bytes;
import static dev.haneul.services.ecr.RegistryFixture.digest;
import static dev.haneul.services.ecr.RegistryFixture.header;
import static dev.haneul.services.ecr.RegistryFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ecr.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What ECR does beyond the specification of registries. */
class EcrBehaviourTest {
    private static final byte[] NONE = new byte[0];
    private RegistryFixture registry;
    private EcrClient ecr;

    @BeforeEach
    void open() throws Exception {
        registry = new RegistryFixture();
        ecr = registry.ecr;
        registry.create("app");
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private Call call() {
        return registry.call();
    }

    private static void assertFault(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo(code));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 1000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(20);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private List<ImageDetail> images(String repository) {
        return ecr.describeImages(new DescribeImagesRequest().repositoryName(repository), call())
                .imageDetails();
    }

    @Test
    void tagsThatAreFixedStayWhereTheyAre() throws Exception {
        ecr.putImageTagMutability(
                new PutImageTagMutabilityRequest()
                        .repositoryName("app")
                        .imageTagMutability("IMMUTABLE_WITH_EXCLUSION")
                        .imageTagMutabilityExclusionFilters(List.of(new ImageTagMutabilityExclusionFilter()
                                .filterType("WILDCARD")
                                .filter("dev-*"))),
                call());
        registry.pushImage("app", "v1", 1);
        registry.pushImage("app", "dev-1", 1);
        String other = registry.image("app", 2, "");
        HttpResponse<byte[]> refused = registry.putManifest("app", "v1", other, Manifest.OCI_MANIFEST);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(text(refused)).contains("TAG_INVALID").contains("cannot be overwritten");
        assertThat(registry.putManifest("app", "dev-1", other, Manifest.OCI_MANIFEST)
                        .statusCode())
                .isEqualTo(201);
        assertFault(
                "InvalidParameterException",
                () -> ecr.putImageTagMutability(
                        new PutImageTagMutabilityRequest()
                                .repositoryName("app")
                                .imageTagMutability("IMMUTABLE_WITH_EXCLUSION"),
                        call()));
    }

    @Test
    void aPushIsAuthorisedAndRecordedAsTheApiOperationsItIs() throws Exception {
        registry.pushImage("app", "v1", 1);
        assertThat(registry.trail)
                .contains("InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage");
        registry.denied.add("UploadLayerPart");
        String upload = header(registry.send("POST", "/v2/app/blobs/uploads/", NONE), "Location");
        HttpResponse<byte[]> refused = registry.send("PATCH", upload, bytes(10, 1));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(text(refused)).contains("DENIED").contains("ecr:UploadLayerPart");
        registry.denied.add("BatchGetImage");
        assertThat(registry.get("/v2/app/manifests/v1").statusCode()).isEqualTo(403);
        registry.clock.advance(Duration.ofHours(12));
        assertThat(text(registry.get("/v2/"))).contains("expired");
    }

    @Test
    void whenAnImageWasLastPulledIsToldSoonAfter() throws Exception {
        registry.service.join(registry.driver);
        registry.driver.start();
        registry.pushImage("app", "v1", 1);
        assertThat(images("app").getFirst().lastRecordedPullTime()).isNull();
        assertThat(registry.get("/v2/app/manifests/v1").statusCode()).isEqualTo(200);
        await(() -> images("app").getFirst().lastRecordedPullTime() != null);
        assertThat(images("app").getFirst().lastRecordedPullTime()).isEqualTo(registry.clock.instant());
    }

    @Test
    void aRepositoryComesToBeOnPushWhereATemplateSaysSo() throws Exception {
        assertThat(registry.send("POST", "/v2/team/new/blobs/uploads/", NONE).statusCode())
                .isEqualTo(404);
        ecr.createRepositoryCreationTemplate(
                new CreateRepositoryCreationTemplateRequest()
                        .prefix("team")
                        .imageTagMutability("IMMUTABLE")
                        .resourceTags(List.of(new Tag().key("k").value("v")))
                        .appliedFor(List.of("CREATE_ON_PUSH")),
                call());
        registry.pushImage("team/new", "v1", 1);
        Repository made = ecr.describeRepositories(
                        new DescribeRepositoriesRequest().repositoryNames(List.of("team/new")), call())
                .repositories()
                .getFirst();
        assertThat(made.imageTagMutability()).isEqualTo("IMMUTABLE");
        registry.denied.add("CreateRepository");
        assertThat(registry.send("POST", "/v2/team/other/blobs/uploads/", NONE).statusCode())
                .isEqualTo(403);
    }

    @Test
    void theLayerApiAndItsLink() throws Exception {
        byte[] content = bytes(5000, 3);
        String id = ecr.initiateLayerUpload(new InitiateLayerUploadRequest().repositoryName("app"), call())
                .uploadId();
        UploadLayerPartRequest part = new UploadLayerPartRequest()
                .repositoryName("app")
                .uploadId(id)
                .partFirstByte(0L)
                .partLastByte(4999L)
                .layerPartBlob(content);
        assertThat(ecr.uploadLayerPart(part, call()).lastByteReceived()).isEqualTo(4999);
        assertFault("InvalidLayerPartException", () -> ecr.uploadLayerPart(part, call()));
        CompleteLayerUploadRequest complete = new CompleteLayerUploadRequest()
                .repositoryName("app")
                .uploadId(id)
                .layerDigests(List.of(digest(content)));
        ecr.completeLayerUpload(complete, call());
        assertFault("UploadNotFoundException", () -> ecr.completeLayerUpload(complete, call()));
        String link = ecr.getDownloadUrlForLayer(
                        new GetDownloadUrlForLayerRequest()
                                .repositoryName("app")
                                .layerDigest(digest(content)),
                        call())
                .downloadUrl();
        try (HttpClient anybody = HttpClient.newHttpClient()) {
            HttpRequest get = HttpRequest.newBuilder(URI.create(link)).build();
            assertThat(anybody.send(get, HttpResponse.BodyHandlers.ofByteArray())
                            .body())
                    .isEqualTo(content);
            HttpRequest forged = HttpRequest.newBuilder(URI.create(link.replace("/app/", "/other/")))
                    .build();
            assertThat(anybody.send(forged, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(403);
            registry.clock.advance(Duration.ofHours(1));
            assertThat(anybody.send(get, HttpResponse.BodyHandlers.discarding()).statusCode())
                    .isEqualTo(403);
        }
    }

    @Test
    void whatNoImageNeedsGoesAndWhatOneNeedsStays() throws Exception {
        registry.service.join(registry.driver);
        registry.driver.start();
        String gone = registry.pushImage("app", "v1", 1);
        String kept = registry.pushImage("app", "v2", 2);
        String lonely = registry.push("app", bytes(100, 9));
        ecr.batchDeleteImage(
                new BatchDeleteImageRequest()
                        .repositoryName("app")
                        .imageIds(List.of(new ImageIdentifier().imageDigest(gone))),
                call());
        String part = digest(bytes(1000, 1));
        Key app = new Key(ACCOUNT, "us-east-1", "app");
        await(() -> {
            registry.clock.advance(Duration.ofHours(1)); // the driver may hear of it only after some of them
            return registry.store.<Boolean>read(tx -> Uploads.row(tx, app, part).isEmpty()
                    && Uploads.row(tx, app, lonely).isEmpty());
        });
        registry.layers.sweep();
        registry.clock.advance(Duration.ofDays(2));
        registry.layers.sweep();
        assertThat(registry.layers.find(part)).isEmpty();
        assertThat(registry.layers.find(gone)).isEmpty();
        assertThat(registry.layers.find(kept)).isPresent();
        assertThat(registry.layers.find(digest(bytes(1000, 2)))).isPresent();
        ecr.deleteRepository(new DeleteRepositoryRequest().repositoryName("app").force(true), call());
        registry.layers.sweep();
        registry.clock.advance(Duration.ofDays(2));
        registry.layers.sweep();
        assertThat(registry.layers.find(kept)).isEmpty();
    }

    @Test
    void repositoriesWithImagesAreDeletedByForceOnly() throws Exception {
        registry.pushImage("app", "v1", 1);
        DeleteRepositoryRequest delete = new DeleteRepositoryRequest().repositoryName("app");
        assertFault("RepositoryNotEmptyException", () -> ecr.deleteRepository(delete, call()));
        assertFault("RepositoryAlreadyExistsException", () -> registry.create("app"));
        ecr.deleteRepository(new DeleteRepositoryRequest().repositoryName("app").force(true), call());
        assertFault("RepositoryNotFoundException", () -> ecr.deleteRepository(delete, call()));
        registry.create("app");
        assertThat(images("app")).isEmpty();
    }

    @Test
    void aLifecyclePolicyIsPreviewedAndThenCarriedOut() throws Exception {
        registry.service.join(registry.driver);
        registry.driver.start();
        for (int i = 1; i <= 4; i++) {
            registry.pushImage("app", "v" + i, i);
            registry.clock.advance(Duration.ofMinutes(1));
        }
        String policy = """
                {"rules":[{"rulePriority":1,"description":"the newest two","selection":{"tagStatus":"tagged",\
                "tagPatternList":["v*"],"countType":"imageCountMoreThan","countNumber":2},"action":{"type":"expire"}}]}""";
        ecr.startLifecyclePolicyPreview(
                new StartLifecyclePolicyPreviewRequest().repositoryName("app").lifecyclePolicyText(policy), call());
        GetLifecyclePolicyPreviewResponse preview =
                ecr.getLifecyclePolicyPreview(new GetLifecyclePolicyPreviewRequest().repositoryName("app"), call());
        assertThat(preview.status()).isEqualTo("COMPLETE");
        assertThat(preview.previewResults().stream().flatMap(each -> each.imageTags().stream()))
                .containsExactlyInAnyOrder("v1", "v2");
        assertThat(images("app")).hasSize(4);
        ecr.putLifecyclePolicy(
                new PutLifecyclePolicyRequest().repositoryName("app").lifecyclePolicyText(policy), call());
        await(() -> images("app").size() == 2);
        assertThat(images("app").stream().flatMap(each -> each.imageTags().stream()))
                .containsExactlyInAnyOrder("v3", "v4");
        assertFault(
                "InvalidParameterException",
                () -> ecr.putLifecyclePolicy(
                        new PutLifecyclePolicyRequest()
                                .repositoryName("app")
                                .lifecyclePolicyText(policy.replace("imageCountMoreThan", "sinceImagePushed")),
                        call()));
    }

    @Test
    void pushesAreCopiedToOtherRegionsOnce() throws Exception {
        registry.service.join(registry.driver);
        registry.driver.start();
        ecr.putReplicationConfiguration(
                new PutReplicationConfigurationRequest()
                        .replicationConfiguration(new ReplicationConfiguration()
                                .rules(List.of(new ReplicationRule()
                                        .destinations(List.of(new ReplicationDestination()
                                                .region("eu-west-1")
                                                .registryId(ACCOUNT)))
                                        .repositoryFilters(List.of(new RepositoryFilter()
                                                .filter("ap")
                                                .filterType("PREFIX_MATCH")))))),
                call());
        registry.create("other");
        registry.pushImage("other", "v1", 2);
        String digest = registry.pushImage("app", "v1", 1);
        Call abroad = call().in(ACCOUNT, "eu-west-1");
        DescribeImageReplicationStatusRequest ask = new DescribeImageReplicationStatusRequest()
                .repositoryName("app")
                .imageId(new ImageIdentifier().imageDigest(digest));
        await(() -> !ecr.describeImageReplicationStatus(ask, call())
                .replicationStatuses()
                .isEmpty());
        BatchGetImageRequest get = new BatchGetImageRequest()
                .repositoryName("app")
                .imageIds(List.of(new ImageIdentifier().imageTag("v1")));
        await(() -> !ecr.batchGetImage(get, abroad).images().isEmpty());
        assertThat(ecr.batchGetImage(get, abroad).images().getFirst().imageId().imageDigest())
                .isEqualTo(digest);
        assertThat(ecr.batchCheckLayerAvailability(
                                new BatchCheckLayerAvailabilityRequest()
                                        .repositoryName("app")
                                        .layerDigests(List.of(digest(bytes(1000, 1)))),
                                abroad)
                        .layers()
                        .getFirst()
                        .layerAvailability())
                .isEqualTo("AVAILABLE");
        assertFault(
                "RepositoryNotFoundException",
                () -> ecr.listImages(new ListImagesRequest().repositoryName("other"), abroad));
    }

    private static byte[] archive(String name, String content) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(out))) {
            byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
            TarArchiveEntry entry = new TarArchiveEntry(name);
            entry.setSize(bytes.length);
            tar.putArchiveEntry(entry);
            tar.write(bytes);
            tar.closeArchiveEntry();
        }
        return out.toByteArray();
    }

    @Test
    void aScanTellsWhatItFoundAndWhatItDoesNotKnow() throws Exception {
        registry.service.join(registry.driver);
        registry.driver.start();
        pushed("v1", archive("var/lib/dpkg/status", "Package: bash\nVersion: 5\n\nPackage: tar\nVersion: 1\n"));
        ImageIdentifier id = new ImageIdentifier().imageTag("v1");
        DescribeImageScanFindingsRequest ask =
                new DescribeImageScanFindingsRequest().repositoryName("app").imageId(id);
        assertFault("ScanNotFoundException", () -> ecr.describeImageScanFindings(ask, call()));
        StartImageScanRequest start =
                new StartImageScanRequest().repositoryName("app").imageId(id);
        ecr.startImageScan(start, call());
        assertFault("LimitExceededException", () -> ecr.startImageScan(start, call()));
        ImageScanStatus status = scanned(ask);
        assertThat(status.status()).isEqualTo("FINDINGS_UNAVAILABLE");
        assertThat(status.description()).contains("2 packages (dpkg)").contains("not checked");

        pushed("v2", HexFormat.of().parseHex("28b52ffd2400010000"));
        ImageIdentifier other = new ImageIdentifier().imageTag("v2");
        ecr.startImageScan(start.imageId(other), call());
        ImageScanStatus failed = scanned(ask.imageId(other));
        assertThat(failed.status()).isEqualTo("FAILED");
        assertThat(failed.description()).contains("zstd");
    }

    private void pushed(String tag, byte[] layer) throws Exception {
        byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
        registry.push("app", config);
        registry.push("app", layer);
        String manifest = "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}"
                .formatted(
                        RegistryFixture.descriptor("application/vnd.oci.image.config.v1+json", config),
                        RegistryFixture.descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer));
        registry.putManifest("app", tag, manifest, Manifest.OCI_MANIFEST);
    }

    private ImageScanStatus scanned(DescribeImageScanFindingsRequest ask) throws Exception {
        await(() -> !ecr.describeImageScanFindings(ask, call())
                .imageScanStatus()
                .status()
                .equals("IN_PROGRESS"));
        return ecr.describeImageScanFindings(ask, call()).imageScanStatus();
    }

    @Test
    void imagesComeThroughACacheAndStayWhenTheUpstreamIsGone() throws Exception {
        try (UpstreamRegistry upstream = new UpstreamRegistry()) {
            ecr.createPullThroughCacheRule(
                    new CreatePullThroughCacheRuleRequest()
                            .ecrRepositoryPrefix("mirror")
                            .upstreamRegistryUrl(upstream.address()),
                    call());
            HttpResponse<byte[]> pulled = registry.get("/v2/mirror/library/thing/manifests/latest");
            assertThat(text(pulled)).isEqualTo(upstream.manifest());
            assertThat(registry.get("/v2/mirror/library/thing/blobs/" + digest(upstream.layer()))
                            .body())
                    .isEqualTo(upstream.layer());
            assertThat(registry.get("/v2/mirror/library/none/manifests/latest").statusCode())
                    .isEqualTo(404);
            int before = upstream.requests();
            registry.get("/v2/mirror/library/thing/manifests/latest");
            assertThat(upstream.requests()).isEqualTo(before);
        }
        registry.clock.advance(Duration.ofHours(11));
        assertThat(registry.get("/v2/mirror/library/thing/manifests/latest").statusCode())
                .isEqualTo(200);
        assertFault(
                "UnsupportedUpstreamRegistryException",
                () -> ecr.createPullThroughCacheRule(
                        new CreatePullThroughCacheRuleRequest()
                                .ecrRepositoryPrefix("evil")
                                .upstreamRegistryUrl("registry.example.com"),
                        call()));
    }
}
