package dev.haneul.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "arn:aws:s3:::bucket/key:with:colons | s3 | '' | '' | bucket/key:with:colons | bucket | key:with:colons",
                "arn:aws:lambda:ap-northeast-2:123456789012:function:f:1 | lambda | ap-northeast-2 | 123456789012"
                        + " | function:f:1 | function | f:1",
                "arn:aws:iam::123456789012:role/a/b | iam | '' | 123456789012 | role/a/b | role | a/b",
                "arn:aws:sns:us-east-1:123456789012:topic | sns | us-east-1 | 123456789012 | topic | topic | topic"
            })
    void anArnComesApartAndTogether(
            String text, String service, String region, String account, String resource, String type, String id) {
        Arn arn = Arn.parse(text).orElseThrow();
        assertThat(arn).isEqualTo(new Arn("aws", service, region, account, resource));
        assertThat(arn).hasToString(text);
        assertThat(arn.resourceType()).isEqualTo(type);
        assertThat(arn.resourceId()).isEqualTo(id);
        assertThat(Arn.of(service, region, account, resource)).isEqualTo(arn);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "arn", "arn:aws:s3:::", "arn:aws::::x", "arn::s3:::x", "urn:aws:s3:::x", "arn:aws:s3:x"})
    void whatIsNoArnIsNotTakenForOne(String text) {
        assertThat(Arn.parse(text)).isEmpty();
        assertThat(Arn.parse("arn:aws:s3:::" + "x".repeat(2048))).isEmpty();
    }

    @Test
    void everyRegionHasItsPartition() {
        assertThat(Regions.all())
                .hasSize(46)
                .contains("ap-northeast-2", "us-east-1", "cn-north-1")
                .isSorted();
        assertThat(Regions.all()).allMatch(Regions::wellFormed).allMatch(Regions::exists);
        assertThat(Regions.of("aws")).hasSize(34);
        assertThat(Regions.partition("ap-northeast-2")).isEqualTo("aws");
        assertThat(Regions.partition("cn-north-1")).isEqualTo("aws-cn");
        assertThat(Regions.partition("us-gov-west-1")).isEqualTo("aws-us-gov");
        assertThat(Regions.dnsSuffix("aws-cn")).isEqualTo("amazonaws.com.cn");
        assertThat(Regions.exists("us-east-9")).isFalse();
        assertThat(Regions.wellFormed("us-east-9")).isTrue();
        assertThat(Regions.wellFormed("../etc")).isFalse();
        assertThat(Regions.isAccount("000000000000")).isTrue();
        assertThat(Regions.isAccount("12345678901")).isFalse();
        assertThat(Regions.isAccount("12345678901٣")).isFalse();
    }

    @Test
    void idsHaveTheFormOfAwsAndDoNotRepeat() {
        Ids ids = new Ids(new Random(1));
        Set<String> all = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            String uuid = ids.uuid();
            assertThat(UUID.fromString(uuid).version()).isEqualTo(4);
            assertThat(UUID.fromString(uuid).variant()).isEqualTo(2);
            String role = ids.unique("AROA");
            assertThat(role).matches("AROA[A-Z2-7]{17}");
            String instance = ids.ec2("i");
            assertThat(instance).matches("i-0[0-9a-f]{16}");
            assertThat(ids.s3RequestId()).matches("[0-9A-Z]{16}");
            assertThat(ids.secretKey()).matches("[A-Za-z0-9+/]{40}");
            assertThat(ids.lower(32)).matches("[a-z0-9]{32}");
            assertThat(ids.hex(32)).matches("[0-9a-f]{32}");
            assertThat(all.add(uuid) && all.add(role) && all.add(instance)).isTrue();
        }
        assertThat(new Ids(new Random(1)).uuid()).isEqualTo(new Ids(new Random(1)).uuid());
    }
}
