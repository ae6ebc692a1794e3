package dev.haneul.services.ecr;

import static dev.haneul.services.ecr.RegistryFixture.bytes;
import static dev.haneul.services.ecr.RegistryFixture.digest;
import static dev.haneul.services.ecr.RegistryFixture.header;
import static dev.haneul.services.ecr.RegistryFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.ecr.PutAccountSettingRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The OCI distribution specification 1.1, by its four categories of what clients do. */
class DistributionConformanceTest {
    private static final String REPO = "team/app";
    private static final String V2 = "/v2/" + REPO;
    private static final byte[] NONE = new byte[0];

    private RegistryFixture registry;

    @BeforeEach
    void open() throws Exception {
        registry = new RegistryFixture();
        registry.create(REPO);
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private static void assertError(HttpResponse<byte[]> response, int status, String code) {
        assertThat(response.statusCode()).as(text(response)).isEqualTo(status);
        assertThat(text(response)).startsWith("{\"errors\":[{").contains("\"code\":\"" + code + "\"");
    }

    @Nested
    class Pull {
        @Test
        void theBaseAsksForALoginAndThenSaysYes() throws Exception {
            HttpResponse<byte[]> anonymous = registry.get("/v2/", "Authorization", "Basic QVdTOng=");
            assertThat(anonymous.statusCode()).isEqualTo(401);
            assertThat(header(anonymous, "WWW-Authenticate")).startsWith("Basic realm=\"http");
            assertThat(registry.get("/v2/").statusCode()).isEqualTo(200);
            assertThat(header(registry.get("/v2/"), "Docker-Distribution-Api-Version"))
                    .isEqualTo("registry/2.0");
        }

        @Test
        void blobsComeWholeInRangesAndByTheirHeadAlone() throws Exception {
            byte[] content = bytes(300_000, 1);
            String path = V2 + "/blobs/" + registry.push(REPO, content);
            HttpResponse<byte[]> whole = registry.get(path);
            assertThat(whole.statusCode()).isEqualTo(200);
            assertThat(whole.body()).isEqualTo(content);
            assertThat(header(whole, "Docker-Content-Digest")).isEqualTo(digest(content));
            HttpResponse<byte[]> head = registry.send("HEAD", path, NONE);
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(header(head, "Content-Length")).isEqualTo("300000");
            HttpResponse<byte[]> part = registry.get(path, "Range", "bytes=100000-100009");
            assertThat(part.statusCode()).isEqualTo(206);
            assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, 100_000, 100_010));
            assertThat(header(part, "Content-Range")).isEqualTo("bytes 100000-100009/300000");
            assertThat(registry.get(path, "Range", "bytes=-5").body())
                    .isEqualTo(Arrays.copyOfRange(content, 299_995, 300_000));
            assertThat(registry.get(path, "Range", "bytes=299990-").body()).hasSize(10);
            assertError(registry.get(path, "Range", "bytes=300000-"), 416, "RANGE_INVALID");
        }

        @Test
        void whatIsNotThereIsUnknown() throws Exception {
            String nothing = digest(NONE);
            assertError(registry.get(V2 + "/blobs/" + nothing), 404, "BLOB_UNKNOWN");
            assertThat(registry.send("HEAD", V2 + "/blobs/" + nothing, NONE).statusCode())
                    .isEqualTo(404);
            assertError(registry.get(V2 + "/manifests/" + nothing), 404, "MANIFEST_UNKNOWN");
            assertError(registry.get(V2 + "/manifests/v9"), 404, "MANIFEST_UNKNOWN");
            assertError(registry.get("/v2/no/such/manifests/v1"), 404, "NAME_UNKNOWN");
            assertThat(registry.get("/v2/UPPER/manifests/v1").statusCode()).isEqualTo(404);
            assertThat(registry.get(V2 + "/manifests/.INVALID").statusCode()).isEqualTo(404);
            assertError(registry.get(V2 + "/blobs/sha256:12"), 400, "DIGEST_INVALID");
        }

