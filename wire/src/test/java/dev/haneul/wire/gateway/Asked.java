package dev.haneul.wire.gateway;

import dev.haneul.wire.gateway.Signed.Draft;

/** A signed call in each protocol: one that is answered and one that is refused. */
enum Asked {
    REST_XML,
    REST_JSON,
    AWS_JSON_1_0,
    AWS_JSON_1_1,
    AWS_QUERY,
    EC2_QUERY,
    RPC_V2_CBOR;

    static final String METRIC_FORM = "Action=PutMetricData&Version=2010-08-01&Namespace=n"
            + "&MetricData.member.1.MetricName=m&MetricData.member.1.Value=1.5";
    static final String METRIC_JSON = "{\"Namespace\":\"n\",\"MetricData\":[{\"MetricName\":\"m\",\"Value\":1.5}]}";

    Draft good() {
        return switch (this) {
            case REST_XML -> new Draft("GET", "http://localhost/");
            case REST_JSON ->
                function("{\"FunctionName\":\"f\",\"Role\":\"arn:aws:iam::111122223333:role/r\",\"Code\":{}}");
            case AWS_JSON_1_0 -> metrics(METRIC_JSON);
            case AWS_JSON_1_1 -> groups("{\"limit\":5}");
            case AWS_QUERY -> form("sts", "Action=GetCallerIdentity&Version=2011-06-15");
            case EC2_QUERY -> form("ec2", "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1");
            case RPC_V2_CBOR -> cbor(METRIC_CBOR.clone());
        };
    }

    Draft bad() {
        return switch (this) {
            case REST_XML -> new Draft("GET", "http://localhost/bucket/none");
            case REST_JSON -> function("{\"FunctionName\":");
            case AWS_JSON_1_0 -> metrics("[]");
            case AWS_JSON_1_1 -> groups("{\"limit\":\"x\"}");
            case AWS_QUERY -> form("sts", "Action=Nothing&Version=2011-06-15");
            case EC2_QUERY -> form("ec2", "Action=DescribeInstances&Version=2016-11-15&MaxResults=x");
            case RPC_V2_CBOR -> cbor(new byte[] {(byte) 0xa1, 0x61});
        };
    }

    /** {@link #METRIC_JSON} in CBOR, by hand. */
    private static final byte[] METRIC_CBOR = java.util.HexFormat.of()
            .parseHex("a2" + "694e616d657370616365" + "616e" + "6a4d657472696344617461" + "81" + "a2"
                    + "6a4d65747269634e616d65" + "616d" + "6556616c7565" + "fb3ff8000000000000");

    private static Draft function(String json) {
        return new Draft("POST", "http://localhost/2015-03-31/functions")
                .to("lambda", "us-east-1")
                .header("Content-Type", "application/json")
                .body(json);
    }

    private static Draft metrics(String json) {
        return json("monitoring", "application/x-amz-json-1.0", "GraniteServiceVersion20100801.PutMetricData", json);
    }

    private static Draft groups(String json) {
        return json("logs", "application/x-amz-json-1.1", "Logs_20140328.DescribeLogGroups", json);
    }

    static Draft json(String service, String type, String target, String json) {
        return new Draft("POST", "http://localhost/")
                .to(service, "us-east-1")
                .header("Content-Type", type)
                .header("X-Amz-Target", target)
                .body(json);
    }

    static Draft form(String service, String form) {
        return new Draft("POST", "http://localhost/")
                .to(service, "us-east-1")
                .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
                .body(form);
    }

    static Draft cbor(byte[] body) {
        return new Draft("POST", "http://localhost/service/GraniteServiceVersion20100801/operation/PutMetricData")
                .to("monitoring", "us-east-1")
                .header("Content-Type", "application/cbor")
                .header("Smithy-Protocol", "rpc-v2-cbor")
                .body(body);
    }
}
