package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.Container;
import dev.haneul.api.runtime.Fault;
import dev.haneul.delivery.Json;
import dev.haneul.fabric.HttpVisit;
import dev.haneul.fabric.SocketHttpServer;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers tasks at 169.254.170.2. Who asks is known by the interface he asks from, and he is told of his own task only,
 * whatever id he names.
 */
public final class MetadataDoor {
    private static final int HTTP = 80;
    private static final int CONNECTIONS_EACH = 64;
    private static final long BODY_BYTES = 1024;
    private static final String JSON = "application/json";

    private final TaskWork work;
    private final SocketHttpServer server;
    private final TaskMetadata metadata;
    private final Map<String, SocketHttpServer.Site> sites = new ConcurrentHashMap<>();

    /** A door whose connections this server serves. */
    public MetadataDoor(TaskWork work, SocketHttpServer server) {
        this.work = work;
        this.server = server;
        this.metadata = new TaskMetadata(work);
    }

    /** Answers in every network of the region. */
    public Closeable listen(VpcFabric fabric) throws IOException {
        return fabric.serve(new InetSocketAddress(VpcFabric.TASK_METADATA_ADDRESS, HTTP), this::visit);
    }

    private void visit(SocketChannel connection, VpcFabric.Caller caller) throws IOException {
        String eni = caller.eniId();
        if (eni == null || work.ofInterface(eni).isEmpty()) {
            connection.close();
            return;
        }
        sites.computeIfAbsent(eni, id -> server.site(CONNECTIONS_EACH, BODY_BYTES, visit -> serve(visit, id)))
                .adopt(connection);
    }

    private record Answer(int status, String body) {
        static Answer of(Object tree) {
            return new Answer(200, Json.write(tree));
        }

        static final Answer NONE = new Answer(404, "{\"code\":\"NotFound\",\"message\":\"Not found\"}");
    }

    private void serve(HttpVisit visit, String eni) throws IOException {
        Answer answer = visit.method().equals("GET") ? answer(visit.path(), eni) : new Answer(405, "{}");
        visit.answer(
                answer.status(),
                Map.of("Content-Type", List.of(JSON)),
                answer.body().getBytes(StandardCharsets.UTF_8));
    }

    private Answer answer(String path, String eni) {
        List<Key> keys = work.ofInterface(eni);
        if (keys.isEmpty()) {
            sites.remove(eni);
            return Answer.NONE;
        }
        for (Key key : keys) {
            TaskRow row = work.room()
                    .read(tx -> tx.get(EcsTables.TASKS, key))
                    .map(Row::value)
                    .orElse(null);
            if (row != null) {
                Optional<Answer> found = of(key, row, path);
                if (found.isPresent()) {
                    return found.get();
                }
            }
        }
        return Answer.NONE;
    }

    private Optional<Answer> of(Key key, TaskRow row, String path) {
        if (path.equals(MetadataIds.credentials(row))) {
            return Optional.of(credentials(key, row));
        }
        String[] parts = path.split("/", 5);
        boolean version = parts.length > 2 && (parts[1].equals("v4") || parts[1].equals("v3"));
        Container container = version
                ? row.told().containers().stream()
                        .filter(each -> MetadataIds.container(row.id(), String.valueOf(each.name()))
                                .equals(parts[2]))
                        .findFirst()
                        .orElse(null)
                : null;
        if (container == null) {
            return Optional.empty();
        }
        String rest = path.substring(("/" + parts[1] + "/" + parts[2]).length());
        return Optional.of(
                switch (rest) {
                    case "", "/" -> Answer.of(metadata.container(key.scope(), row, container));
                    case "/task" -> Answer.of(metadata.task(key.scope(), row, false));
                    case "/taskWithTags" -> Answer.of(metadata.task(key.scope(), row, true));
                    case "/stats" -> Answer.of(metadata.stats(row, String.valueOf(container.name())));
                    case "/task/stats" -> Answer.of(metadata.stats(row));
                    default -> Answer.NONE;
                });
    }

    private Answer credentials(Key key, TaskRow row) {
        String role = TaskReadiness.taskRole(row, work.launch().definition(key.scope(), row));
        if (role == null || row.means().credentials().isEmpty()) {
            return Answer.NONE;
        }
        try {
            return new Answer(200, metadata.credentials(key.scope(), row, Objects.requireNonNull(role)));
        } catch (Fault fault) {
            return new Answer(
                    400, Json.write(Map.of("code", fault.code(), "message", fault.message(), "HTTPErrorCode", 400)));
        }
    }
}
