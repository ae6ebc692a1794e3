package dev.haneul.trials.routes;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Faults;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Stands where the services would: notes what reached it under the request's number, and answers alike to all. */
final class Recorder implements Caller {
    static final String NUMBER_HEADER = "x-trial";

    private final Map<String, Seen> seen = new ConcurrentHashMap<>();
    private final Function<OperationShape, Struct> answer;

    /** What reached a service, and what it answered. */
    record Seen(OperationShape operation, Map<String, @Nullable Object> input, Map<String, @Nullable Object> output) {}

    private Recorder(Function<OperationShape, Struct> answer) {
        this.answer = answer;
    }

    /**
     * Refuses: every other operation in the way of a service that has no room, the others with one of the errors they
     * declare, where they do.
     */
    static Recorder refusing() {
        return new Recorder(operation -> {
            StructShape error = refusal(operation);
            throw error == null
                    ? Faults.notImplemented(operation.service().id(), operation.name())
                    : Samples.fault(error);
        });
    }

    /** The declared error that {@link #refusing} throws, null where it says that the operation is not built. */
    static @Nullable StructShape refusal(OperationShape operation) {
        int declared = operation.errors().length;
        return declared == 0 || operation.index() % 2 == 0
                ? null
                : operation.errorShape(operation.index() / 2 % declared);
    }

    /** Answers with every member set. */
    static Recorder answering() {
        return new Recorder(Samples::of);
    }

    @Override
    public Struct call(OperationShape operation, Struct input, Call call) {
        String number = call.origin().headers().get(NUMBER_HEADER);
        Map<String, @Nullable Object> asked = Trees.of(input);
        seen.put(String.valueOf(number), new Seen(operation, asked, Map.of()));
        Struct output = answer.apply(operation);
        seen.put(String.valueOf(number), new Seen(operation, asked, Trees.of(output)));
        return answer.apply(operation);
    }

    /** What reached a service under this number, once; null where nothing did. */
    @Nullable
    Seen take(String number) {
        return seen.remove(number);
    }
}
