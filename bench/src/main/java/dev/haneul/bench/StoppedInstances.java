package dev.haneul.bench;

import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodec;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.store.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A region's records of one stopped instance (its interface and its volume with it) many times over, each with ids and an
 * address of its own: what describing many costs does not depend on whether they run. Written while no server has the
 * data folder; the next one builds the indexes.
 */
final class StoppedInstances {
    private static final Table<String> INSTANCES = table("ec2.instance");
    private static final Table<String> INTERFACES = table("ec2.network_interface");
    private static final Table<String> VOLUMES = table("ec2.volume");
    private static final int MOST = 100;
    private static final int BATCH = 200;
    private static final int PER_BLOCK = 250;
    private static final int ID_DIGITS = 17;

    private StoppedInstances() {}

    /** Records as their text. */
    private static Table<String> table(String name) {
        return Table.of(name, new RecordCodec<>() {
            @Override
            public int version() {
                return 1;
            }

            @Override
            public byte[] encode(String value) {
                return value.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String decode(int version, byte[] bytes) {
                return new String(bytes, StandardCharsets.UTF_8);
            }
        });
    }

    /**
     * Copies the only instance of a data folder.
     *
     * @param address its private address
     * @param count how many copies
     */
    static void copy(Path data, String instance, String address, int count) throws IOException {
        try (DataFolder folder = DataFolder.open(data);
                SqliteStore store = SqliteStore.open(folder)) {
            store.open(List.of(INSTANCES, INTERFACES, VOLUMES), List.of());
            Row<String> itself = row(store, INSTANCES, instance);
            Row<String> eni = row(store, INTERFACES, instance);
            Row<String> volume = row(store, VOLUMES, instance);
            for (int from = 0; from < count; from += BATCH) {
                int first = from;
                store.write(tx -> {
                    for (int i = first; i < Math.min(count, first + BATCH); i++) {
                        Copy copy =
                                new Copy(instance, eni.key().id(), volume.key().id(), address, i);
                        tx.put(INSTANCES, copy.key(itself), copy.text(itself));
                        tx.put(INTERFACES, copy.key(eni), copy.text(eni));
                        tx.put(VOLUMES, copy.key(volume), copy.text(volume));
                    }
                });
            }
        }
    }

    private static Row<String> row(SqliteStore store, Table<String> table, String instance) throws IOException {
        return store.read(tx -> tx.all(table, null, MOST)).stream()
                .filter(row -> row.value().contains(instance))
                .findFirst()
                .orElseThrow(() -> new IOException(table.name() + " has no record of " + instance));
    }

    /** The names of one copy. */
    private record Copy(String instance, String eni, String volume, String address, int number) {
        String text(Row<String> row) {
            String own = "172.31." + (16 + number / PER_BLOCK) + "." + (4 + number % PER_BLOCK);
            return renamed(row.value()).replace(address, own).replace(address.replace('.', '-'), own.replace('.', '-'));
        }

        Key key(Row<String> row) {
            return row.key().scope().key(renamed(row.key().id()));
        }

        private String renamed(String text) {
            return text.replace(instance, id("i")).replace(eni, id("eni")).replace(volume, id("vol"));
        }

        private String id(String prefix) {
            return prefix + "-" + String.format(Locale.ROOT, "%0" + ID_DIGITS + "x", 0xb000_0000L + number);
        }
    }
}
