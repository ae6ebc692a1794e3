package dev.haneul.services.ecs.task;

import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.util.Locale;

/** What containers are called by the metadata service, which is also their runtime's id. */
final class MetadataIds {
    static final String BASE = "http://" + VpcFabric.TASK_METADATA_ADDRESS;

    private static final long NUMBERS = 0xffff_ffffL;

    private MetadataIds() {}

    /** A task's id, a dash and a number, as on Fargate. */
    static String container(String task, String name) {
        return task + "-" + String.format(Locale.ROOT, "%010d", name.hashCode() & NUMBERS);
    }

    /** The path of the role's credentials. */
    static String credentials(TaskRow row) {
        return "/v2/credentials/" + row.means().credentials();
    }
}
