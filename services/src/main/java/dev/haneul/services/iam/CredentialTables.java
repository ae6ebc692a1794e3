package dev.haneul.services.iam;

import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Durable state of what users prove themselves with, beside their access keys. Users stand here by their id. */
final class CredentialTables {
    static final Table<LoginRow> LOGINS = Table.of("iam.login_profile", RecordCodecs.of(LoginRow.class));
    static final Table<MfaRow> MFA_DEVICES = Table.of(
            "iam.mfa_device",
            RecordCodecs.of(MfaRow.class),
            new Table.Index<>("user", row -> row.user() == null ? List.of() : List.of(row.user())));
    static final Table<SigningCertificateRow> SIGNING_CERTIFICATES = Table.of(
            "iam.signing_certificate",
            RecordCodecs.of(SigningCertificateRow.class),
            new Table.Index<>("user", row -> List.of(row.user())));
    static final Table<SshKeyRow> SSH_KEYS = Table.of(
            "iam.ssh_key", RecordCodecs.of(SshKeyRow.class), new Table.Index<>("user", row -> List.of(row.user())));
    static final Table<ServiceCredentialRow> SERVICE_CREDENTIALS = Table.of(
            "iam.service_credential",
            RecordCodecs.of(ServiceCredentialRow.class),
            new Table.Index<>("user", row -> List.of(row.user())));
    static final List<Table<?>> ALL = List.of(LOGINS, MFA_DEVICES, SIGNING_CERTIFICATES, SSH_KEYS, SERVICE_CREDENTIALS);

    private CredentialTables() {}

    /**
     * A user's password, under the user's name.
     *
     * @param hash of the password in force, as {@link Passwords} writes it
     * @param former hashes of earlier passwords, the latest first
     */
    record LoginRow(String user, Instant created, Instant changed, String hash, boolean reset, List<String> former) {
        LoginRow of(String renamed) {
            return new LoginRow(renamed, created, changed, hash, reset, former);
        }

        @Override
        public String toString() {
            return "LoginRow[" + user + "]";
        }
    }

    /**
     * A virtual MFA device, under its name in lower case.
     *
     * @param seed in base 32, sealed by {@link Secrets}
     * @param user whose it is: a user's id, {@link #ROOT}, or null where it is nobody's
     * @param enabled when it became somebody's
     * @param drift how many steps the device's clock is ahead
     * @param lastStep the step of the last code that was taken
     */
    record MfaRow(
            String name,
            String path,
            String seed,
            Instant created,
            @Nullable String user,
            @Nullable Instant enabled,
            int drift,
            long lastStep,
            Map<String, String> tags) {
        /** The user of devices that belong to the account's root; no user's id holds a slash. */
        static final String ROOT = "/root";

        String arn(String account) {
            return "arn:aws:iam::" + account + ":mfa" + path + name;
        }

        MfaRow of(@Nullable String owner, @Nullable Instant since, int steps, long taken) {
            return new MfaRow(name, path, seed, created, owner, since, steps, taken, tags);
        }

        MfaRow withLastStep(long taken) {
            return of(user, enabled, drift, taken);
        }

        MfaRow withTags(Map<String, String> changed) {
            return new MfaRow(name, path, seed, created, user, enabled, drift, lastStep, changed);
        }

        @Override
        public String toString() {
            return "MfaRow[" + name + "]";
        }
    }

    /** @param body as PEM */
    record SigningCertificateRow(String id, String user, String body, boolean active, Instant uploaded) {}

    /**
     * A public key for code repositories.
     *
     * @param ssh in OpenSSH's form
     * @param fingerprint MD5 of its SSH form in hex, divided by colons
     */
    record SshKeyRow(String id, String user, String ssh, String fingerprint, boolean active, Instant uploaded) {}

    /**
     * A name and password, or a key, for one service.
     *
     * @param name what the service knows it by
     * @param hash of the secret, which is told once
     * @param expires null where it does not
     */
    record ServiceCredentialRow(
            String id,
            String user,
            String service,
            String name,
            String hash,
            boolean active,
            Instant created,
            @Nullable Instant expires) {
        @Override
        public String toString() {
            return "ServiceCredentialRow[" + id + "]";
        }
    }
}
