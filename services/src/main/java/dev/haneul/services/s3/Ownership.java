package dev.haneul.services.s3;

import org.jspecify.annotations.Nullable;

/** Who owns what is written to a bucket. See AWS, "Controlling ownership of objects and disabling ACLs". */
enum Ownership {
    ENFORCED("BucketOwnerEnforced"),
    PREFERRED("BucketOwnerPreferred"),
    WRITER("ObjectWriter");

    private final String apiName;

    Ownership(String apiName) {
        this.apiName = apiName;
    }

    /** The setting in force: without controls a bucket is as buckets were before there were any. */
    static Ownership of(Configurations.Documents documents) {
        String named = documents.ownership();
        if (named == null) {
            return ENFORCED;
        }
        return named.equals(Configurations.Documents.NO_OWNERSHIP) ? WRITER : parse(named);
    }

    /** Reads a setting; MalformedXML where there is no such one. */
    static Ownership parse(@Nullable String name) {
        for (Ownership ownership : values()) {
            if (ownership.apiName.equals(name)) {
                return ownership;
            }
        }
        throw S3Errors.malformedXml();
    }

    boolean enforced() {
        return this == ENFORCED;
    }

    String apiName() {
        return apiName;
    }
}
