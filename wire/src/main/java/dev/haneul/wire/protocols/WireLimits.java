package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.ServiceShape;

/** The bounds that hostile input meets in every codec. */
public final class WireLimits {
    /** Nesting of structures, lists, maps and documents. AWS's deepest model is far below. */
    public static final int MAX_DEPTH = 64;

    /** Bytes of a body that is decoded as a whole; streaming payloads are not bound by it. */
    public static final int MAX_BODY_BYTES = 16 * 1024 * 1024;

    /** Parameters of a query string or form. */
    public static final int MAX_PARAMETERS = 20_000;

    /** Bytes of one event stream message, as AWS's services bound it. */
    public static final int MAX_EVENT_BYTES = 16 * 1024 * 1024;

    private WireLimits() {}

    /** Bytes of a body that a service's codec decodes as a whole. */
    public static int maxBodyBytes(ServiceShape service) {
        return ServiceQuirks.of(service).maxBodyBytes();
    }
}
