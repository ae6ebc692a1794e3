package dev.haneul.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import software.amazon.event.ruler.GenericMachine;
import software.amazon.event.ruler.JsonRuleCompiler;
import software.amazon.event.ruler.Machine;

/** Event patterns, compiled and matched by AWS's own event-ruler; the compiled ones are kept, up to a bound. */
public final class EventPatterns {
    private static final int MOST_KEPT = 1_000;

    private static final String NAME = "rule";

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, GenericMachine<String>> kept = new LinkedHashMap<>(16, 0.75f, true);

    /** Made when the first event is read: it costs a start too much. */
    private static final class Reader {
        private static final ObjectMapper MAPPER = new ObjectMapper();
    }

    /** What is wrong with a pattern, in the library's words, which are AWS's; null for nothing. */
    public static @Nullable String fault(String pattern) {
        return JsonRuleCompiler.check(pattern);
    }

    /** An event, read once for many patterns; null where it is no JSON object. */
    public static @Nullable JsonNode read(String event) {
        try {
            JsonNode node = Reader.MAPPER.readTree(event);
            return node != null && node.isObject() ? node : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    /** Whether a pattern that was checked takes an event. */
    public boolean matches(String pattern, JsonNode event) {
        GenericMachine<String> machine = machine(pattern);
        return machine != null && !machine.rulesForJSONEvent(event).isEmpty();
    }

    private @Nullable GenericMachine<String> machine(String pattern) {
        lock.lock();
        try {
            GenericMachine<String> known = kept.get(pattern);
            if (known != null) {
                return known;
            }
        } finally {
            lock.unlock();
        }
        Machine made = new Machine();
        try {
            made.addRule(NAME, pattern.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return null;
        }
        lock.lock();
        try {
            kept.put(pattern, made);
            if (kept.size() > MOST_KEPT) {
                kept.remove(kept.keySet().iterator().next());
            }
            return made;
        } finally {
            lock.unlock();
        }
    }
}
