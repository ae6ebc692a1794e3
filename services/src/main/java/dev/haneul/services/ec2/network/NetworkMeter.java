package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.NatGateway;
import dev.haneul.api.ec2.VpcPeeringConnection;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.fabric.vpc.VpcFabric.InterfaceUsage;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.usage.Usage;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells once a minute what networks used: hours of public addresses and NAT gateways, and bytes between zones and to the
 * internet. Peerings that are over are forgotten on the way.
 *
 * @see <a href="https://aws.amazon.com/vpc/pricing/">Amazon VPC pricing</a>
 */
final class NetworkMeter implements Reconciler<String> {
    /** How far it has told: the moment, and each interface's counters then. */
    static final Table<Told> TOLD = Table.of("ec2.network_told", RecordCodecs.of(Told.class));

    private static final Key KEY = Key.global("told");
    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final Duration REMEMBERED = Duration.ofHours(2);
    private static final double HOUR_SECONDS = 3600;

    private final Network network;
    private final VpcFabric fabric;

    record Told(Instant moment, Map<String, Counters> counters) {}

    /** Bytes of an interface since it was attached. */
    record Counters(long fromInternet, long toInternet, long betweenZones) {
        static final Counters NONE = new Counters(0, 0, 0);

        static Counters of(InterfaceUsage usage) {
            return new Counters(
                    usage.inFromInternet(), usage.outToInternet(), usage.inBetweenZones() + usage.outBetweenZones());
        }

        /** What came since; all of it where the interface was attached anew. */
        Counters since(Counters before) {
            boolean fresh = fromInternet < before.fromInternet
                    || toInternet < before.toInternet
                    || betweenZones < before.betweenZones;
            return fresh
                    ? this
                    : new Counters(
                            fromInternet - before.fromInternet,
                            toInternet - before.toInternet,
                            betweenZones - before.betweenZones);
        }
    }

    NetworkMeter(Network network, VpcFabric fabric) {
        this.network = network;
        this.fabric = fabric;
    }

    void join(Driver driver) {
        driver.add(this, 1).wake("minute");
    }

    @Override
    public String name() {
        return "ec2.network_meter";
    }

    @Override
    public Next reconcile(String key) {
        Instant now = network.room().now();
        Told before =
                network.room().read(tx -> tx.get(TOLD, KEY)).map(Row::value).orElse(new Told(now, Map.of()));
        Map<String, Counters> counters = counters();
        network.room().store().write(tx -> tx.put(TOLD, KEY, new Told(now, counters)));
        hours(Duration.between(before.moment(), now).toMillis() / 1000.0 / HOUR_SECONDS);
        bytes(before.counters(), counters);
        forgetPeerings(now);
        return Next.after(PERIOD);
    }

    private Map<String, Counters> counters() {
        Map<String, Counters> counters = new HashMap<>();
        boolean any = network.room().read(tx -> NetworkTables.all(tx, Nets.INTERFACES.table())).stream()
                .anyMatch(row -> row.value().shape().attachment() != null);
        if (any) {
            try {
                fabric.usage().forEach((id, usage) -> counters.put(id, Counters.of(usage)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return counters;
    }

    private void hours(double hours) {
        if (hours <= 0) {
            return;
        }
        network.room().read(tx -> NetworkTables.all(tx, Nets.PUBLIC)).forEach(row -> {
            boolean idle = row.value().owner().startsWith("eipalloc-")
                    && idle(row.key(), row.value().owner());
            tell(
                    row.key(),
                    "AmazonVPC",
                    idle ? "PublicIPv4:IdleAddress" : "PublicIPv4:InUseAddress",
                    row.value().owner(),
                    hours,
                    "Hrs");
        });
        for (Row<NatGateway> row : network.room().read(tx -> NetworkTables.all(tx, Nets.NAT_GATEWAYS.table()))) {
            if (Nats.alive(row.value())) {
                tell(row.key(), "AmazonEC2", "NatGateway-Hours", row.key().id(), hours, "Hrs");
            }
        }
    }

    private boolean idle(Key key, String allocation) {
        return network.room()
                .read(tx -> Nets.ADDRESSES
                        .find(tx, key.scope(), allocation)
                        .filter(each -> each.associationId() != null)
                        .isEmpty());
    }

    private void bytes(Map<String, Counters> before, Map<String, Counters> now) {
        if (now.isEmpty()) {
            return;
        }
        for (Row<InterfaceRow> row : network.room().read(tx -> NetworkTables.all(tx, Nets.INTERFACES.table()))) {
            Counters counters = now.get(row.value().id());
            if (counters == null) {
                continue;
            }
            Counters fresh = counters.since(before.getOrDefault(row.value().id(), Counters.NONE));
            String instance = row.value().instance();
            String resource = instance == null ? row.value().id() : instance;
            tell(row.key(), "AmazonEC2", "DataTransfer-In-Bytes", resource, fresh.fromInternet(), "Bytes");
            tell(row.key(), "AmazonEC2", "DataTransfer-Out-Bytes", resource, fresh.toInternet(), "Bytes");
            tell(row.key(), "AmazonEC2", "DataTransfer-Regional-Bytes", resource, fresh.betweenZones(), "Bytes");
        }
        for (Row<NatGateway> row : network.room().read(tx -> NetworkTables.all(tx, Nets.NAT_GATEWAYS.table()))) {
            String id = row.key().id();
            Counters counters = now.getOrDefault(id, Counters.NONE);
            Counters fresh = counters.since(before.getOrDefault(id, Counters.NONE));
            double processed = (double) fresh.fromInternet() + fresh.toInternet();
            tell(row.key(), "AmazonEC2", "NatGateway-Bytes", id, processed, "Bytes");
        }
    }

    private void tell(Key key, String service, String type, String resource, double quantity, String unit) {
        if (quantity > 0) {
            network.room()
                    .usage()
                    .add(new Usage.What(key.account(), key.region(), service, type, resource, unit), quantity);
        }
    }

    private void forgetPeerings(Instant now) {
        List<Row<VpcPeeringConnection>> all = network.room().read(tx -> NetworkTables.all(tx, Nets.PEERINGS.table()));
        for (Row<VpcPeeringConnection> row : all) {
            Instant since = row.value().expirationTime();
            boolean waiting = Peerings.PENDING.equals(Peerings.state(row.value()));
            boolean over = Peerings.OVER.contains(Peerings.state(row.value()));
            if (since != null && (over || waiting) && now.isAfter(known(since).plus(REMEMBERED))) {
                network.room()
                        .store()
                        .write(tx -> Nets.PEERINGS.delete(
                                tx, row.key().scope(), row.key().id()));
            }
        }
    }
}
