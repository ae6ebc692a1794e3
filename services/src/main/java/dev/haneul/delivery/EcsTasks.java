package dev.haneul.delivery;

import dev.haneul.api.ecs.RunTaskRequest;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.store.RecordCodecs;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ECS parameters of a rule, schedule or pipe as a RunTask request: each service has structures of its own for them,
 * with the same members but for the case of first letters and two names.
 */
public final class EcsTasks {
    private static final Map<String, String> NAMES =
            Map.of("taskdefinitionarn", "taskDefinition", "taskcount", "count");

    private EcsTasks() {}

    /** The request, without its cluster. */
    public static RunTaskRequest of(Struct parameters) {
        String json = new String(encode(parameters), StandardCharsets.UTF_8);
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        Json.object(json)
                .orElse(Map.of())
                .forEach((name, value) ->
                        tree.put(NAMES.getOrDefault(name.toLowerCase(java.util.Locale.ROOT), name), value));
        return (RunTaskRequest) JsonStructs.read(new RunTaskRequest().shape(), tree);
    }

    private static <S extends Struct> byte[] encode(S struct) {
        return RecordCodecs.struct(struct).encode(struct);
    }
}
