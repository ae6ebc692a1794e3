package dev.haneul.services.cloudtrail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.cloudtrail.CloudTrailClient;
import dev.haneul.api.cloudtrail.CreateTrailRequest;
import dev.haneul.api.cloudtrail.DataResource;
import dev.haneul.api.cloudtrail.Event;
import dev.haneul.api.cloudtrail.EventSelector;
import dev.haneul.api.cloudtrail.GetTrailStatusRequest;
import dev.haneul.api.cloudtrail.ListPublicKeysRequest;
import dev.haneul.api.cloudtrail.ListTrailsRequest;
import dev.haneul.api.cloudtrail.LookupEventsRequest;
import dev.haneul.api.cloudtrail.PutEventSelectorsRequest;
import dev.haneul.api.cloudtrail.StartLoggingRequest;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.CreateBucketRequest;
import dev.haneul.api.s3.GetObjectOutput;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.ListObjectsV2Request;
import dev.haneul.api.s3.PutBucketPolicyRequest;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Client;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.kernel.usage.Usage;
import dev.haneul.services.iam.IamAuthorizer;
import dev.haneul.services.iam.IamState;
import dev.haneul.services.s3.S3Service;
import dev.haneul.storage.DiskBlobs;
import dev.haneul.storage.DiskSegments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrailDeliveryTest {
    private static final String ACCOUNT = "111122223333";
    private static final String X509_HEADER = "30820122300d06092a864886f70d01010105000382010f00";

    private final DataFolder folder = DataFolder.temporary();
    private final SqliteStore store = SqliteStore.open(folder);
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-03-04T05:06:07Z"));
    private DiskBlobs blobs;
    private DiskSegments segments;
    private ReconcileDriver driver;
    private CloudTrailClient trail;
    private S3Client s3;

    @BeforeEach
    void open() throws IOException {
        blobs = DiskBlobs.open(folder, store);
        segments = DiskSegments.open(folder);
        driver = new ReconcileDriver(store.feed(), clock, new Random(1));
        ResourcePolicies.Registry policies = new ResourcePolicies.Registry();
        IamAuthorizer authorizer = new IamAuthorizer(new IamState(store, clock, folder.key()), clock, policies, true);
        Recorder recorder = new Recorder(store, segments, clock);
        Dispatcher dispatcher = new Dispatcher(authorizer, recorder);
        S3Service objects = new S3Service(
                store, blobs, clock, authorizer, dispatcher, folder.key(), (who, serial, code) -> false, Usage.NONE);
        policies.add("s3", objects.policies());
        dispatcher.add(objects);
        CloudTrailService service = new CloudTrailService(
                store, segments, clock, recorder, dispatcher, (id, token) -> Optional.empty(), folder.key());
        dispatcher.add(service);
        service.join(driver);
        driver.start();
        // Without this, time may pass the moment of a delivery before the delivery looks at the clock.
        clock.settleWith(() -> driver.awaitIdle(Duration.ofSeconds(10)));
        trail = new CloudTrailClient(dispatcher);
        s3 = new S3Client(dispatcher);
        s3.createBucket(new CreateBucketRequest().bucket("logs-here"), call());
        s3.putBucketPolicy(new PutBucketPolicyRequest().bucket("logs-here").policy("""
                        {"Version":"2012-10-17","Statement":[
                         {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
                          "Action":["s3:GetBucketAcl","s3:PutObject"],
                          "Resource":["arn:aws:s3:::logs-here","arn:aws:s3:::logs-here/*"]}]}"""), call());
    }

    @AfterEach
    void close() {
        clock.settleWith(() -> {});
        driver.close();
        segments.close();
        blobs.close();
        store.close();
        folder.close();
    }

    private static Call call() {
        return new Call(
                Principal.root(ACCOUNT, "test"),
                ACCOUNT,
                "us-east-1",
                "r-1",
                Instant.MAX,
                new Call.Origin("127.0.0.1", "test", false, "http://localhost", Map.of()));
    }

    private void start() {
        trail.createTrail(
                new CreateTrailRequest()
                        .name("main")
                        .s3BucketName("logs-here")
                        .s3KeyPrefix("p")
                        .enableLogFileValidation(true),
                call());
        trail.startLogging(new StartLoggingRequest().name("main"), call());
    }

    private void pass(Duration time) {
        clock.advance(time);
        assertThat(driver.awaitIdle(Duration.ofSeconds(10))).isTrue();
    }

    private List<String> keys(String prefix) {
        return s3
                .listObjectsV2(new ListObjectsV2Request().bucket("logs-here").prefix(prefix), call())
                .contents()
                .stream()
                .map(dev.haneul.api.s3.S3Object::key)
                .filter(key -> key.endsWith(".gz"))
                .toList();
    }

    private record Content(byte[] bytes, Map<String, String> metadata) {
        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private Content get(String key) {
        GetObjectOutput out =
                s3.getObject(new GetObjectRequest().bucket("logs-here").key(key), call());
        try (Body body = out.body()) {
            return new Content(new GZIPInputStream(body.stream()).readAllBytes(), out.metadata());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void eventsAreDeliveredAfterFiveMinutesAndOnce() {
        start();
        trail.listTrails(new ListTrailsRequest(), call());
        pass(Duration.ofMinutes(4));
        assertThat(keys("p/AWSLogs")).isEmpty();
        pass(Duration.ofMinutes(2));
        List<String> files = keys("p/AWSLogs/" + ACCOUNT + "/CloudTrail/us-east-1/2026/03/04/");
        assertThat(files).hasSize(1);
        assertThat(files.getFirst())
                .matches(".*/111122223333_CloudTrail_us-east-1_20260304T0511Z_[A-Za-z0-9]{16}.json.gz");
        assertThat(get(files.getFirst()).text()).startsWith("{\"Records\":[{").contains("\"ListTrails\"");
        assertThat(get(files.getFirst()).text()).doesNotContain("\"CreateTrail\"");
        assertThat(trail.getTrailStatus(new GetTrailStatusRequest().name("main"), call())
                        .latestDeliveryTime())
                .isNotNull();
    }

    @Test
    void dataEventsGoToTrailsThatAskAndNowhereElse() {
        start();
        put("before");
        trail.putEventSelectors(
                new PutEventSelectorsRequest()
                        .trailName("main")
                        .eventSelectors(List.of(Selection.everything()
                                .dataResources(List.of(new DataResource()
                                        .type("AWS::S3::Object")
                                        .values(List.of("arn:aws:s3:::logs-here/mine")))))),
                call());
        put("mine/1");
        put("other/2");
        pass(Duration.ofMinutes(6));
        String all = keys("p/AWSLogs").stream().map(key -> get(key).text()).reduce("", String::concat);
        assertThat(all).contains("\"mine/1\"").doesNotContain("\"before\"", "\"other/2\"");
        List<Event> found =
                trail.lookupEvents(new LookupEventsRequest(), call()).events();
        assertThat(found)
                .extracting(Event::eventName)
                .contains("PutEventSelectors")
                .doesNotContain("PutObject");
    }

    private void put(String key) {
        s3.putObject(
                new PutObjectRequest()
                        .bucket("logs-here")
                        .key(key)
                        .contentLength(1L)
                        .body(Body.of(new byte[1])),
                call());
    }

    @Test
    void digestsChainAndAreSigned() throws Exception {
        start();
        pass(Duration.ofMinutes(66));
        pass(Duration.ofMinutes(66));
        List<String> digests = keys("p/AWSLogs/" + ACCOUNT + "/CloudTrail-Digest/us-east-1/");
        assertThat(digests).hasSize(2);
        var key = trail.listPublicKeys(new ListPublicKeysRequest(), call())
                .publicKeyList()
                .getFirst();
        PublicKey publicKey = KeyFactory.getInstance("RSA")
                .generatePublic(new X509EncodedKeySpec(
                        HexFormat.of().parseHex(X509_HEADER + HexFormat.of().formatHex(key.value()))));
        String before = "null";
        for (String each : digests) {
            Content digest = get(each);
            assertThat(member(digest.text(), "digestPublicKeyFingerprint")).isEqualTo(key.fingerprint());
            String hash = hash(digest.bytes());
            Signature check = Signature.getInstance("SHA256withRSA");
            check.initVerify(publicKey);
            check.update((member(digest.text(), "digestEndTime") + "\nlogs-here/" + each + "\n" + hash + "\n" + before)
                    .getBytes(StandardCharsets.UTF_8));
            String signature = digest.metadata().get("signature");
            assertThat(check.verify(HexFormat.of().parseHex(signature))).isTrue();
            before = signature;
        }
        String first = get(digests.getFirst()).text();
        assertThat(hash(get(member(first, "s3Object")).bytes())).isEqualTo(member(first, "hashValue"));
        assertThat(member(get(digests.get(1)).text(), "previousDigestHashValue"))
                .isEqualTo(hash(get(digests.getFirst()).bytes()));
    }

    private static String hash(byte[] content) throws Exception {
        return "%064x"
                .formatted(
                        new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(content)));
    }

    private static String member(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        assertThat(found.find()).as(name + " in " + json).isTrue();
        return found.group(1);
    }

    @Test
    void nobodyLooksBackFurtherThanNinetyDays() {
        trail.listTrails(new ListTrailsRequest(), call());
        assertThat(names()).contains("ListTrails", "CreateBucket");
        pass(Duration.ofDays(91));
        assertThat(names()).doesNotContain("ListTrails", "CreateBucket");
    }

    private List<String> names() {
        return trail.lookupEvents(new LookupEventsRequest(), call()).events().stream()
                .map(Event::eventName)
                .toList();
    }

    @Test
    void aSelectorWithoutManagementEventsDeliversNone() {
        start();
        trail.putEventSelectors(
                new PutEventSelectorsRequest()
                        .trailName("main")
                        .eventSelectors(List.of(new EventSelector()
                                .readWriteType("All")
                                .includeManagementEvents(false)
                                .dataResources(List.of(new DataResource()
                                        .type("AWS::S3::Object")
                                        .values(List.of("arn:aws:s3:::elsewhere/")))))),
                call());
        pass(Duration.ofMinutes(6));
        assertThat(keys("p/AWSLogs/" + ACCOUNT + "/CloudTrail/")).isEmpty();
    }
}
