package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.storage.Blobs;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/**
 * What every operation works with.
 *
 * @param permissions asked about what an operation touches besides its own resource: the source of a copy, each key of a
 *     batch
 */
record S3Context(
        Store store,
        Blobs blobs,
        Clock clock,
        Permissions permissions,
        Encryption encryption,
        S3Meter meter,
        MfaDelete mfa) {
    /** Asks for one more permission, on an object. */
    void require(Call call, String action, String bucket, String key) {
        permissions.require(call, action, "arn:aws:s3:::" + bucket + "/" + key, Map.of());
    }

    /** Whether one more permission on an object is there. */
    boolean allows(Call call, String action, String bucket, String key) {
        try {
            require(call, action, bucket, key);
            return true;
        } catch (Fault denied) {
            return false;
        }
    }

    /** Now, as S3 keeps time: in whole seconds. */
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }
}
