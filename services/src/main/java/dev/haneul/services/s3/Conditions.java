package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of a read or a copy. See RFC 9110, 13.2.2 and AWS, "GetObject: overlapping conditions": an entity tag
 * goes before the date beside it.
 */
record Conditions(
        @Nullable String ifMatch,
        @Nullable String ifNoneMatch,
        @Nullable Instant ifModifiedSince,
        @Nullable Instant ifUnmodifiedSince) {

    /** What the conditions say of an object. */
    sealed interface Verdict {
        /** They hold. */
        record Holds() implements Verdict {}

        /** The client has it already (304). */
        record NotModified() implements Verdict {}

        /** They fail (412); {@code condition} is the header that did. */
        record Failed(String condition) implements Verdict {}
    }

    /**
     * Judges an object.
     *
     * @param etag without quotes
     * @param modified as Last-Modified tells it: the comparison is by whole seconds
     */
    Verdict judge(String etag, Instant modified) {
        Instant second = modified.truncatedTo(ChronoUnit.SECONDS);
        if (ifMatch != null) {
            if (!matches(ifMatch, etag)) {
                return new Verdict.Failed("If-Match");
            }
        } else if (ifUnmodifiedSince != null && second.isAfter(ifUnmodifiedSince)) {
            return new Verdict.Failed("If-Unmodified-Since");
        }
        if (ifNoneMatch != null) {
            if (matches(ifNoneMatch, etag)) {
                return new Verdict.NotModified();
            }
        } else if (ifModifiedSince != null && !second.isAfter(ifModifiedSince)) {
            return new Verdict.NotModified();
        }
        return new Verdict.Holds();
    }

    /** For reads: 304 and 412 as faults. */
    void checkRead(String etag, Instant modified) {
        switch (judge(etag, modified)) {
            case Verdict.Holds _ -> {}
            case Verdict.NotModified _ -> throw notModified(etag, modified);
            case Verdict.Failed failed -> throw preconditionFailed(failed.condition());
        }
    }

    /** For the source of a copy: every failure is a 412. */
    void checkCopySource(String etag, Instant modified) {
        switch (judge(etag, modified)) {
            case Verdict.Holds _ -> {}
            case Verdict.NotModified _ ->
                throw preconditionFailed(
                        ifNoneMatch != null
                                ? "x-amz-copy-source-If-None-Match"
                                : "x-amz-copy-source-If-Modified-Since");
            case Verdict.Failed failed -> throw preconditionFailed("x-amz-copy-source-" + failed.condition());
        }
    }

    static Fault preconditionFailed(String condition) {
        return Fault.client("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold")
                .with("Condition", condition);
    }

    private static Fault notModified(String etag, Instant modified) {
        return Fault.client("NotModified", 304, "Not Modified")
                .header("ETag", '"' + etag + '"')
                .header("Last-Modified", HttpDates.format(modified));
    }

    /** Whether a list of entity tags, or {@code *}, holds this one. Quotes may be missing, as S3 allows. */
    static boolean matches(String header, String etag) {
        for (String item : header.split(",", -1)) {
            String tag = item.trim();
            if (tag.equals("*")) {
                return true;
            }
            tag = tag.startsWith("W/") ? tag.substring(2) : tag;
            if (unquote(tag).equals(etag)) {
                return true;
            }
        }
        return false;
    }

    static String unquote(String etag) {
        boolean quoted = etag.length() >= 2 && etag.startsWith("\"") && etag.endsWith("\"");
        return quoted ? etag.substring(1, etag.length() - 1) : etag;
    }
}
