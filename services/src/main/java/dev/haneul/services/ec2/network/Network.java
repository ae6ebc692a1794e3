package dev.haneul.services.ec2.network;

import dev.haneul.api.runtime.Call;
import dev.haneul.delivery.Targets;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.NetworkReady;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the stories of networks stand on. */
public final class Network implements NetworkReady {
    private final Ec2Room room;
    private final PublicAddresses publicAddresses;
    private final Interfaces interfaces;
    private final VpcFabric fabric;
    private final NetworkReconciler reconciler;
    private Driver.@Nullable Waker<String> waker;

    /**
     * Opens the networks' tables.
     *
     * @param fabric carries the networks
     */
    public Network(Ec2Room room, VpcFabric fabric) {
        this.room = room;
        this.fabric = fabric;
        this.publicAddresses = new PublicAddresses(fabric.publicRange());
        this.interfaces = new Interfaces(this);
        this.reconciler = new NetworkReconciler(room.store(), fabric);
        room.store().open(Nets.tables(), List.of());
        room.tags().register(Nets.KINDS);
    }

    /** Joins the driver that makes the machine look like the records; before the driver starts. */
    public void join(Driver driver) {
        waker = reconciler.join(driver);
        new NatReconciler(this).join(driver);
        new NetworkMeter(this, fabric).join(driver);
    }

    /** Brings flow logs to where they go; before the driver starts. */
    public void deliver(Driver driver, Targets targets) {
        new FlowLogDelivery(this, fabric, targets).join(driver);
    }

    /** Looks at everything afresh, after the store was emptied. */
    public void forget() {
        Driver.Waker<String> joined = waker;
        if (joined != null) {
            joined.wake(NetworkReconciler.ALL);
        }
    }

    /** What carries networks here, or why nothing does: a line of the status. */
    public String status() {
        return "networks: "
                + obstacle()
                        .map(why -> "records only, instances cannot run here: " + why)
                        .orElse("each VPC a router of its own, public addresses from " + fabric.publicRange());
    }

    /** Carries the networks. */
    public VpcFabric fabric() {
        return fabric;
    }

    /** Says how far answers of the metadata service go, by instance; at start-up. */
    public void hopLimits(Function<ReadTx, Map<String, Integer>> limits) {
        reconciler.hopLimits(limits);
    }

    /**
     * Makes the machine look like the records as they are now; when it returns, they hold.
     *
     * @throws IOException where the machine refused
     */
    public void apply() throws IOException {
        reconciler.apply();
    }

    @Override
    public Optional<String> obstacle() {
        VpcFabric.Probe probe = fabric.probe();
        return probe.works() ? Optional.empty() : Optional.of(probe.why());
    }

    Ec2Room room() {
        return room;
    }

    PublicAddresses publicAddresses() {
        return publicAddresses;
    }

    /** Network interfaces, for whoever puts something on a network. */
    public Interfaces interfaces() {
        return interfaces;
    }

    /** Where a call's networks are kept. An account finds its default network there from the first call on. */
    public Scope scope(Call call) {
        Scope scope = Ec2Room.scope(call);
        if (room.read(tx -> founded(tx, scope)).isEmpty()) {
            room.store().write(tx -> {
                if (founded(tx, scope).isEmpty()) {
                    DefaultNetwork.found(this, tx, scope);
                }
            });
        }
        return scope;
    }

    private static Optional<Row<Nets.Founded>> founded(ReadTx tx, Scope scope) {
        return tx.get(Nets.FOUNDED, scope.key("founded"));
    }

    /** The options networks have that are given none. */
    static String defaultDhcpOptions(ReadTx tx, Scope scope) {
        return founded(tx, scope).map(row -> row.value().dhcpOptions()).orElse("default");
    }

    static void found(WriteTx tx, Scope scope, Nets.Founded founded) {
        tx.put(Nets.FOUNDED, scope.key("founded"), founded);
    }

    /** The default network, where it was not deleted. */
    public static Optional<VpcRow> defaultVpc(ReadTx tx, Scope scope) {
        return Nets.VPCS.all(tx, scope).stream()
                .filter(row -> Boolean.TRUE.equals(row.vpc().isDefault()))
                .findFirst();
    }

    /** The network of an id that must be there. */
    static VpcRow vpc(ReadTx tx, Scope scope, String id) {
        return Nets.VPCS.require(tx, scope, id);
    }

    /** A new id. */
    String id(String prefix) {
        return room.ids().ec2(prefix);
    }

    /** The private name of an address. */
    static String privateDns(Scope scope, String address) {
        String domain = scope.region().equals("us-east-1") ? "ec2.internal" : scope.region() + ".compute.internal";
        return "ip-" + address.replace('.', '-') + "." + domain;
    }

    /** The public name of an address. */
    static String publicDns(Scope scope, String address) {
        String domain = scope.region().equals("us-east-1") ? "compute-1" : scope.region() + ".compute";
        return "ec2-" + address.replace('.', '-') + "." + domain + ".amazonaws.com";
    }
}
