package dev.haneul.services.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.sqs.CreateQueueRequest;
import dev.haneul.api.sqs.DeleteMessageRequest;
import dev.haneul.api.sqs.Message;
import dev.haneul.api.sqs.ReceiveMessageRequest;
import dev.haneul.api.sqs.SendMessageBatchRequest;
import dev.haneul.api.sqs.SendMessageBatchRequestEntry;
import dev.haneul.api.sqs.SendMessageRequest;
import dev.haneul.delivery.FakeRegion;
import dev.haneul.kernel.store.StoreFullException;
import dev.haneul.storage.DiskFullException;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills up while messages are sent: what is not taken is not answered, and the rest goes on. */
class FullDiskSendingTest {
    private static final String URL = "http://localhost/000000000000/q";

    /** Segments whose disk is full for a while. */
    private static final class Filling implements Segments {
        private final Segments real;
        private volatile boolean full;

        Filling(Segments real) {
            this.real = real;
        }

        @Override
        public List<Long> append(String log, List<Item> items, Wait wait) throws IOException {
            if (full && wait != Wait.NOTHING) {
                throw new DiskFullException("no room", new IOException("no room"));
            }
            return full ? List.of() : real.append(log, items, wait);
        }

        @Override
        public Optional<Entry> get(String log, long position) throws IOException {
            return real.get(log, position);
        }

        @Override
        public Chunk forward(String log, long from, Want want) throws IOException {
            return real.forward(log, from, want);
        }

        @Override
        public Chunk backward(String log, long before, Want want) throws IOException {
            return real.backward(log, before, want);
        }

        @Override
        public Optional<Extent> extent(String log) throws IOException {
            return real.extent(log);
        }

        @Override
        public void trim(String log, Retention keep) throws IOException {
            real.trim(log, keep);
        }

        @Override
        public void delete(String log) throws IOException {
            real.delete(log);
        }

        @Override
        public long deleteIf(Predicate<String> name) throws IOException {
            return real.deleteIf(name);
        }

        @Override
        public void close() {}
    }

    @Test
    void whatIsNotTakenIsRefusedAndTheRestGoesOn(@TempDir Path path) {
        try (FakeRegion region = new FakeRegion(path)) {
            Filling disk = new Filling(region.segments);
            SqsService sqs = new SqsService(region.store, disk, region.clock, region, FakeRegion.KEY);
            sqs.createQueue(new CreateQueueRequest().queueName("q"), region.call());
            send(sqs, region, "a");
            disk.full = true;
            assertThatThrownBy(() -> send(sqs, region, "lost")).isInstanceOf(StoreFullException.class);
            SendMessageBatchRequest batch = new SendMessageBatchRequest()
                    .queueUrl(URL)
                    .entries(List.of(
                            new SendMessageBatchRequestEntry().id("1").messageBody("lost1"),
                            new SendMessageBatchRequestEntry().id("2").messageBody("lost2")));
            assertThatThrownBy(() -> sqs.sendMessageBatch(batch, region.call())).isInstanceOf(StoreFullException.class);
            List<Message> held = receive(sqs, region);
            assertThat(held).extracting(Message::body).containsExactly("a");
            DeleteMessageRequest delete = new DeleteMessageRequest()
                    .queueUrl(URL)
                    .receiptHandle(held.getFirst().receiptHandle());
            assertThatThrownBy(() -> sqs.deleteMessage(delete, region.call())).isInstanceOf(StoreFullException.class);
            disk.full = false;
            send(sqs, region, "b");
            region.clock.advance(Duration.ofSeconds(31));
            assertThat(receive(sqs, region)).extracting(Message::body).containsExactlyInAnyOrder("a", "b");
            region.clock.advance(Duration.ofSeconds(31));
            SqsService again = new SqsService(region.store, disk, region.clock, region, FakeRegion.KEY);
            assertThat(receive(again, region)).extracting(Message::body).containsExactlyInAnyOrder("a", "b");
        }
    }

    private static void send(SqsService sqs, FakeRegion region, String body) {
        sqs.sendMessage(new SendMessageRequest().queueUrl(URL).messageBody(body), region.call());
    }

    private static List<Message> receive(SqsService sqs, FakeRegion region) {
        return sqs.receiveMessage(new ReceiveMessageRequest().queueUrl(URL).maxNumberOfMessages(10), region.call())
                .messages();
    }
}
