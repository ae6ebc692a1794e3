package dev.haneul.api.runtime;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One operation of a service, as the model describes it.
 *
 * @param index its place in {@link ServiceShape#operation(int)}
 * @param method the HTTP method; POST in RPC-style protocols
 * @param uri the URI template with its literal query, e.g. {@code /{Bucket}/{Key+}?tagging}; {@code /} for RPC
 * @param status the HTTP status of a success
 * @param hostPrefix a host prefix with labels, e.g. {@code {AccountId}.}, null for none
 * @param input index of the input structure in the shape table
 * @param output index of the output structure
 * @param errors indexes of the declared errors
 * @param resultWrapper the element around a Query result, null for none
 * @param checksumMember the request member that names the checksum algorithm, null for none
 */
public record OperationShape(
        ServiceShape service,
        int index,
        String name,
        String method,
        String uri,
        int status,
        @Nullable String hostPrefix,
        int input,
        int output,
        int[] errors,
        @Nullable String resultWrapper,
        @Nullable String checksumMember,
        Set<Trait> traits) {

    /** Yes-or-no traits of an operation. */
    public enum Trait {
        /** Needs no signature. */
        NO_AUTH,
        /** The payload is not part of the signature. */
        UNSIGNED_PAYLOAD,
        /** The request must carry a checksum. */
        CHECKSUM_REQUIRED,
        /** The model lists response checksums. */
        RESPONSE_CHECKSUM,
        /** The request body may be compressed with gzip. */
        REQUEST_COMPRESSION,
        /** The output's only member is the text of the XML root element (S3's GetBucketLocation). */
        UNWRAPPED_OUTPUT,
        DEPRECATED
    }

    public StructShape inputShape() {
        return (StructShape) service.shapes().at(input);
    }

    public StructShape outputShape() {
        return (StructShape) service.shapes().at(output);
    }

    public StructShape errorShape(int position) {
        return (StructShape) service.shapes().at(errors[position]);
    }

    public boolean is(Trait trait) {
        return traits.contains(trait);
    }

    /** {@code s3:PutObject}: for logs and messages. */
    @Override
    public String toString() {
        return service.id() + ":" + name;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
