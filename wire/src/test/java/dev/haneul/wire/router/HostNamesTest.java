package dev.haneul.wire.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostNamesTest {
    private final HostNames names =
            new HostNames(Map.of("s3", 1, "sqs", 1, "iam", 1, "logs", 1, "api.ecr", 1, "s3-control", 1), "s3");

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "localhost, -, -, -",
                "127.0.0.1, -, -, -",
                "[::1], -, -, -",
                "haneul, -, -, -",
                "bucket.localhost, -, -, -",
                "us-east-1.localhost, -, -, -",
                "s3.localhost, s3, -, -",
                "s3.localhost., s3, -, -",
                "bucket.s3.localhost, s3, -, bucket",
                "my.dotted.bucket.s3.localhost, s3, -, my.dotted.bucket",
                "bucket.s3.us-east-1.localhost, s3, us-east-1, bucket",
                "logs.s3.us-east-1.localhost, s3, us-east-1, logs",
                "s3.s3.localhost, s3, -, s3",
                "logs.us-east-1.localhost, logs, us-east-1, -",
                "sqs.ap-northeast-2.amazonaws.com, sqs, ap-northeast-2, -",
                "sqs.us-gov-west-1.amazonaws.com, sqs, us-gov-west-1, -",
                "sqs-fips.us-west-2.amazonaws.com, sqs, us-west-2, -",
                "iam.amazonaws.com, iam, -, -",
                "bucket.s3.ap-northeast-2.amazonaws.com, s3, ap-northeast-2, bucket",
                "bucket.s3.amazonaws.com, s3, -, bucket",
                "s3.dualstack.us-west-2.amazonaws.com, s3, us-west-2, -",
                "bucket.s3.dualstack.us-west-2.amazonaws.com, s3, us-west-2, bucket",
                "s3-us-west-2.amazonaws.com, s3, us-west-2, -",
                "bucket.s3-us-west-2.amazonaws.com, s3, us-west-2, bucket",
                "api.ecr.us-east-1.amazonaws.com, api.ecr, us-east-1, -",
                "123456789012.s3-control.us-east-1.amazonaws.com, s3-control, us-east-1, -",
                "dynamodb.us-east-1.amazonaws.com, -, -, -",
                "streaming-logs.us-east-1.amazonaws.com, logs, us-east-1, -",
                "streaming-logs.localhost, -, -, -",
                "my-s3.us-east-1.localhost, -, -, -",
                "abc.lambda-url.us-east-1.localhost, -, -, -",
                ".localhost, -, -, -",
                "..s3.localhost, s3, -, ."
            })
    void namesMean(String host, String endpoint, String region, String bucket) {
        assertThat(names.read(host)).isEqualTo(new HostNames.Meaning(endpoint, region, bucket));
    }
}
