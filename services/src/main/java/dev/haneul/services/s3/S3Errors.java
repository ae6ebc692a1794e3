package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;

/** S3's errors with the extras S3 sends along. See AWS, "Error responses". */
final class S3Errors {
    private S3Errors() {}

    static Fault noSuchBucket(String bucket) {
        return Fault.client("NoSuchBucket", 404, "The specified bucket does not exist")
                .with("BucketName", bucket);
    }

    static Fault noSuchKey(String key) {
        return Fault.client("NoSuchKey", 404, "The specified key does not exist.")
                .with("Key", key);
    }

    static Fault noSuchUpload(String upload) {
        return Fault.client(
                        "NoSuchUpload",
                        404,
                        "The specified upload does not exist. The upload ID may be invalid, or the upload may have"
                                + " been aborted or completed.")
                .with("UploadId", upload);
    }

    static Fault accessDenied() {
        return Fault.client("AccessDenied", 403, "Access Denied");
    }

    static Fault invalidArgument(String message, String name, String value) {
        return Fault.client("InvalidArgument", 400, message)
                .with("ArgumentName", name)
                .with("ArgumentValue", value);
    }

    static Fault invalidRequest(String message) {
        return Fault.client("InvalidRequest", 400, message);
    }

    /** What the request was about changed while it was under way. */
    static Fault conflict() {
        return Fault.client(
                "OperationAborted",
                409,
                "A conflicting conditional operation is currently in progress against this resource. Please try"
                        + " again.");
    }

    /** The region has no room for the bytes; nothing of them is left, and the client may try again. */
    static Fault diskFull() {
        return Fault.server("ServiceUnavailable", 503, "The region's disk is full.");
    }

    /** A body that does not fit the model in a way only the service can tell. */
    static Fault malformedXml() {
        return Fault.client(
                "MalformedXML",
                400,
                "The XML you provided was not well-formed or did not validate against our published schema");
    }

    /** S3's own NotImplemented: a header or parameter asks for what is not built. */
    static Fault notImplemented(String header) {
        return Fault.server(
                        "NotImplemented", 501, "A header you provided implies functionality that is not implemented")
                .with("Header", header);
    }

    /** A sub-resource of a bucket that was never put. */
    static Fault noConfiguration(String code, String message, String bucket) {
        return Fault.client(code, 404, message).with("BucketName", bucket);
    }
}
