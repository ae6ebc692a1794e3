package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.s3.Configurations.Documents;
import dev.haneul.services.s3.S3Tables.ObjectRecord;

/** What answers tell of an object by the bucket's configuration: when it expires, who pays, how far its replication is. */
final class Tellings {
    private static final String REQUESTER = "requester";

    private Tellings() {}

    /** Adds to an answer about a current object, as far as it has a place for it. */
    static void tell(S3Context s3, Struct out, Buckets.Bucket bucket, String key, ObjectRecord object, Call call) {
        Members.set(out, "ReplicationStatus", object.replication());
        Documents documents = s3.store().read(tx -> Configurations.of(tx, bucket));
        if (documents.lifecycle() != null) {
            new LifecyclePlan(documents.lifecycle())
                    .expiry(key, object)
                    .ifPresent(expiry -> Members.set(out, "Expiration", expiry.header()));
        }
        if (pays(documents, bucket, call)) {
            Members.set(out, "RequestCharged", REQUESTER);
        }
    }

    private static boolean pays(Documents documents, Buckets.Bucket bucket, Call call) {
        return "Requester".equals(documents.payer())
                && call.principal().type() != Principal.Type.SERVICE
                && !call.account().equals(bucket.account());
    }

    /**
     * Refuses who would have to pay and does not say that he does.
     *
     * @throws Fault AccessDenied
     */
    static void checkPayer(ReadTx tx, Buckets.Bucket bucket, Call call) {
        // The owner's own requests, nearly all, need no look.
        if (call.account().equals(bucket.account()) || call.principal().type() == Principal.Type.SERVICE) {
            return;
        }
        boolean agrees = call.principal().type() != Principal.Type.ANONYMOUS
                && REQUESTER.equals(call.origin().headers().get("x-amz-request-payer"));
        if (!agrees && pays(Configurations.of(tx, bucket), bucket, call)) {
            throw S3Errors.accessDenied();
        }
    }
}
