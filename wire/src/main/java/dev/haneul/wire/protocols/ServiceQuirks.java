package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.ServiceShape;
import java.util.Map;

/**
 * What few services do in their own way and no model tells, as data. Everything else follows from protocol and model.
 *
 * @param bareErrors errors are {@code <Error>} without a wrapping {@code <ErrorResponse>}, with request and host id
 *     inside, and the id travels in {@code x-amz-request-id} and {@code x-amz-id-2} (S3)
 * @param millis date-times in XML carry milliseconds even where they are zero (S3, EC2)
 * @param maxBodyBytes of bodies that are decoded as a whole
 * @param messageKey of JSON errors that no model describes
 */
record ServiceQuirks(boolean bareErrors, boolean millis, int maxBodyBytes, String messageKey) {
    private static final ServiceQuirks NONE = new ServiceQuirks(false, false, WireLimits.MAX_BODY_BYTES, "message");

    private static final Map<String, ServiceQuirks> BY_SERVICE = Map.of(
            "s3", new ServiceQuirks(true, true, WireLimits.MAX_BODY_BYTES, "message"),
            "ec2", new ServiceQuirks(false, true, WireLimits.MAX_BODY_BYTES, "message"),
            // A zip of 50 MB in base64; see "Lambda quotas".
            "lambda", new ServiceQuirks(false, false, 70_167_211, "Message"));

    static ServiceQuirks of(ServiceShape service) {
        return BY_SERVICE.getOrDefault(service.id(), NONE);
    }
}
