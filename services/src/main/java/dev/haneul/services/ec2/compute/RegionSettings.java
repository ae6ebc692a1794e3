package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.InstanceMetadataDefaultsResponse;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What an account has set for all its servers in a region.
 *
 * @param serialConsole whether serial consoles may be used
 * @param snapshots how public sharing of snapshots is blocked; empty where nothing was said
 * @param images how public sharing of images is blocked; empty where nothing was said
 * @param credits the credit option of new instances, by family of types
 * @param metadata the metadata options of new instances
 */
record RegionSettings(
        boolean serialConsole,
        String snapshots,
        String images,
        Map<String, String> credits,
        InstanceMetadataDefaultsResponse metadata) {
    static final Table<RegionSettings> TABLE = Table.of("ec2.region_settings", RecordCodecs.of(RegionSettings.class));

    /** New accounts cannot share images with everyone; snapshots they can. */
    private static final RegionSettings NEW = new RegionSettings(
            false, "unblocked", "block-new-sharing", Map.of(), new InstanceMetadataDefaultsResponse());

    static RegionSettings of(ReadTx tx, Scope scope) {
        return tx.get(TABLE, scope.key("settings")).map(Row::value).orElse(NEW);
    }

    RegionSettings serialConsole(boolean value) {
        return new RegionSettings(value, snapshots, images, credits, metadata);
    }

    RegionSettings snapshots(String value) {
        return new RegionSettings(serialConsole, value, images, credits, metadata);
    }

    RegionSettings images(String value) {
        return new RegionSettings(serialConsole, snapshots, value, credits, metadata);
    }

    RegionSettings credits(String family, String value) {
        Map<String, String> next = new TreeMap<>(credits);
        next.put(family, value);
        return new RegionSettings(serialConsole, snapshots, images, next, metadata);
    }

    RegionSettings metadata(InstanceMetadataDefaultsResponse value) {
        return new RegionSettings(serialConsole, snapshots, images, credits, value);
    }

    /** The credit option new instances of a family get. */
    String creditsOf(String family) {
        String usual = family.equals("t2") ? "standard" : "unlimited";
        return Objects.requireNonNullElse(credits.get(family), usual);
    }
}
