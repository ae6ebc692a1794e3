package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Principal;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.fabric.vpc.NetworkPlan;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Ec2Service;
import dev.haneul.services.ec2.network.Network;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** EC2 over a store of its own, with servers and networks that only remember. It can be killed and made anew. */
final class ComputeRig implements AutoCloseable {
    static final String ACCOUNT = "111111111111";

    private final DataFolder folder = DataFolder.temporary();
    SqliteStore store = SqliteStore.open(folder);
    final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-02T03:00:00Z"));
    final FakeServers servers = new FakeServers();
    final FakeFabric fabric = new FakeFabric();
    final Map<String, Double> used = new ConcurrentHashMap<>();
    /** Who answers what EC2 asks of other services. */
    volatile Caller neighbours = (operation, input, call) -> {
        throw new AssertionError("EC2 asked " + operation);
    };

    final List<String> events = new CopyOnWriteArrayList<>();
    Ec2Service ec2;
    private ReconcileDriver driver;

    ComputeRig() {
        begin();
    }

    private void begin() {
        ServiceEvent.open(store);
        Ec2Room room = new Ec2Room(new Ec2Room.Ground(
                store,
                clock,
                (operation, input, call) -> neighbours.call(operation, input, call),
                (call, action, arn, context) -> {},
                folder.key(),
                (what, quantity) -> used.merge(what.usageType() + " " + what.unit(), quantity, Double::sum)));
        Network network = new Network(room, fabric);
        Compute compute = new Compute(room, servers, new InstanceNetworks(room, network), 1);
        ec2 = new Ec2Service(room, network, compute);
        driver = new ReconcileDriver(store.feed(), clock, new Random(7));
        network.join(driver);
        compute.join(driver, List::of);
        compute.imports(
                driver, (key, token) -> Optional.of(new Credentials.Identity("secret", Principal.service("role"))));
        driver.follow(
                "test.events",
                Set.of(ServiceEvent.TOPIC.name()),
                change -> change.after(ServiceEvent.TOPIC.codec()).ifPresent(event -> events.add(event.detail())));
        driver.start();
    }

    /** The process dies, and another one takes over; servers go on meanwhile. */
    void restart() {
        driver.close();
        store.close();
        store = SqliteStore.open(folder);
        begin();
    }

    static Call call() {
        return new Call(
                Principal.root(ACCOUNT, ACCOUNT), ACCOUNT, "us-east-1", "r", Instant.MAX, Call.Origin.inside("test"));
    }

    String ami() {
        return ec2.describeImages(
                        new DescribeImagesRequest()
                                .owners(List.of("136693071363"))
                                .filters(List.of(
                                        new Filter().name("architecture").values(List.of("x86_64")))),
                        call())
                .images()
                .getFirst()
                .imageId();
    }

    RunInstancesRequest launch() {
        return new RunInstancesRequest()
                .imageId(ami())
                .instanceType("t3.micro")
                .minCount(1)
                .maxCount(1);
    }

    /** Launches one and lets it come up. */
    String run() throws InterruptedException {
        String id = ec2.runInstances(launch(), call()).instances().getFirst().instanceId();
        settle();
        return id;
    }

    Instance describe(String id) {
        return ec2.describeInstances(new DescribeInstancesRequest().instanceIds(List.of(id)), call())
                .reservations()
                .getFirst()
                .instances()
                .getFirst();
    }

    String state(String id) {
        return describe(id).state().name();
    }

    Volume volume(String id) {
        return ec2.describeVolumes(new DescribeVolumesRequest().volumeIds(List.of(id)), call())
                .volumes()
                .getFirst();
    }

    void settle() throws InterruptedException {
        if (!driver.awaitIdle(Duration.ofSeconds(30))) {
            throw new AssertionError("the driver does not come to rest");
        }
    }

    void advance(Duration time) throws InterruptedException {
        settle();
        clock.advance(time);
        settle();
    }

    @Override
    public void close() {
        driver.close();
        store.close();
        folder.close();
    }

    /** Networks that remember what is attached. */
    static final class FakeFabric implements VpcFabric {
        final Set<String> attached = ConcurrentHashMap.newKeySet();

        @Override
        public Probe probe() {
            return new Probe(true, "");
        }

        @Override
        public Cidr publicRange() {
            return Cidr.parse("198.18.16.0/24");
        }

        @Override
        public String hostAddress() {
            return publicRange().at(1);
        }

        @Override
        public String hostSixAddress() {
            return "fd00::1";
        }

        @Override
        public void apply(NetworkPlan plan) {}

        @Override
        public Map<String, InterfaceUsage> usage() {
            return Map.of();
        }

        @Override
        public void attach(String eniId, Path netns, int deviceIndex) {
            attached.add(eniId);
        }

        @Override
        public void detach(String eniId) {
            attached.remove(eniId);
        }

        @Override
        public Set<String> attached() {
            return Set.copyOf(attached);
        }

        @Override
        public String resolvConf(String eniId, @Nullable String searchDomain) {
            return "nameserver 172.31.0.2\n";
        }

        @Override
        public List<FlowRecord> flows() {
            return List.of();
        }

        @Override
        public Closeable serve(InetSocketAddress address, Visitor visitor) {
            return () -> {};
        }

        @Override
        public Closeable listen(String eniId, int port, Visitor visitor) {
            return () -> {};
        }

        @Override
        public DatagramChannel datagrams(String eniId, int port) throws IOException {
            throw new IOException("nothing answers");
        }

        @Override
        public SocketChannel connect(String eniId, InetSocketAddress target, int timeoutMillis) throws IOException {
            throw new IOException("nothing answers");
        }

        @Override
        public void close() {}

        @Override
        public void clear() {}
    }
}