        @Test
        void manifestsComeByteForByteByTagAndByDigest() throws Exception {
            String manifest = registry.image(REPO, 1, " ");
            assertThat(registry.putManifest(REPO, "v1", manifest, Manifest.OCI_MANIFEST)
                            .statusCode())
                    .isEqualTo(201);
            String digest = digest(manifest.getBytes(StandardCharsets.UTF_8));
            for (String reference : List.of("v1", digest)) {
                HttpResponse<byte[]> got = registry.get(V2 + "/manifests/" + reference);
                assertThat(text(got)).isEqualTo(manifest);
                assertThat(header(got, "Content-Type")).isEqualTo(Manifest.OCI_MANIFEST);
                assertThat(header(got, "Docker-Content-Digest")).isEqualTo(digest);
                HttpResponse<byte[]> head = registry.send("HEAD", V2 + "/manifests/" + reference, NONE);
                assertThat(head.statusCode()).isEqualTo(200);
                assertThat(header(head, "Content-Length")).isEqualTo("" + manifest.length());
            }
        }
    }

    @Nested
    class Push {
        @Test
        void inOneRequestOrInTwo() throws Exception {
            byte[] content = bytes(50_000, 2);
            HttpResponse<byte[]> one = registry.send("POST", V2 + "/blobs/uploads/?digest=" + digest(content), content);
            assertThat(one.statusCode()).isEqualTo(201);
            assertThat(registry.get(header(one, "Location")).body()).isEqualTo(content);
            byte[] other = bytes(60_000, 3);
            HttpResponse<byte[]> begun = registry.send("POST", V2 + "/blobs/uploads/", NONE);
            assertThat(begun.statusCode()).isEqualTo(202);
            HttpResponse<byte[]> put =
                    registry.send("PUT", header(begun, "Location") + "?digest=" + digest(other), other);
            assertThat(put.statusCode()).isEqualTo(201);
            assertThat(registry.get(header(put, "Location")).body()).isEqualTo(other);
        }

        @Test
        void inChunksWhoseOrderIsKept() throws Exception {
            byte[] content = bytes(90_000, 4);
            String upload = header(registry.send("POST", V2 + "/blobs/uploads/", NONE), "Location");
            HttpResponse<byte[]> late =
                    registry.send("PATCH", upload, Arrays.copyOf(content, 10), "Content-Range", "30000-30009");
            assertError(late, 416, "BLOB_UPLOAD_INVALID");
            HttpResponse<byte[]> first =
                    registry.send("PATCH", upload, Arrays.copyOf(content, 30_000), "Content-Range", "0-29999");
            assertThat(first.statusCode()).isEqualTo(202);
            assertThat(header(first, "Range")).isEqualTo("0-29999");
            HttpResponse<byte[]> state = registry.get(header(first, "Location"));
            assertThat(state.statusCode()).isEqualTo(204);
            assertThat(header(state, "Range")).isEqualTo("0-29999");
            assertError(
                    registry.send("PATCH", upload, Arrays.copyOf(content, 30_000), "Content-Range", "0-29999"),
                    416,
                    "BLOB_UPLOAD_INVALID");
            assertError(
                    registry.send("PATCH", upload, Arrays.copyOf(content, 5), "Content-Range", "30000-30009"),
                    400,
                    "SIZE_INVALID");
            registry.send("PATCH", upload, Arrays.copyOfRange(content, 30_000, 60_000));
            HttpResponse<byte[]> last = registry.send(
                    "PUT",
                    upload + "?digest=" + digest(content),
                    Arrays.copyOfRange(content, 60_000, 90_000),
                    "Content-Range",
                    "60000-89999");
            assertThat(last.statusCode()).isEqualTo(201);
            assertThat(registry.get(header(last, "Location")).body()).isEqualTo(content);
            assertThat(registry.get(upload).statusCode()).isEqualTo(404);
        }

        @Test
        void wrongDigestsEmptyOnesAndStrangeUploadsAreRefused() throws Exception {
            byte[] content = bytes(1000, 5);
            String other = digest(NONE);
            String upload = header(registry.send("POST", V2 + "/blobs/uploads/", NONE), "Location");
            assertError(registry.send("PUT", upload + "?digest=" + other, content), 400, "DIGEST_INVALID");
            assertError(registry.send("PUT", upload, NONE), 400, "DIGEST_INVALID");
            assertThat(registry.send("PUT", upload + "?digest=" + digest(content), NONE)
                            .statusCode())
                    .isEqualTo(201);
            String none = V2 + "/blobs/uploads/" + UUID.randomUUID();
            assertError(registry.send("PATCH", none, content), 404, "BLOB_UPLOAD_UNKNOWN");
            String empty = header(registry.send("POST", V2 + "/blobs/uploads/", NONE), "Location");
            assertError(registry.send("PUT", empty + "?digest=" + other, NONE), 400, "BLOB_UPLOAD_INVALID");
            assertThat(registry.send("DELETE", empty, NONE).statusCode()).isEqualTo(204);
            assertThat(registry.get(empty).statusCode()).isEqualTo(404);
        }

        @Test
        void anUploadBelongsToItsRepository() throws Exception {
            registry.create("other");
            String upload = header(registry.send("POST", V2 + "/blobs/uploads/", NONE), "Location");
            String foreign = upload.replace(REPO, "other");
            assertThat(registry.send("PATCH", foreign, bytes(10, 1)).statusCode())
                    .isEqualTo(404);
        }

        @Test
        void aLayerIsMountedWhereTheAccountAllowsIt() throws Exception {
            registry.create("other");
            String digest = registry.push(REPO, bytes(1000, 6));
            String mount = "/v2/other/blobs/uploads/?mount=" + digest + "&from=" + REPO;
            assertThat(registry.send("POST", mount, NONE).statusCode()).isEqualTo(202);
            registry.ecr.putAccountSetting(
                    new PutAccountSettingRequest().name("BLOB_MOUNTING").value("ENABLED"), registry.call());
            HttpResponse<byte[]> mounted = registry.send("POST", mount, NONE);
            assertThat(mounted.statusCode()).isEqualTo(201);
            assertThat(registry.get(header(mounted, "Location")).body()).isEqualTo(bytes(1000, 6));
            String missing = "/v2/other/blobs/uploads/?mount=" + digest(NONE) + "&from=" + REPO;
            assertThat(registry.send("POST", missing, NONE).statusCode()).isEqualTo(202);
        }

        @Test
        void manifestsNeedTheirPartsAndAreWhatTheySayTheyAre() throws Exception {
            byte[] gone = bytes(10, 7);
            String lacking =
                    """
                    {"schemaVersion":2,"config":%s,"layers":[]}""".formatted(RegistryFixture.descriptor("application/vnd.oci.image.config.v1+json", gone));
            assertError(registry.putManifest(REPO, "v1", lacking, Manifest.OCI_MANIFEST), 404, "MANIFEST_BLOB_UNKNOWN");
            assertError(registry.putManifest(REPO, "v1", "{", Manifest.OCI_MANIFEST), 400, "MANIFEST_INVALID");
            assertError(registry.putManifest(REPO, "v1", "{}", "text/plain"), 400, "MANIFEST_INVALID");
            String whole = registry.image(REPO, 8, "");
            assertError(registry.putManifest(REPO, "v1", whole, Manifest.OCI_INDEX), 400, "MANIFEST_INVALID");
            assertError(registry.putManifest(REPO, digest(NONE), whole, Manifest.OCI_MANIFEST), 400, "DIGEST_INVALID");
            HttpResponse<byte[]> put = registry.putManifest(REPO, "v1", whole, Manifest.OCI_MANIFEST);
            assertThat(put.statusCode()).isEqualTo(201);
            assertThat(registry.putManifest(REPO, "v1", whole, Manifest.OCI_MANIFEST)
                            .statusCode())
                    .isEqualTo(201);
            assertThat(text(registry.get(header(put, "Location")))).isEqualTo(whole);
            byte[] large = new byte[Manifest.MAX_BYTES + 1];
            assertError(
                    registry.send("PUT", V2 + "/manifests/v2", large, "Content-Type", Manifest.OCI_MANIFEST),
                    413,
                    "SIZE_INVALID");
        }

        @Test
        void anIndexNeedsItsManifests() throws Exception {
            String image = registry.image(REPO, 9, "");
            String index = """
                    {"schemaVersion":2,"manifests":[%s]}""".formatted(
                            RegistryFixture.descriptor(Manifest.OCI_MANIFEST, image.getBytes(StandardCharsets.UTF_8)));
            assertError(registry.putManifest(REPO, "all", index, Manifest.OCI_INDEX), 404, "MANIFEST_BLOB_UNKNOWN");
            registry.putManifest(REPO, digest(image.getBytes(StandardCharsets.UTF_8)), image, Manifest.OCI_MANIFEST);
            assertThat(registry.putManifest(REPO, "all", index, Manifest.OCI_INDEX)
                            .statusCode())
                    .isEqualTo(201);
            assertThat(registry.send(
                                    "DELETE", V2 + "/manifests/" + digest(image.getBytes(StandardCharsets.UTF_8)), NONE)
                            .statusCode())
                    .isEqualTo(403);
        }
    }

    @Nested
    class ContentDiscovery {
        @Test
        void tagsInOrderAndPageByPage() throws Exception {
            String manifest = registry.image(REPO, 10, "");
            for (String tag : List.of("v3", "v1", "latest", "v2")) {
                registry.putManifest(REPO, tag, manifest, Manifest.OCI_MANIFEST);
            }
            assertThat(text(registry.get(V2 + "/tags/list")))
                    .contains("\"name\":\"" + REPO + "\"")
                    .contains("\"tags\":[\"latest\",\"v1\",\"v2\",\"v3\"]");
            HttpResponse<byte[]> page = registry.get(V2 + "/tags/list?n=3");
            assertThat(text(page)).contains("[\"latest\",\"v1\",\"v2\"]");
            String next = header(page, "Link").replaceAll("<(.*)>; rel=\"next\"", "$1");
            HttpResponse<byte[]> rest = registry.get(next);
            assertThat(text(rest)).contains("[\"v3\"]");
            assertThat(header(rest, "Link")).isEmpty();
            assertThat(text(registry.get(V2 + "/tags/list?n=0"))).contains("\"tags\":[]");
            assertThat(text(registry.get(V2 + "/tags/list?last=v2"))).contains("[\"v3\"]");
            assertThat(registry.get(V2 + "/tags/list?n=many").statusCode()).isEqualTo(400);
            assertError(registry.get("/v2/none/tags/list"), 404, "NAME_UNKNOWN");
        }

        @Test
        void referrersOfWhatIsThereOrComesLater() throws Exception {
            String subject = registry.image(REPO, 11, "");
            String digest = digest(subject.getBytes(StandardCharsets.UTF_8));
            String more = "\"artifactType\":\"application/vnd.test.%s\",\"annotations\":{\"a\":\"b\"},\"subject\":"
                    + RegistryFixture.descriptor(Manifest.OCI_MANIFEST, subject.getBytes(StandardCharsets.UTF_8))
                    + ",";
            for (String kind : List.of("sbom", "signature")) {
                String referrer = registry.image(REPO, kind.length(), more.formatted(kind));
                HttpResponse<byte[]> put = registry.putManifest(
                        REPO, digest(referrer.getBytes(StandardCharsets.UTF_8)), referrer, Manifest.OCI_MANIFEST);
                assertThat(header(put, "OCI-Subject")).isEqualTo(digest);
            }
            HttpResponse<byte[]> all = registry.get(V2 + "/referrers/" + digest);
            assertThat(header(all, "Content-Type")).isEqualTo(Manifest.OCI_INDEX);
            assertThat(text(all))
                    .contains("vnd.test.sbom")
                    .contains("vnd.test.signature")
                    .contains("\"a\":\"b\"");
            HttpResponse<byte[]> some =
                    registry.get(V2 + "/referrers/" + digest + "?artifactType=application/vnd.test.sbom");
            assertThat(header(some, "OCI-Filters-Applied")).isEqualTo("artifactType");
            assertThat(text(some)).contains("vnd.test.sbom").doesNotContain("vnd.test.signature");
            assertThat(text(registry.get(V2 + "/referrers/" + digest(NONE)))).contains("\"manifests\":[]");
            assertThat(registry.get(V2 + "/referrers/none").statusCode()).isEqualTo(400);
        }
    }

    @Nested
    class ContentManagement {
        @Test
        void tagsAndManifestsGo() throws Exception {
            String manifest = registry.image(REPO, 12, "");
            registry.putManifest(REPO, "v1", manifest, Manifest.OCI_MANIFEST);
            registry.putManifest(REPO, "v2", manifest, Manifest.OCI_MANIFEST);
            assertThat(registry.send("DELETE", V2 + "/manifests/v1", NONE).statusCode())
                    .isEqualTo(202);
            assertThat(registry.get(V2 + "/manifests/v1").statusCode()).isEqualTo(404);
            String digest = digest(manifest.getBytes(StandardCharsets.UTF_8));
            assertThat(registry.get(V2 + "/manifests/" + digest).statusCode()).isEqualTo(200);
            assertThat(registry.send("DELETE", V2 + "/manifests/" + digest, NONE)
                            .statusCode())
                    .isEqualTo(202);
            assertThat(registry.get(V2 + "/manifests/v2").statusCode()).isEqualTo(404);
            assertThat(registry.send("DELETE", V2 + "/manifests/" + digest, NONE)
                            .statusCode())
                    .isEqualTo(404);
        }

        @Test
        void blobsGoByThemselvesOnly() throws Exception {
            String digest = registry.push(REPO, bytes(10, 13));
            assertError(registry.send("DELETE", V2 + "/blobs/" + digest, NONE), 405, "UNSUPPORTED");
        }
    }
}
