package dev.haneul.services.ec2.network;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Ec2Service;
import dev.haneul.services.ec2.compute.Compute;
import dev.haneul.services.ec2.compute.FakeServers;
import dev.haneul.services.ec2.compute.InstanceNetworks;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** EC2's networks over a store of their own and a machine that only remembers. */
final class NetworkRig implements AutoCloseable {
    static final String ONE = "111111111111";
    static final String OTHER = "222222222222";

    private final DataFolder folder = DataFolder.temporary();
    final SqliteStore store = SqliteStore.open(folder);
    final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-02T03:00:00Z"));
    final RecordingFabric fabric = new RecordingFabric();
    /** Usage by type and resource. */
    final Map<String, Double> used = new ConcurrentHashMap<>();

    final Network network;
    final Ec2Service ec2;
    /** What EC2 asked its neighbours, who answer with nothing. */
    final Map<String, Struct> asked = new ConcurrentHashMap<>();

    private final Caller caller = (operation, input, call) -> {
        asked.put(operation.name(), input);
        return operation.outputShape().create();
    };
    private final ReconcileDriver driver;

    NetworkRig() {
        Ec2Room room = new Ec2Room(new Ec2Room.Ground(
                store,
                clock,
                caller,
                (call, action, arn, context) -> {},
                folder.key(),
                (what, quantity) -> used.merge(what.usageType() + " " + what.resource(), quantity, Double::sum)));
        network = new Network(room, fabric);
        ec2 = new Ec2Service(
                room, network, new Compute(room, new FakeServers(), new InstanceNetworks(room, network), 1));
        driver = new ReconcileDriver(store.feed(), clock, new java.util.Random(7));
        network.join(driver);
        network.deliver(driver, new Targets(caller, (id, token) -> Optional.empty(), clock));
        driver.start();
    }

    static Call call(String account) {
        return new Call(
                Principal.root(account, account), account, "us-east-1", "r", Instant.MAX, Call.Origin.inside("test"));
    }

    static Scope scope(String account) {
        return new Scope(account, "us-east-1");
    }

    NetworkTables tables() {
        return store.read(NetworkTables::read);
    }

    /** Lets everything that is due happen. */
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
}
