package dev.haneul.services.secretsmanager;

import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The durable state of secrets. */
final class SecretTables {
    static final Table<SecretRow> SECRETS = Table.of("secretsmanager.secret", RecordCodecs.of(SecretRow.class));
    static final Table<VersionRow> VERSIONS = Table.of("secretsmanager.version", RecordCodecs.of(VersionRow.class));
    static final List<Table<?>> ALL = List.of(SECRETS, VERSIONS);

    static final String CURRENT = "AWSCURRENT";
    static final String PREVIOUS = "AWSPREVIOUS";
    static final String PENDING = "AWSPENDING";

    private SecretTables() {}

    /** What was when. {@code deleted} is when deletion was asked for, {@code purge} when it comes about. */
    record Times(
            Instant created,
            Instant changed,
            @Nullable Instant accessed,
            @Nullable Instant rotated,
            @Nullable Instant deleted,
            @Nullable Instant purge) {}

    /**
     * How a secret rotates.
     *
     * @param token the version that is being made; null while none is
     * @param step the next step of its four
     * @param failures of the step, in a row
     */
    record Rotation(
            boolean enabled,
            @Nullable String function,
            @Nullable Long days,
            @Nullable String duration,
            @Nullable String expression,
            @Nullable Instant next,
            @Nullable String token,
            int step,
            int failures) {
        static final Rotation NONE = new Rotation(false, null, null, null, null, null, null, 0, 0);

        Rotation at(@Nullable String version, int nextStep, int failed) {
            return new Rotation(enabled, function, days, duration, expression, next, version, nextStep, failed);
        }

        Rotation due(@Nullable Instant moment) {
            return new Rotation(enabled, function, days, duration, expression, moment, token, step, failures);
        }
    }

    record Replica(String region, @Nullable String kmsKeyId, String status, String message) {}

    /**
     * A secret, keyed by name.
     *
     * @param suffix the six characters at the end of its ARN
     * @param primary the region of the secret this is a replica of; empty for a primary
     */
    record SecretRow(
            String name,
            String suffix,
            @Nullable String description,
            @Nullable String kmsKeyId,
            Map<String, String> tags,
            @Nullable String policy,
            Times times,
            Rotation rotation,
            String primary,
            List<Replica> replicas) {
        /** The service that keeps it for its own use, e.g. {@code events} for {@code events!...}; null for none. */
        @Nullable
        String owner() {
            int mark = name.indexOf('!');
            return mark < 0 ? null : name.substring(0, mark);
        }

        SecretRow described(@Nullable String text, @Nullable String keyId) {
            return new SecretRow(name, suffix, text, keyId, tags, policy, times, rotation, primary, replicas);
        }

        SecretRow withTags(Map<String, String> changed) {
            return new SecretRow(
                    name, suffix, description, kmsKeyId, changed, policy, times, rotation, primary, replicas);
        }

        SecretRow withPolicy(@Nullable String document) {
            return new SecretRow(
                    name, suffix, description, kmsKeyId, tags, document, times, rotation, primary, replicas);
        }

        SecretRow at(Times changed) {
            return new SecretRow(
                    name, suffix, description, kmsKeyId, tags, policy, changed, rotation, primary, replicas);
        }

        SecretRow changed(Instant now) {
            return at(
                    new Times(times.created(), now, times.accessed(), times.rotated(), times.deleted(), times.purge()));
        }

        SecretRow rotating(Rotation changed) {
            return new SecretRow(name, suffix, description, kmsKeyId, tags, policy, times, changed, primary, replicas);
        }

        SecretRow replicated(String from, List<Replica> all) {
            return new SecretRow(name, suffix, description, kmsKeyId, tags, policy, times, rotation, from, all);
        }
    }

    /**
     * A version, keyed by {@code name:id}.
     *
     * @param sealed empty while a rotation has made no value
     * @param digest tells equal values, under a key of the data folder
     */
    record VersionRow(
            String id,
            String sealed,
            boolean binary,
            String digest,
            String kmsKeyId,
            List<String> stages,
            Instant created) {
        VersionRow staged(List<String> changed) {
            return new VersionRow(id, sealed, binary, digest, kmsKeyId, changed, created);
        }
    }

    static String arn(Key key, SecretRow row) {
        return Arn.of("secretsmanager", key.region(), key.account(), "secret:" + row.name() + "-" + row.suffix())
                .toString();
    }

    static Key versionKey(Key secret, String version) {
        return secret.scope().key(secret.id() + ":" + version);
    }
}
