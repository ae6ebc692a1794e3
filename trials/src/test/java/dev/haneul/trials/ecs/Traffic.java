package dev.haneul.trials.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients that ask addresses all the time, over connections that stay open, and remember what was not answered well. */
final class Traffic implements AutoCloseable {
    private static final int CLIENTS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Queue<Failure> failures = new ConcurrentLinkedQueue<>();
    private final Map<URI, Instant> answered = new ConcurrentHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<Thread> threads = new ArrayList<>();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<URI> targets;
    private volatile Instant forgiven = Instant.MIN;

    private record Failure(Instant begun, String text) {}

    Traffic(List<URI> targets) {
        this.targets = targets;
        for (URI each : targets) {
            for (int i = 0; i < CLIENTS; i++) {
                threads.add(Thread.ofVirtual().start(() -> run(each)));
            }
        }
    }

    private void run(URI target) {
        while (!stop.get()) {
            Instant begun = Instant.now();
            String answer = ask(target);
            if (answer.startsWith("200 ")) {
                answered.merge(target, begun, (one, other) -> one.isAfter(other) ? one : other);
            } else {
                failures.add(new Failure(begun, begun + " " + target + " " + answer));
            }
            asked.incrementAndGet();
        }
    }

    /** Asks once; the status and the text, or what went wrong. */
    String ask(URI target) {
        try {
            Thread.sleep(20);
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(target).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + " " + response.body().strip();
        } catch (IOException | InterruptedException e) {
            return e.toString();
        }
    }

    /** Waits until every address has answered well what was asked after a moment; how long after it that was. */
    Duration flowsFrom(Instant moment, Duration patience) throws InterruptedException {
        Instant end = moment.plus(patience);
        while (true) {
            List<Instant> last = targets.stream()
                    .map(each -> answered.getOrDefault(each, Instant.MIN))
                    .toList();
            if (last.stream().allMatch(moment::isBefore)) {
                return Duration.between(moment, Instant.now());
            }
            assertThat(Instant.now()).as("answered last: " + answered).isBefore(end);
            Thread.sleep(5);
        }
    }

    /** What was not answered well and is not forgiven. */
    List<String> failures() {
        return failures.stream()
                .filter(each -> each.begun().isAfter(forgiven))
                .map(Failure::text)
                .toList();
    }

    /** What was asked until now may have failed. */
    void forgive() {
        forgiven = Instant.now();
    }

    int asked() {
        return asked.get();
    }

    @Override
    public void close() throws InterruptedException {
        stop.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        client.close();
    }
}
