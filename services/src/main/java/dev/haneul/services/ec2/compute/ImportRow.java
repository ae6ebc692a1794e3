package dev.haneul.services.ec2.compute;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An import of an image or a snapshot from S3.
 *
 * @param id e.g. {@code import-ami-0…}
 * @param makes the id of what it makes: {@code ami-…} or {@code snap-…}
 * @param role by its name, which reads the object
 * @param format as the request says, in upper case
 * @param status {@code active}, {@code completed}, {@code deleting} or {@code deleted}
 * @param bytes how long the object is; 0 before that is known
 */
record ImportRow(
        String id,
        String makes,
        String role,
        String bucket,
        String key,
        String format,
        @Nullable String description,
        String architecture,
        @Nullable String bootMode,
        String status,
        String progress,
        @Nullable String message,
        long bytes) {
    boolean image() {
        return makes.startsWith("ami-");
    }

    boolean active() {
        return status.equals("active");
    }

    ImportRow at(String percent, String doing, long length) {
        return new ImportRow(
                id,
                makes,
                role,
                bucket,
                key,
                format,
                description,
                architecture,
                bootMode,
                status,
                percent,
                doing,
                length);
    }

    ImportRow ended(String state, @Nullable String why) {
        return new ImportRow(
                id,
                makes,
                role,
                bucket,
                key,
                format,
                description,
                architecture,
                bootMode,
                state,
                state.equals("completed") ? "" : progress,
                why,
                bytes);
    }

    /** What the servers' store of images knows an imported one as. */
    String system() {
        return SYSTEM + makes;
    }

    /** Names of imported systems begin so. */
    static final String SYSTEM = "import-";

    /** Whether a system was imported: no recipe builds it. */
    static boolean imported(@Nullable String system) {
        return Objects.requireNonNullElse(system, "").startsWith(SYSTEM);
    }
}
