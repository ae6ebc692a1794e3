package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.NatGateway;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Brings NAT gateways up and takes them away, and forgets those that are gone for an hour. */
final class NatReconciler implements Reconciler<Key> {
    /** How long a NAT gateway takes to come, and to go. */
    private static final Duration STEP = Duration.ofSeconds(1);

    private static final Duration REMEMBERED = Duration.ofHours(1);

    private final Network network;

    NatReconciler(Network network) {
        this.network = network;
    }

    void join(Driver driver) {
        Driver.Waker<Key> waker = driver.add(this, 4);
        driver.follow("ec2.nat_gateways", Set.of(Nets.NAT_GATEWAYS.table().name()), change -> {
            if (change.after() != null) {
                waker.wake(change.key());
            }
        });
        network.room()
                .read(tx -> NetworkTables.all(tx, Nets.NAT_GATEWAYS.table()))
                .forEach(row -> waker.wake(row.key()));
    }

    @Override
    public String name() {
        return "ec2.nat_gateways";
    }

    @Override
    public Next reconcile(Key key) {
        NatGateway gateway = network.room()
                .read(tx -> tx.get(Nets.NAT_GATEWAYS.table(), key))
                .map(Row::value)
                .orElse(null);
        if (gateway == null) {
            return Next.DONE;
        }
        Instant now = network.room().now();
        Instant due = due(gateway);
        if (due == null) {
            return Next.DONE;
        }
        if (now.isBefore(due)) {
            return Next.at(due);
        }
        network.room().store().write(tx -> step(tx, key));
        return Next.DONE;
    }

    /** When the next step is due; null where none is. */
    private static @Nullable Instant due(NatGateway gateway) {
        return switch (known(gateway.state())) {
            case Nats.PENDING -> known(gateway.createTime()).plus(STEP);
            case Nats.DELETING -> known(gateway.deleteTime()).plus(STEP);
            case Nats.DELETED, Nats.FAILED -> known(gateway.deleteTime()).plus(REMEMBERED);
            default -> null;
        };
    }

    private void step(WriteTx tx, Key key) {
        Scope scope = key.scope();
        NatGateway gateway = Nets.NAT_GATEWAYS.find(tx, scope, key.id()).orElse(null);
        if (gateway == null) {
            return;
        }
        switch (known(gateway.state())) {
            case Nats.PENDING -> Nets.NAT_GATEWAYS.put(tx, scope, gateway.state(Nats.AVAILABLE));
            case Nats.DELETING -> {
                gateway.natGatewayAddresses()
                        .forEach(each -> Nets.INTERFACES
                                .find(tx, scope, known(each.networkInterfaceId()))
                                .ifPresent(row -> network.interfaces().delete(tx, scope, row.id())));
                Nets.NAT_GATEWAYS.put(tx, scope, gateway.state(Nats.DELETED));
            }
            case Nats.DELETED, Nats.FAILED -> Nets.NAT_GATEWAYS.delete(tx, scope, key.id());
            default -> {}
        }
    }
}
