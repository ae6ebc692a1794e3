package dev.haneul.services.ecs.task;

import dev.haneul.engines.container.Containers;
import dev.haneul.storage.LayerSource;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What tasks run by.
 *
 * @param containers runs their pods
 * @param networks wires them
 * @param layers the layers of the region's registry
 * @param servers the network namespace of an EC2 instance that runs, by its id
 * @param folder the room's own: {@code images} holds OCI layouts, {@code shared} what tasks share
 */
public record Machinery(
        Containers containers,
        TaskNetworks networks,
        LayerSource layers,
        Function<String, @Nullable Path> servers,
        Path folder) {
    Path shared() {
        return folder.resolve("shared");
    }

    Path layouts() {
        return folder.resolve("images");
    }
}
