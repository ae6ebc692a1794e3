package dev.haneul.services.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Fault;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostPolicyTest {
    private static final Instant BEFORE = Instant.parse("2026-01-01T11:59:59Z");
    private static final String POLICY = """
            {"expiration": "2026-01-01T12:00:00.000Z",
             "conditions": [
               {"bucket": "photos"},
               ["starts-with", "$key", "user/eric/"],
               ["eq", "$acl", "private"],
               ["starts-with", "$Content-Type", "image/"],
               {"x-amz-meta-uuid": "14365123651274"},
               ["starts-with", "$x-amz-meta-tag", ""],
               ["content-length-range", 1, 1048576]
             ]}""";

    private static Map<String, String> fields() {
        Map<String, String> fields = new HashMap<>();
        fields.put("bucket", "photos");
        fields.put("key", "user/eric/a.jpg");
        fields.put("acl", "private");
        fields.put("content-type", "image/jpeg");
        fields.put("x-amz-meta-uuid", "14365123651274");
        fields.put("x-amz-meta-tag", "anything");
        fields.put("policy", "…");
        fields.put("x-amz-signature", "…");
        fields.put("x-ignore-me", "…");
        return fields;
    }

    private static void denied(Map<String, String> fields, Instant now, String message) {
        assertThatThrownBy(() -> PostPolicy.parse(POLICY).check(fields, now))
                .isInstanceOfSatisfying(Fault.class, fault -> {
                    assertThat(fault.code()).isEqualTo("AccessDenied");
                    assertThat(fault.status()).isEqualTo(403);
                    assertThat(fault.message()).isEqualTo("Invalid according to Policy: " + message);
                });
    }

    @Test
    void aFormThatFitsPasses() {
        PostPolicy policy = PostPolicy.parse(POLICY);
        policy.check(fields(), BEFORE);
        assertThat(policy.length()).isEqualTo(new PostPolicy.Condition.Length(1, 1048576));
    }

    @Test
    void itExpiresOnTheSecond() {
        denied(fields(), BEFORE.plusSeconds(1), "Policy expired.");
    }

    @Test
    void anExactConditionMustBeMetExactly() {
        Map<String, String> fields = fields();
        fields.put("x-amz-meta-uuid", "1");
        denied(fields, BEFORE, "Policy Condition failed: [\"eq\", \"$x-amz-meta-uuid\", \"14365123651274\"]");
        fields.remove("x-amz-meta-uuid");
        denied(fields, BEFORE, "Policy Condition failed: [\"eq\", \"$x-amz-meta-uuid\", \"14365123651274\"]");
    }

    @Test
    void aPrefixConditionMustBeMet() {
        Map<String, String> fields = fields();
        fields.put("key", "user/erica");
        denied(fields, BEFORE, "Policy Condition failed: [\"starts-with\", \"$key\", \"user/eric/\"]");
    }

    @Test
    void eachOfSeveralContentTypesMustBeMet() {
        Map<String, String> fields = fields();
        fields.put("content-type", "image/jpeg, image/png");
        PostPolicy.parse(POLICY).check(fields, BEFORE);
        fields.put("content-type", "image/jpeg, text/html");
        denied(fields, BEFORE, "Policy Condition failed: [\"starts-with\", \"$content-type\", \"image/\"]");
    }

    @Test
    void whatNoConditionNamesIsRefused() {
        Map<String, String> fields = fields();
        fields.put("success_action_status", "201");
        denied(fields, BEFORE, "Extra input fields: success_action_status");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"expiration\": \"2026-01-01T12:00:00Z\"}",
                "{\"conditions\": []}",
                "{\"expiration\": \"tomorrow\", \"conditions\": []}",
                "{\"expiration\": \"2026-01-01T12:00:00Z\", \"conditions\": [[\"like\", \"$a\", \"b\"]]}",
                "{\"expiration\": \"2026-01-01T12:00:00Z\", \"conditions\": [[\"eq\", \"a\", \"b\"]]}",
                "{\"expiration\": \"2026-01-01T12:00:00Z\", \"conditions\": [[\"eq\", \"$a\"]]}",
                "{\"expiration\": \"2026-01-01T12:00:00Z\", \"conditions\": [{\"a\": \"b\", \"c\": \"d\"}]}",
                "{\"expiration\": \"2026-01-01T12:00:00Z\", \"conditions\": [{\"a\": [1]}]}",
                "{\"expiration\": \"2026-01-01T12:00:00Z\", \"conditions\": [[\"content-length-range\", \"x\", 1]]}",
                "{\"expiration\": \"2026-01-01T12:00:00Z\", \"conditions\": []",
                "{\"other\": 1, \"expiration\": \"2026-01-01T12:00:00Z\", \"conditions\": []}"
            })
    void whatIsNoPolicyIsRefused(String json) {
        assertThatThrownBy(() -> PostPolicy.parse(json))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("InvalidPolicyDocument"));
    }
}
