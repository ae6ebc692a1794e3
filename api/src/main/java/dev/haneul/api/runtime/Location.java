package dev.haneul.api.runtime;

/** Where a member travels in an HTTP-bound operation; everything is BODY in the RPC-style protocols. */
public enum Location {
    BODY,
    HEADER,
    /** A map whose entries are headers with the wire name as their prefix, e.g. {@code x-amz-meta-}. */
    PREFIX_HEADERS,
    QUERY,
    /** A map of every query parameter that no other member takes. */
    QUERY_PARAMS,
    URI,
    STATUS_CODE,
    /** The member is the whole body. */
    PAYLOAD
}
