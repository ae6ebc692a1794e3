package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.SecondFactors;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the code of the root user's MFA device, where a version goes for good or a bucket's versioning changes. Unlike
 * AWS's it is also taken over plain HTTP. See AWS, "Configuring MFA delete".
 */
record MfaDelete(SecondFactors factors) {
    static final String ENABLED = "Enabled";
    static final String DISABLED = "Disabled";
    private static final String HEADER = "x-amz-mfa";

    /**
     * Lets in who comes with a code. Not inside a transaction, for the code is taken with one.
     *
     * @param given the request's {@code x-amz-mfa}: serial number, space, code
     * @throws Fault AccessDenied, InvalidArgument, InvalidRequest
     */
    void demand(Buckets.Bucket bucket, @Nullable String given, Call call) {
        if (given == null) {
            throw denied("Mfa Authentication must be used for this request");
        }
        int space = given.lastIndexOf(' ');
        if (space <= 0 || space == given.length() - 1) {
            throw S3Errors.invalidArgument(
                    "Mfa header is invalid -- the header should be formatted as {serialNumber}(space){tokenCode}",
                    HEADER,
                    given);
        }
        if (call.origin().headers().containsKey("x-amz-security-token")) {
            throw S3Errors.invalidRequest("DevPay and Mfa are mutually exclusive authorization methods.");
        }
        boolean owner =
                call.principal().type() == Principal.Type.ROOT && call.account().equals(bucket.account());
        if (!owner) {
            throw denied("This operation may only be performed by the bucket owner");
        }
        String serial = given.substring(0, space).strip();
        if (!factors.take(call.principal(), serial, given.substring(space + 1))) {
            throw S3Errors.accessDenied();
        }
    }

    /** Like {@link #demand}, where the bucket has MFA delete. */
    void check(Buckets.Bucket bucket, @Nullable String given, Call call) {
        if (bucket.record().rulesOrNone().needsMfa()) {
            demand(bucket, given, call);
        }
    }

    private static Fault denied(String message) {
        return Fault.client("AccessDenied", 403, message);
    }
}
