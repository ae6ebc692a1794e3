package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Protocol;

/** The codecs, one per protocol, each made when first asked for. */
public final class ProtocolCodecs {
    private ProtocolCodecs() {}

    /** The codec of a protocol. Always the same object. */
    public static ProtocolCodec of(Protocol protocol) {
        return switch (protocol) {
            case REST_XML -> RestXml.CODEC;
            case REST_JSON_1 -> RestJson.CODEC;
            case AWS_JSON_1_0 -> AwsJson10.CODEC;
            case AWS_JSON_1_1 -> AwsJson11.CODEC;
            case AWS_QUERY -> AwsQuery.CODEC;
            case EC2_QUERY -> Ec2Query.CODEC;
            case RPC_V2_CBOR -> RpcV2Cbor.CODEC;
        };
    }

    private static final class RestXml {
        static final ProtocolCodec CODEC = new RestXmlCodec();
    }

    private static final class RestJson {
        static final ProtocolCodec CODEC = new RestJsonCodec();
    }

    private static final class AwsJson10 {
        static final ProtocolCodec CODEC = new AwsJsonCodec(Protocol.AWS_JSON_1_0);
    }

    private static final class AwsJson11 {
        static final ProtocolCodec CODEC = new AwsJsonCodec(Protocol.AWS_JSON_1_1);
    }

    private static final class AwsQuery {
        static final ProtocolCodec CODEC = new AwsQueryCodec();
    }

    private static final class RpcV2Cbor {
        static final ProtocolCodec CODEC = new RpcV2CborCodec();
    }

    private static final class Ec2Query {
        static final ProtocolCodec CODEC = new Ec2QueryCodec();
    }
}
