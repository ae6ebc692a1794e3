package dev.haneul.services.s3;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.s3.CreateBucketRequest;
import dev.haneul.api.s3.GetObjectOutput;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.PutBucketVersioningRequest;
import dev.haneul.api.s3.PutObjectOutput;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.VersioningConfiguration;
import dev.haneul.api.sns.PublishInput;
import dev.haneul.api.sns.PublishResponse;
import dev.haneul.api.sqs.SendMessageRequest;
import dev.haneul.api.sqs.SendMessageResult;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.metrics.MetricBuffer;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.kernel.usage.UsageMeter;
import dev.haneul.storage.DiskBlobs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** An S3 room over a real store and real blobs, called directly. Lambda is a hand-written stand-in. */
final class S3Fixture implements AutoCloseable {
    static final String ACCOUNT = "000000000000";
    static final String REGION = "us-east-1";
    static final String BUCKET = "photos";
    static final Instant START = Instant.parse("2026-01-02T03:04:05.678Z");

    private final Path path;
    final VirtualClock clock = new VirtualClock(START);
    final FakeLambda lambda = new FakeLambda();
    final FakeKms kms = new FakeKms();
    DataFolder folder;
    SqliteStore store;
    RowCounter counted;
    DiskBlobs blobs;
    UsageMeter usage;
    MetricBuffer measured = new MetricBuffer();
    S3Service s3;
    ReconcileDriver driver;
    Permissions permissions = (call, action, arn, context) -> {};

    S3Fixture(Path path) {
        this.path = path;
        open();
    }

    private void open() {
        try {
            folder = DataFolder.open(path);
            store = SqliteStore.open(folder);
            ServiceEvent.open(store);
            blobs = DiskBlobs.open(folder, store);
            usage = new UsageMeter(store, clock);
            counted = new RowCounter(store);
            s3 = new S3Service(
                    counted,
                    blobs,
                    clock,
                    (call, action, arn, context) -> permissions.require(call, action, arn, context),
                    (operation, input, call) -> operation.service().id().equals("s3")
                            ? s3.invoke(operation, input, call)
                            : (kms.takes(input) ? kms : lambda).call(operation, input, call),
                    folder.key(),
                    (who, serial, code) -> serial.equals("phone") && code.equals("123456"),
                    usage);
            driver = new ReconcileDriver(store.feed(), clock, new SplittableRandom(1));
            s3.join(driver);
            s3.measure(driver, measured);
            usage.join(driver);
            blobs.reapWith(driver);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A fixture with the bucket {@link #BUCKET}. */
    static S3Fixture withBucket(Path path) {
        S3Fixture fixture = new S3Fixture(path);
        fixture.s3.createBucket(new CreateBucketRequest().bucket(BUCKET), fixture.call());
        return fixture;
    }

    /** Starts the driver: events are delivered and released bytes removed from now on. */
    void start() {
        clock.settleWith(() -> driver.awaitIdle(Duration.ofSeconds(30)));
        driver.start();
    }

    /** Closes everything and opens it again over the same folder. */
    void restart() {
        clock.settleWith(() -> {});
        close();
        open();
    }

    Path path() {
        return path;
    }

    Call call() {
        return call(ACCOUNT, REGION);
    }

    Call call(String account, String region) {
        return call(account, region, Map.of());
    }

    Call call(String account, String region, Map<String, String> headers) {
        return new Call(
                Principal.root(account, "test"),
                account,
                region,
                "4442587FB7D0A2F9",
                clock.instant().plusSeconds(60),
                new Call.Origin("127.0.0.1", "test", false, "http://localhost:4566", headers));
    }

    /** Turns versioning on or suspends it. */
    void versioning(String status) {
        s3.putBucketVersioning(
                new PutBucketVersioningRequest()
                        .bucket(BUCKET)
                        .versioningConfiguration(new VersioningConfiguration().status(status)),
                call());
    }

    PutObjectOutput put(String key, String content) {
        return put(key, content.getBytes(StandardCharsets.UTF_8), request -> request);
    }

    PutObjectOutput put(String key, byte[] content, UnaryOperator<PutObjectRequest> more) {
        PutObjectRequest request =
                new PutObjectRequest().bucket(BUCKET).key(key).body(Body.of(content));
        return s3.putObject(more.apply(request), call());
    }

    GetObjectOutput get(String key, UnaryOperator<GetObjectRequest> more) {
        return s3.getObject(more.apply(new GetObjectRequest().bucket(BUCKET).key(key)), call());
    }

    String text(String key) {
        return new String(bytes(get(key, request -> request)), StandardCharsets.UTF_8);
    }

    static byte[] bytes(GetObjectOutput out) {
        try (Body body = out.body()) {
            return body.stream().readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    /** The fault a call ends in. */
    static Fault fault(ThrowingCallable call) {
        Fault fault = catchThrowableOfType(Fault.class, call);
        if (fault == null) {
            assertThatThrownBy(call).isInstanceOf(Fault.class);
            throw new AssertionError("no fault");
        }
        return fault;
    }

    @Override
    public void close() {
        driver.close();
        blobs.close();
        store.close();
        folder.close();
    }

    /** Takes what a bucket sends; may refuse. */
    static final class FakeLambda implements dev.haneul.api.runtime.Caller {
        record Invocation(InvocationRequest request, Call call) {
            String payload() {
                byte[] payload = request.payload();
                return payload == null ? "" : new String(payload, StandardCharsets.UTF_8);
            }
        }

        final List<Invocation> events = new ArrayList<>();
        final List<Invocation> checks = new ArrayList<>();
        /** What queues and topics got. */
        final List<String> messages = new CopyOnWriteArrayList<>();

        volatile @Nullable Fault refusal;

        @Override
        public synchronized Struct call(OperationShape operation, Struct input, Call call) {
            Fault refused = refusal;
            if (refused != null) {
                throw refused;
            }
            if (input instanceof SendMessageRequest message) {
                messages.add(message.messageBody());
                return new SendMessageResult();
            }
            if (input instanceof PublishInput message) {
                messages.add(message.message());
                return new PublishResponse();
            }
            InvocationRequest request = (InvocationRequest) input;
            ("DryRun".equals(request.invocationType()) ? checks : events).add(new Invocation(request, call));
            return new InvocationResponse().statusCode(202);
        }

        synchronized List<Invocation> events() {
            return List.copyOf(events);
        }
    }
}
