package dev.haneul.services.ec2.compute;

import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What several operations do with instances. */
final class Instances {
    private static final Pattern ID = Pattern.compile("i-([0-9a-f]{8}|[0-9a-f]{17})");

    private Instances() {}

    /** The instance of an id. */
    static InstanceRow require(ReadTx tx, Scope scope, @Nullable String id) {
        if (id == null || id.isEmpty()) {
            throw Ec2Faults.missing("InstanceId");
        }
        return require(tx, scope, List.of(id)).getFirst();
    }

    /** The instances of ids, all of which must be there. */
    static List<InstanceRow> require(ReadTx tx, Scope scope, List<String> ids) {
        if (ids.isEmpty()) {
            throw Ec2Faults.missing("InstanceIds");
        }
        List<InstanceRow> found = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (String id : ids.stream().distinct().toList()) {
            check(id);
            Records.INSTANCES.find(tx, scope, id).ifPresentOrElse(found::add, () -> missing.add(id));
        }
        if (!missing.isEmpty()) {
            throw Ec2Faults.of(
                    "InvalidInstanceID.NotFound",
                    missing.size() == 1
                            ? "The instance ID '" + missing.getFirst() + "' does not exist"
                            : "The instance IDs '" + String.join(", ", missing) + "' do not exist");
        }
        return found;
    }

    static void check(String id) {
        if (!ID.matcher(id).matches()) {
            throw Ec2Faults.of("InvalidInstanceID.Malformed", "Invalid id: \"" + id + "\"");
        }
    }

    /** The volumes at an instance, the root device first. */
    static List<VolumeRow> volumes(ReadTx tx, Scope scope, String instance) {
        String root = Records.INSTANCES
                .find(tx, scope, instance)
                .map(row -> row.told().rootDeviceName())
                .orElse(null);
        return Records.VOLUMES.find(tx, scope, Records.INSTANCE, instance).stream()
                .sorted(Comparator.<VolumeRow, Boolean>comparing(
                                row -> !device(row).equals(root))
                        .thenComparing(Instances::device))
                .toList();
    }

    /** Where a volume is attached. */
    static String device(VolumeRow row) {
        return Objects.requireNonNull(Objects.requireNonNull(row.attachment()).device());
    }

    /** The error for what an instance's state forbids. */
    static Fault incorrect(String id, String what) {
        return Ec2Faults.of("IncorrectInstanceState", "The instance '" + id + "' is not in a state " + what + ".");
    }
}
