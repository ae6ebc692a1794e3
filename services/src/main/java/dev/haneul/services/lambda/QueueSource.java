package dev.haneul.services.lambda;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.delivery.QueueReader;
import dev.haneul.kernel.Arn;
import java.util.List;

/** A queue. See "Using Lambda with Amazon SQS". */
final class QueueSource implements EventSource {
    private final QueueReader queue;

    QueueSource(Caller neighbours, Arn arn) {
        this.queue = new QueueReader(neighbours, arn);
    }

    /** How long a message that was taken stays hidden; asks whether the queue is there and may be read, too. */
    int visibilitySeconds(Call call) {
        return queue.visibilitySeconds(call);
    }

    @Override
    public List<Item> poll(int most, Call call) {
        return queue.poll(most, call).stream()
                .map(each -> new Item(each.id(), each.handle(), each.tree()))
                .toList();
    }

    @Override
    public void remove(List<Item> items, Call call) {
        queue.remove(items.stream().map(Item::handle).toList(), call);
    }

    @Override
    public void giveBack(List<Item> items, Call call) {
        queue.giveBack(items.stream().map(Item::handle).toList(), call);
    }
}
