package dev.haneul.kernel.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionTest {
    private static boolean holds(String operator, RequestContext context, String... values) {
        return Objects.requireNonNull(Condition.parse(operator, "aws:Key", List.of(values), true))
                .holds(context);
    }

    private static RequestContext with(String... values) {
        return RequestContext.builder().putAll("AWS:key", List.of(values)).build();
    }

    @ParameterizedTest
    @CsvSource({
        "StringEquals, a, a, true",
        "StringEquals, a, A, false",
        "StringNotEquals, a, A, true",
        "StringEqualsIgnoreCase, a, A, true",
        "StringNotEqualsIgnoreCase, a, A, false",
        "StringLike, h*, home/a, true",
        "StringEquals, h*, home, false",
        "StringNotLike, h*, home, false",
        "NumericEquals, 10, 10.0, true",
        "NumericNotEquals, 10, 11, true",
        "NumericLessThan, 10, 9, true",
        "NumericLessThan, 10, 10, false",
        "NumericLessThanEquals, 10, 10, true",
        "NumericGreaterThan, 10, 11, true",
        "NumericGreaterThanEquals, 10, 9, false",
        "NumericEquals, ten, 10, false",
        "NumericEquals, 10, 1e1, false",
        "DateLessThan, 2030-01-01T00:00:00Z, 2029-12-31T23:59:59Z, true",
        "DateGreaterThan, 2030-01-01, 2030-01-01T00:00:01Z, true",
        "DateEquals, 1893456000, 2030-01-01T00:00:00+00:00, true",
        "DateNotEquals, 1893456000, 2030-01-01T00:00:00Z, false",
        "DateGreaterThanEquals, never, 2030-01-01T00:00:00Z, false",
        "Bool, true, TRUE, true",
        "Bool, true, false, false",
        "Bool, maybe, maybe, false",
        "BinaryEquals, aGk=, aGk, true",
        "IpAddress, 10.0.0.0/8, 10.1.2.3, true",
        "IpAddress, 10.0.0.0/8, 11.1.2.3, false",
        "NotIpAddress, 10.0.0.0/9, 10.200.0.1, true",
        "IpAddress, 10.1.2.3, 10.1.2.3, true",
        "IpAddress, 0.0.0.0/0, 203.0.113.9, true",
        "IpAddress, 2001:db8::/32, 2001:db8:1::9, true",
        "IpAddress, 2001:db8::/33, 2001:db8:8000::9, false",
        "IpAddress, 127.0.0.0/8, ::ffff:127.0.0.1, true",
        "IpAddress, ::1, 0:0:0:0:0:0:0:1, true",
        "IpAddress, localhost, 127.0.0.1, false",
        "IpAddress, 10.0.0.0/33, 10.0.0.0, false",
        "ArnLike, arn:aws:sns:*:1:t*, arn:aws:sns:us-east-1:1:topic, true",
        "ArnEquals, arn:aws:s3:::b*, arn:aws:s3:::bucket, true",
        "ArnNotLike, arn:aws:s3:::b*, arn:aws:s3:::bucket, false",
        "ArnNotEquals, arn:aws:s3:::b, arn:aws:s3:::bucket, true",
    })
    void comparesAsItsNameSays(String operator, String policyValue, String requestValue, boolean expected) {
        assertThat(holds(operator, with(requestValue), policyValue)).isEqualTo(expected);
    }

    @Test
    void anyOfSeveralPolicyValuesMayMatchAndNoneForNegatedOperators() {
        assertThat(holds("StringEquals", with("b"), "a", "b")).isTrue();
        assertThat(holds("StringNotEquals", with("b"), "a", "b")).isFalse();
        assertThat(holds("StringNotEquals", with("c"), "a", "b")).isTrue();
    }

    @Test
    void absentKeysFailUnlessNegatedOrIfExists() {
        RequestContext none = RequestContext.EMPTY;
        assertThat(holds("StringEquals", none, "a")).isFalse();
        assertThat(holds("StringNotEquals", none, "a")).isTrue();
        assertThat(holds("StringEqualsIfExists", none, "a")).isTrue();
        assertThat(holds("StringEqualsIfExists", with("b"), "a")).isFalse();
        assertThat(holds("ForAllValues:StringEquals", none, "a")).isTrue();
        assertThat(holds("ForAnyValue:StringEquals", none, "a")).isFalse();
        assertThat(holds("ForAnyValue:StringEqualsIfExists", none, "a")).isTrue();
        assertThat(holds("Null", none, "true")).isTrue();
        assertThat(holds("Null", none, "false")).isFalse();
        assertThat(holds("Null", with("x"), "false")).isTrue();
        assertThat(holds("Null", with(), "true")).isTrue();
    }

    @Test
    void setQualifiersLookAtEveryValueOfTheRequest() {
        assertThat(holds("ForAllValues:StringLike", with("a1", "a2"), "a*")).isTrue();
        assertThat(holds("ForAllValues:StringLike", with("a1", "b2"), "a*")).isFalse();
        assertThat(holds("ForAnyValue:StringLike", with("b1", "a2"), "a*")).isTrue();
        assertThat(holds("ForAnyValue:StringLike", with("b1", "c2"), "a*")).isFalse();
        assertThat(holds("ForAllValues:StringNotEquals", with("a", "b"), "c")).isTrue();
        assertThat(holds("ForAllValues:StringNotEquals", with("a", "c"), "c")).isFalse();
        assertThat(holds("ForAnyValue:StringNotEquals", with("a", "c"), "c")).isTrue();
    }

    @Test
    void policyVariablesStandInStringsAndArns() {
        RequestContext context = RequestContext.builder()
                .put("aws:key", "home/bob/x")
                .put("aws:username", "bob")
                .build();
        assertThat(holds("StringLike", context, "home/${aws:username}/*")).isTrue();
        assertThat(holds("StringLike", context, "home/${aws:userid}/*")).isFalse();
        assertThat(holds("StringEqualsIgnoreCase", context, "HOME/${aws:username}/x"))
                .isTrue();
    }
}
