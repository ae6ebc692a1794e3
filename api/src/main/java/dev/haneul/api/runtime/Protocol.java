package dev.haneul.api.runtime;

/** AWS's wire protocols. */
public enum Protocol {
    REST_XML,
    REST_JSON_1,
    AWS_JSON_1_0,
    AWS_JSON_1_1,
    AWS_QUERY,
    EC2_QUERY,
    RPC_V2_CBOR
}
