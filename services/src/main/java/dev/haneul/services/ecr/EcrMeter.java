package dev.haneul.services.ecr;

import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.usage.Usage;
import dev.haneul.services.ecr.EcrTables.ImageRow;
import dev.haneul.services.ecr.EcrTables.LayerRow;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What ECR's bill is made of: bytes stored, told every hour for each repository (a layer counts in each repository that
 * has it, as at AWS), and bytes sent. See AWS, "Amazon ECR pricing".
 */
final class EcrMeter implements Reconciler<String> {
    private static final String SERVICE = "AmazonECR";
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int PAGE = 1000;

    private final Store store;
    private final Usage usage;
    private boolean begun;

    EcrMeter(Store store, Usage usage) {
        this.store = store;
        this.usage = usage;
    }

    void join(Driver driver) {
        driver.add(this, 1).wake("hour");
    }

    void sent(Key repository, long bytes) {
        add(repository, "DataTransfer-Out-Bytes", bytes, "Bytes");
    }

    private void add(Key repository, String type, double quantity, String unit) {
        if (quantity > 0) {
            usage.add(
                    new Usage.What(repository.account(), repository.region(), SERVICE, type, repository.id(), unit),
                    quantity);
        }
    }

    @Override
    public String name() {
        return "ecr.meter";
    }

    /** An hour's storage is told at its end. */
    @Override
    public Next reconcile(String key) {
        if (begun) {
            Map<Key, Long> bytes = new HashMap<>();
            each(EcrTables.LAYERS, row -> {
                LayerRow layer = row.value();
                bytes.merge(row.key().scope().key(layer.repository()), layer.size(), Long::sum);
            });
            each(EcrTables.IMAGES, row -> {
                ImageRow image = row.value();
                bytes.merge(row.key().scope().key(image.repository()), image.manifestSize(), Long::sum);
            });
            bytes.forEach((repository, sum) -> add(repository, "TimedStorage-ByteHrs", sum, "ByteHrs"));
        }
        begun = true;
        return Next.after(HOUR);
    }

    private <R> void each(Table<R> table, Consumer<Row<R>> visitor) {
        each(store, table, visitor);
    }

    /** Visits every record of a table, across accounts and regions, page by page. */
    static <R> void each(Store store, Table<R> table, Consumer<Row<R>> visitor) {
        Key after = null;
        List<Row<R>> page;
        do {
            Key from = after;
            page = store.read((ReadTx tx) -> tx.all(table, from, PAGE));
            page.forEach(visitor);
            after = page.isEmpty() ? null : page.getLast().key();
        } while (page.size() == PAGE);
    }
}
