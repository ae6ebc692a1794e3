package dev.haneul.services.ec2.compute;

import dev.haneul.fabric.HttpVisit;
import dev.haneul.fabric.SocketHttpServer;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.metadata.Imds;
import dev.haneul.services.ec2.metadata.InstanceFacts;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where instances ask about themselves: finds who asks by the interface he asks through. */
public final class MetadataDoor {
    private static final int CONNECTIONS_EACH = 64;
    private static final long BODY_BYTES = 1024;

    private final Ec2Room room;
    private final Compute compute;
    private final SocketHttpServer server;
    private final Imds imds;
    private final FactFinder finder;
    private final Map<String, SocketHttpServer.Site> sites = new ConcurrentHashMap<>();
    private final Function<String, @Nullable Key> instances;

    /**
     * Answers instances.
     *
     * @param instances tells the instance of an interface, by its key
     */
    MetadataDoor(Compute compute, SocketHttpServer server, Imds imds, Function<String, @Nullable Key> instances) {
        this.room = compute.room();
        this.compute = compute;
        this.server = server;
        this.imds = imds;
        this.finder = new FactFinder(compute);
        this.instances = instances;
    }

    /** Takes a connection from within a network. */
    void visit(SocketChannel connection, VpcFabric.Caller caller) throws IOException {
        String eni = caller.eniId();
        Key instance = eni == null ? null : instances.apply(eni);
        if (eni == null || instance == null) {
            connection.close();
            return;
        }
        sites.computeIfAbsent(eni, id -> server.site(CONNECTIONS_EACH, BODY_BYTES, visit -> serve(visit, id)))
                .adopt(connection);
    }

    private void serve(HttpVisit visit, String eni) throws IOException {
        Key key = instances.apply(eni);
        InstanceRow row = key == null
                ? null
                : room.read(tx -> tx.get(Records.INSTANCES.table(), key))
                        .map(Row::value)
                        .orElse(null);
        if (key == null || row == null) {
            sites.remove(eni);
            visit.answer(404, Map.of(), new byte[0]);
            return;
        }
        String role = role(key, row, visit.path());
        InstanceFacts facts = room.read(tx -> finder.of(tx, key.scope(), row, role));
        if (facts.interfaces().isEmpty()) {
            visit.answer(404, Map.of(), new byte[0]);
            return;
        }
        Map<String, String> headers = new HashMap<>();
        visit.headers().forEach((name, values) -> headers.put(name, values.getFirst()));
        Imds.Answer answer = imds.answer(new Imds.Question(visit.method(), visit.path(), headers), facts);
        Map<String, List<String>> out = new LinkedHashMap<>();
        answer.headers().forEach((name, value) -> out.put(name, List.of(value)));
        out.put("Content-Type", List.of(answer.type()));
        out.put("Server", List.of("EC2ws"));
        visit.answer(answer.status(), out, visit.method().equals("HEAD") ? new byte[0] : answer.body());
    }

    /** IAM is asked only where the question is about it. */
    private @Nullable String role(Key key, InstanceRow row, String path) {
        if (row.told().iamInstanceProfile() == null || !path.contains("/iam")) {
            return null;
        }
        String arn = String.valueOf(row.told().iamInstanceProfile().arn());
        return compute.profiles()
                .find(key.scope(), arn.substring(arn.lastIndexOf('/') + 1))
                .filter(profile -> !profile.roles().isEmpty())
                .map(profile -> profile.roles().getFirst().roleName())
                .orElse(null);
    }
}
