package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.s3.S3Tables.BucketName;
import dev.haneul.services.s3.S3Tables.BucketRecord;
import dev.haneul.services.s3.S3Tables.Settings;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds buckets. */
final class Buckets {
    private Buckets() {}

    /** A bucket that is there. */
    record Bucket(String name, String account, BucketRecord record) {
        String region() {
            return record.region();
        }

        /** Where its objects are. */
        Scope scope() {
            return new Scope(account, record.region());
        }

        Key key() {
            return S3Tables.bucketKey(account, name);
        }

        String arn() {
            return "arn:aws:s3:::" + name;
        }

        Key object(String key) {
            return scope().key(S3Tables.objectId(name, key));
        }

        /** Of what is not current. */
        Key version(String key, String place) {
            return scope().key(S3Tables.versionId(name, key, place));
        }
    }

    /** The bucket of this name, whoever owns it. */
    static Optional<Bucket> find(ReadTx tx, String name) {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        Optional<Row<BucketName>> claim = tx.get(S3Tables.NAMES, Key.global(name));
        if (claim.isEmpty()) {
            return Optional.empty();
        }
        String account = claim.get().value().account();
        return tx.get(S3Tables.BUCKETS, S3Tables.bucketKey(account, name))
                .map(row -> new Bucket(name, account, row.value()));
    }

    /**
     * The bucket of this name, for an operation in its region. Who may do what is the authorizer's to say, which has been
     * asked before.
     *
     * @param expectedOwner the account the caller believes to own it, null for any
     * @throws Fault NoSuchBucket, AccessDenied, PermanentRedirect
     */
    static Bucket require(ReadTx tx, String name, Call call, @Nullable String expectedOwner) {
        Bucket bucket = requireAnywhere(tx, name, expectedOwner);
        if (!bucket.region().equals(call.region())) {
            throw redirect(bucket);
        }
        Tellings.checkPayer(tx, bucket, call);
        return bucket;
    }

    /** Like {@link #require}, from whatever region. */
    static Bucket requireAnywhere(ReadTx tx, String name, @Nullable String expectedOwner) {
        Bucket bucket = find(tx, name).orElseThrow(() -> S3Errors.noSuchBucket(name));
        if (expectedOwner != null && !expectedOwner.equals(bucket.account())) {
            throw S3Errors.accessDenied();
        }
        return bucket;
    }

    static Settings settings(ReadTx tx, Bucket bucket) {
        return tx.get(S3Tables.SETTINGS, bucket.key()).map(Row::value).orElse(Settings.NONE);
    }

    private static Fault redirect(Bucket bucket) {
        return Fault.client(
                        "PermanentRedirect",
                        301,
                        "The bucket you are attempting to access must be addressed using the specified endpoint."
                                + " Please send all future requests to this endpoint.")
                .with("Endpoint", bucket.name() + ".s3." + bucket.region() + ".amazonaws.com")
                .with("Bucket", bucket.name())
                .header("x-amz-bucket-region", bucket.region());
    }
}
