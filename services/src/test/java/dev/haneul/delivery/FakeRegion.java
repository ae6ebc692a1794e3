package dev.haneul.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.AssumeRoleResponse;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.storage.DiskSegments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A real store, segments and driver under a virtual clock; neighbours are a hand-written stand-in that records. */
public final class FakeRegion implements Caller, AutoCloseable {
    public static final String ACCOUNT = "000000000000";
    public static final byte[] KEY = new byte[32];
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    public final VirtualClock clock = new VirtualClock(Instant.parse("2026-03-06T10:00:30Z"));
    public final List<Seen> seen = new CopyOnWriteArrayList<>();
    public final DataFolder folder;
    public final SqliteStore store;
    public final DiskSegments segments;
    public final ReconcileDriver driver;
    public volatile @Nullable Fault refusal;
    /** What neighbours answer, by operation; others answer with nothing in it. */
    public final Map<String, Function<Struct, Struct>> answers = new ConcurrentHashMap<>();

    /** A call that came to a neighbour. */
    public record Seen(String operation, Struct input, Call call, Instant at) {
        /** What a function got. */
        public String payload() {
            byte[] payload = input instanceof InvocationRequest invoke ? invoke.payload() : null;
            return payload == null ? "" : new String(payload, StandardCharsets.UTF_8);
        }
    }

    public FakeRegion(Path path) {
        try {
            folder = DataFolder.open(path);
            store = SqliteStore.open(folder);
            segments = DiskSegments.open(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ServiceEvent.open(store);
        driver = new ReconcileDriver(store.feed(), clock, new SplittableRandom(1));
        clock.settleWith(() -> driver.awaitIdle(PATIENCE));
    }

    public Targets targets() {
        Credentials keys = (id, token) -> Optional.of(new Credentials.Identity(
                "secret",
                new Principal(
                        Principal.Type.ASSUMED_ROLE,
                        ACCOUNT,
                        "AROA:s",
                        "arn:aws:sts::1:assumed-role/r/s",
                        id,
                        Map.of())));
        return new Targets(this, keys, clock);
    }

    public Call call() {
        return new Call(
                Principal.root(ACCOUNT, "test"),
                ACCOUNT,
                "us-east-1",
                "request",
                clock.instant().plusSeconds(60),
                new Call.Origin("127.0.0.1", "test", false, "http://localhost:4566", Map.of()));
    }

    public void settle() {
        assertThat(driver.awaitIdle(PATIENCE)).isTrue();
    }

    /** The moments at which functions were called. */
    public List<String> moments() {
        return seen.stream()
                .filter(each -> each.input() instanceof InvocationRequest)
                .map(each -> each.at().toString())
                .toList();
    }

    @Override
    public Struct call(OperationShape operation, Struct input, Call call) {
        Fault refused = refusal;
        if (input instanceof AssumeRoleRequest) {
            return new AssumeRoleResponse()
                    .credentials(new dev.haneul.api.sts.Credentials()
                            .accessKeyId("ASIA")
                            .secretAccessKey("s")
                            .sessionToken("t")
                            .expiration(clock.instant().plusSeconds(3600)));
        }
        seen.add(new Seen(operation.name(), input, call, clock.instant()));
        if (refused != null) {
            throw refused;
        }
        Function<Struct, Struct> answer = answers.get(operation.name());
        if (answer != null) {
            return answer.apply(input);
        }
        return input instanceof InvocationRequest
                ? new InvocationResponse().statusCode(202)
                : operation.outputShape().create();
    }

    @Override
    public void close() {
        clock.settleWith(() -> {});
        driver.close();
        segments.close();
        store.close();
        folder.close();
    }
}
