package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of a write: {@code If-None-Match: *} (only where there is nothing yet) and {@code If-Match} (only over
 * this very object). See AWS, "How to prevent object overwrites with conditional writes".
 */
record WriteConditions(@Nullable String ifMatch, @Nullable String ifNoneMatch) {
    static final WriteConditions NONE = new WriteConditions(null, null);

    WriteConditions {
        if (ifNoneMatch != null && !ifNoneMatch.strip().equals("*")) {
            throw S3Errors.notImplemented("If-None-Match");
        }
        if (ifMatch != null && ifMatch.strip().equals("*")) {
            throw S3Errors.notImplemented("If-Match");
        }
    }

    /**
     * Judges what stands under the key, null for nothing.
     *
     * @throws Fault PreconditionFailed, or NoSuchKey where a match is asked for and nothing is there
     */
    void check(String key, @Nullable ObjectRecord current) {
        if (ifNoneMatch != null && current != null) {
            throw Conditions.preconditionFailed("If-None-Match");
        }
        if (ifMatch != null) {
            if (current == null) {
                throw S3Errors.noSuchKey(key);
            }
            if (!Conditions.matches(ifMatch, current.etag())) {
                throw Conditions.preconditionFailed("If-Match");
            }
        }
    }
}
