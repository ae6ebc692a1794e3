package dev.haneul.services.ecs.service;

import dev.haneul.edge.Balancer;
import dev.haneul.edge.Edge;
import dev.haneul.edge.http.Functions;
import dev.haneul.edge.http.Logins;
import dev.haneul.edge.stream.Acceptor;
import dev.haneul.edge.stream.Listening;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.engines.container.Pod;
import dev.haneul.fabric.NetworkNamespace;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.service.ConnectTables.AliasRow;
import dev.haneul.services.ecs.service.ConnectTables.ConnectRow;
import dev.haneul.services.ecs.task.HostNames;
import dev.haneul.services.ecs.task.Machinery;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Service Connect at work: in the network of each task of a service that takes part, the names of the namespace lead to
 * an address of the task's own, where the region listens and carries what comes to a healthy task of the service meant,
 * from the client's own interface: what its security groups forbid does not get through.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html">Service Connect</a>
 */
final class ConnectWork implements Reconciler<Key>, AutoCloseable, HostNames {
    private static final System.Logger LOG = System.getLogger(ConnectWork.class.getName());
    private static final int AT_ONCE = 4;
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final EcsRoom room;
    private final Machinery machinery;
    private final Edge edge;
    /** The namespaces of the tasks that take part. */
    private final Map<Key, String> clients = new ConcurrentHashMap<>();

    ConnectWork(EcsRoom room, Machinery machinery) {
        this.room = room;
        this.machinery = machinery;
        SecureRandom random = new SecureRandom();
        byte[] key = new byte[32];
        random.nextBytes(key);
        this.edge = new Edge(new Edge.Means(
                acceptor(),
                this::dial,
                Functions.NONE,
                Logins.NONE,
                new ConnectTally(room, this::scope),
                new Tokens(key),
                room.clock(),
                random));
    }

    void join(Driver driver) {
        Driver.Waker<Key> waker = driver.add(this, AT_ONCE);
        driver.follow(
                "ecs.connect",
                Set.of(EcsTables.TASKS.name(), ConnectTables.CONNECTS.name(), ServiceTables.SERVICES.name()),
                change -> heard(change, waker));
        room.read(tx -> EcsTables.everywhere(tx, EcsTables.TASKS, EcsTables.OPEN, "yes"))
                .forEach(waker::wake);
    }

    private void heard(Change change, Driver.Waker<Key> waker) {
        Scope scope = change.key().scope();
        String service = change.key().id();
        if (change.source().equals(EcsTables.TASKS.name())) {
            waker.wake(change.key());
            service = (change.after() == null
                            ? change.before(EcsTables.TASKS.codec())
                            : change.after(EcsTables.TASKS.codec()))
                    .map(ConnectWork::service)
                    .orElse("");
        }
        String of = service;
        String namespace = of.isEmpty()
                ? ""
                : room.read(tx -> ConnectTables.of(tx, scope, of))
                        .map(ConnectRow::namespace)
                        .orElse("");
        // Who took no part any more may have had names that others knew.
        if (!namespace.isEmpty() || change.source().equals(ConnectTables.CONNECTS.name())) {
            clients.forEach((key, theirs) -> {
                if (key.scope().equals(scope) && (namespace.isEmpty() || theirs.equals(namespace))) {
                    waker.wake(key);
                }
            });
        }
    }

    /** The id of a task's service; empty for none. */
    private static String service(TaskRow row) {
        String name = row.means().service();
        return name == null ? "" : ServiceTables.serviceId(row.cluster(), name);
    }

    @Override
    public String name() {
        return "ecs.connect";
    }

    @Override
    public Next reconcile(Key key) {
        TaskRow row =
                room.read(tx -> tx.get(EcsTables.TASKS, key)).map(Row::value).orElse(null);
        String namespace = row == null || row.stopped() ? "" : namespace(key.scope(), row);
        if (namespace.isEmpty()) {
            clients.remove(key);
            remove(key.id(), Set.of());
            return Next.DONE;
        }
        clients.put(key, namespace);
        if (machinery.containers().find(key.id()).isEmpty()) {
            remove(key.id(), Set.of());
            return Next.DONE; // its record changes once the pod is there
        }
        List<RoutingTable> tables =
                room.read(tx -> Mesh.of(tx, key.scope(), namespace)).tables(key.id());
        boolean all = true;
        for (RoutingTable each : tables) {
            try {
                edge.apply(each);
            } catch (IOException e) {
                LOG.log(System.Logger.Level.INFO, each.id() + " is not heard yet: " + e.getMessage());
                all = false;
            }
        }
        remove(key.id(), tables.stream().map(RoutingTable::id).collect(Collectors.toSet()));
        return all ? Next.DONE : Next.after(AGAIN);
    }

    private String namespace(Scope scope, TaskRow row) {
        String service = service(row);
        return service.isEmpty()
                ? ""
                : room.read(tx -> ConnectTables.of(tx, scope, service))
                        .filter(ConnectRow::enabled)
                        .map(ConnectRow::namespace)
                        .orElse("");
    }

    private void remove(String task, Set<String> kept) {
        Set<String> gone = new HashSet<>();
        for (Balancer each : edge.balancers()) {
            String id = each.table().id();
            if (id.startsWith(task + " ") && !kept.contains(id)) {
                gone.add(id);
            }
        }
        gone.forEach(edge::remove);
    }

    /** The account of a table's client. */
    private Optional<Scope> scope(String table) {
        String task = table.substring(0, table.indexOf(' '));
        return clients.keySet().stream()
                .filter(each -> each.id().equals(task))
                .map(Key::scope)
                .findFirst();
    }

    /** Service Connect carries TCP, and what is built on it. */
    private Acceptor acceptor() {
        return new Acceptor() {
            @Override
            public Closeable listen(String node, int port, Visitor visitor) throws IOException {
                return ConnectWork.this.listen(node, port, visitor);
            }

            @Override
            public DatagramChannel datagrams(String node, int port) throws IOException {
                throw new IOException("Service Connect carries no datagrams");
            }
        };
    }

    private Closeable listen(String node, int port, Acceptor.Visitor visitor) throws IOException {
        int space = node.indexOf(' ');
        return new Listening(
                NetworkNamespace.listen(
                                pod(node.substring(0, space)).netns(),
                                List.of(new InetSocketAddress(node.substring(space + 1), port)))
                        .getFirst(),
                visitor);
    }

    private SocketChannel dial(String node, InetSocketAddress target, int timeoutMillis) throws IOException {
        SocketChannel channel = NetworkNamespace.socket(
                pod(node.substring(0, node.indexOf(' '))).netns());
        boolean done = false;
        try {
            channel.socket().connect(target, timeoutMillis);
            done = true;
            return channel;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    private Pod pod(String task) throws IOException {
        return machinery.containers().find(task).orElseThrow(() -> new IOException("the task " + task + " is gone"));
    }

    @Override
    public String of(Scope scope, TaskRow row) {
        String namespace = namespace(scope, row);
        return namespace.isEmpty()
                ? ""
                : room.read(tx -> ConnectTables.aliases(tx, scope, namespace)).stream()
                        .map((AliasRow each) -> each.address() + " " + Objects.requireNonNull(each.name()) + "\n")
                        .collect(Collectors.joining());
    }

    @Override
    public void close() {
        edge.close();
    }
}
