package dev.haneul.services.ec2.compute;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds images: the caller's own, those others share with him, and those of the catalogue. */
final class Images {
    private static final Pattern ID = Pattern.compile("ami-([0-9a-f]{8}|[0-9a-f]{17})");
    private static final int PAGE = 1000;

    private final ImageCatalogue catalogue;

    Images(ImageCatalogue catalogue) {
        this.catalogue = catalogue;
    }

    /** Refuses what does not look like an image's id. */
    static void check(String id) {
        if (!ID.matcher(id).matches()) {
            throw Ec2Faults.of("InvalidAMIID.Malformed", "Invalid id: \"" + id + "\" (expecting \"ami-...\")");
        }
    }

    /** The image of an id, if the caller may launch it. */
    Optional<ImageRow> find(ReadTx tx, Scope scope, String id) {
        check(id);
        Optional<ImageRow> known = catalogue.find(scope.region(), id);
        if (known.isPresent()) {
            return known;
        }
        Optional<ImageRow> own = Records.IMAGES.find(tx, scope, id);
        return own.isPresent()
                ? own
                : shared(tx, scope).stream().filter(row -> row.id().equals(id)).findFirst();
    }

    /**
     * The image of an id, if the caller may launch it.
     *
     * @throws Fault InvalidAMIID.NotFound
     */
    ImageRow require(ReadTx tx, Scope scope, String id) {
        return find(tx, scope, id).orElseThrow(() -> missing(id));
    }

    /** The caller's own image of an id. */
    static ImageRow own(ReadTx tx, Call call, String id) {
        check(id);
        return Records.IMAGES.find(tx, Ec2Room.scope(call), id).orElseThrow(() -> missing(id));
    }

    static Fault missing(String id) {
        return Ec2Faults.of("InvalidAMIID.NotFound", "The image id '[" + id + "]' does not exist");
    }

    /** Every image the caller may launch. */
    List<ImageRow> all(ReadTx tx, Scope scope) {
        Map<String, ImageRow> found = new LinkedHashMap<>(catalogue.of(scope.region()));
        Records.IMAGES.all(tx, scope).forEach(row -> found.put(row.id(), row));
        shared(tx, scope).forEach(row -> found.put(row.id(), row));
        return new ArrayList<>(found.values());
    }

    /** What others share with everyone or with this account. */
    private static List<ImageRow> shared(ReadTx tx, Scope scope) {
        List<ImageRow> found = new ArrayList<>();
        for (String user : List.of("all", scope.account())) {
            for (Row<ImageRow> row : tx.findAnywhere(Records.IMAGES.table(), Records.USER, user, null, PAGE)) {
                if (row.key().region().equals(scope.region())
                        && "available".equals(row.value().told().state())) {
                    found.add(row.value());
                }
            }
        }
        return found;
    }
}
