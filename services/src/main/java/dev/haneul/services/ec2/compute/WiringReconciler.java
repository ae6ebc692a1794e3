package dev.haneul.services.ec2.compute;

import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.ec2.network.Nets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Puts interfaces into servers that run already, and takes them out. */
final class WiringReconciler implements Reconciler<Key> {
    private final Compute compute;

    WiringReconciler(Compute compute) {
        this.compute = compute;
    }

    @Override
    public String name() {
        return "ec2.wiring";
    }

    @Override
    public Next reconcile(Key key) {
        Nets.InterfaceRow row = compute.room()
                .read(tx -> tx.get(Nets.INTERFACES.table(), key))
                .map(Row::value)
                .orElse(null);
        if (row != null && Boolean.TRUE.equals(row.shape().requesterManaged())) {
            // The service that made it looks after it.
            return Next.DONE;
        }
        String instance = row == null ? null : row.instance();
        Path netns = instance == null ? null : compute.servers().netns(instance);
        if (instance != null && netns == null) {
            // Its boot wires it, and its end unwires it.
            return Next.DONE;
        }
        try {
            compute.networks().wired(key.scope(), key.id(), netns);
            for (String id : compute.servers().ids()) {
                // An interface that was taken out does not say any more whose it was.
                if (instance == null ? compute.servers().virtual(id) : id.equals(instance)) {
                    compute.servers().rewired(id);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Next.DONE;
    }
}
