package dev.haneul.services.ec2.network;

import dev.haneul.api.runtime.Fault;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.network.Nets.PublicRow;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Hands out public addresses, of which the region has one range for all accounts. */
final class PublicAddresses {
    /** What the fabric keeps for itself at the beginning. */
    private static final long FIRST = 4;

    private static final int TRIES = 64;

    private final Cidr range;

    PublicAddresses(Cidr range) {
        this.range = range;
    }

    /**
     * Takes an address, not the one that was given back last.
     *
     * @param owner the id of what it is for
     * @throws Fault InsufficientAddressCapacity where all are taken
     */
    String take(WriteTx tx, Scope scope, String owner, RandomGenerator random) {
        long count = range.size() - FIRST - 1;
        long start = random.nextLong(count);
        for (long tried = 0; tried < count; tried++) {
            // A few at random, so that addresses do not come back at once; then one after the other.
            long place = tried < TRIES ? random.nextLong(count) : (start + tried) % count;
            String address = range.at(FIRST + place);
            if (take(tx, scope, owner, address)) {
                return address;
            }
        }
        throw Ec2Faults.of("InsufficientAddressCapacity", "Not enough available public addresses.");
    }

    /** Takes this very address, as who recovers an elastic IP wants. */
    boolean take(WriteTx tx, Scope scope, String owner, String address) {
        boolean free = range.contains(address) && owner(tx, address).isEmpty();
        if (free) {
            tx.put(Nets.PUBLIC, scope.key(address), new PublicRow(address, owner));
        }
        return free;
    }

    /** Gives an address back. */
    static void give(WriteTx tx, Scope scope, String address) {
        tx.delete(Nets.PUBLIC, scope.key(address));
    }

    /** Whose an address is. */
    static Optional<PublicRow> owner(ReadTx tx, String address) {
        return tx.findAnywhere(Nets.PUBLIC, Nets.ADDRESS, address, null, 1).stream()
                .map(Row::value)
                .findFirst();
    }
}
