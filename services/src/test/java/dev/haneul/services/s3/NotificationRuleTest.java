package dev.haneul.services.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.FilterRule;
import dev.haneul.api.s3.LambdaFunctionConfiguration;
import dev.haneul.api.s3.NotificationConfiguration;
import dev.haneul.api.s3.NotificationConfigurationFilter;
import dev.haneul.api.s3.S3KeyFilter;
import dev.haneul.services.s3.NotificationRule.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class NotificationRuleTest {
    private static final String ARN = "arn:aws:lambda:us-east-1:000000000000:function:f";

    private static NotificationRule rule(String event, String prefix, String suffix) {
        return new NotificationRule("id", Kind.FUNCTION, ARN, Set.of(event), prefix, suffix);
    }

    @Provide
    Arbitrary<String> words() {
        return Arbitraries.strings().withChars("ab/.").ofMaxLength(4);
    }

    @Provide
    Arbitrary<String> types() {
        return Arbitraries.of(
                "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectRemoved:*", "s3:ObjectCreated:Post");
    }

    @Property(seed = "2026")
    void rulesThatBothWantSomethingOverlap(
            @ForAll("types") String event1,
            @ForAll("types") String event2,
            @ForAll("words") String prefix1,
            @ForAll("words") String prefix2,
            @ForAll("words") String suffix1,
            @ForAll("words") String suffix2,
            @ForAll("words") String key) {
        NotificationRule first = rule(event1, prefix1, suffix1);
        NotificationRule second = rule(event2, prefix2, suffix2);
        for (String happened : List.of("ObjectCreated:Put", "ObjectCreated:Post", "ObjectRemoved:Delete")) {
            if (first.wants(happened, key) && second.wants(happened, key)) {
                assertThat(first.overlaps(second)).isTrue();
                assertThat(second.overlaps(first)).isTrue();
            }
        }
    }

    @Test
    void aWildcardTakesItsKindOnly() {
        NotificationRule rule = rule("s3:ObjectCreated:*", "in/", ".jpg");
        assertThat(rule.wants("ObjectCreated:CompleteMultipartUpload", "in/a.jpg"))
                .isTrue();
        assertThat(rule.wants("ObjectRemoved:Delete", "in/a.jpg")).isFalse();
        assertThat(rule.wants("ObjectCreated:Put", "out/a.jpg")).isFalse();
        assertThat(rule.wants("ObjectCreated:Put", "in/a.png")).isFalse();
    }

    @Test
    void filtersMayBeWrittenUrlEncoded() {
        assertThat(rule("s3:ObjectCreated:*", "my+folder/", "").wants("ObjectCreated:Put", "my folder/x"))
                .isTrue();
        assertThat(rule("s3:ObjectCreated:*", "my folder/", "").wants("ObjectCreated:Put", "my folder/x"))
                .isTrue();
        assertThat(rule("s3:ObjectCreated:*", "", "%28a%29").wants("ObjectCreated:Put", "x(a)"))
                .isTrue();
    }

    private static LambdaFunctionConfiguration function(String id, List<String> events, FilterRule... filter) {
        LambdaFunctionConfiguration function =
                new LambdaFunctionConfiguration().id(id).lambdaFunctionArn(ARN).events(events);
        return filter.length == 0
                ? function
                : function.filter(new NotificationConfigurationFilter()
                        .key(new S3KeyFilter().filterRules(Arrays.asList(filter))));
    }

    private static FilterRule filter(String name, String value) {
        return new FilterRule().name(name).value(value);
    }

    private static void refused(String message, LambdaFunctionConfiguration... functions) {
        NotificationConfiguration configuration =
                new NotificationConfiguration().lambdaFunctionConfigurations(Arrays.asList(functions));
        assertThatThrownBy(() -> Notifications.rules(configuration)).isInstanceOfSatisfying(Fault.class, fault -> {
            assertThat(fault.status()).isEqualTo(400);
            assertThat(fault.message()).contains(message);
        });
    }

    @Test
    void contradictionsAreRefusedInAwsWords() {
        List<String> created = List.of("s3:ObjectCreated:*");
        List<String> put = List.of("s3:ObjectCreated:Put");
        refused("Configurations overlap", function("1", created), function("2", put));
        refused(
                "Configuration is ambiguously defined",
                function("1", created, filter("prefix", "a"), filter("suffix", ".jpg")),
                function("2", put, filter("Prefix", "ab")));
        refused("IDs must be unique", function("1", created), function("1", List.of("s3:ObjectRemoved:*")));
        refused("not supported", function("1", List.of("s3:ObjectExploded")));
        refused("either prefix or suffix", function("1", created, filter("infix", "a")));
        refused("more than one prefix rule", function("1", created, filter("prefix", "a"), filter("Prefix", "b")));
        refused("1024", function("1", created, filter("prefix", "a".repeat(1025))));
        refused("XML", function("1", List.of()));
    }

    @Test
    void disjointRulesStandSideBySideAndGetIds() {
        List<NotificationRule> rules = Notifications.rules(new NotificationConfiguration()
                .lambdaFunctionConfigurations(List.of(
                        function("1", List.of("s3:ObjectCreated:*"), filter("suffix", ".jpg")),
                        new LambdaFunctionConfiguration()
                                .lambdaFunctionArn(ARN)
                                .events(List.of("s3:ObjectCreated:*"))
                                .filter(new NotificationConfigurationFilter()
                                        .key(new S3KeyFilter().filterRules(List.of(filter("Suffix", ".png"))))))));
        assertThat(rules).hasSize(2);
        assertThat(rules.get(1).id()).isNotEmpty();
        assertThat(NotificationRule.wanting(rules, "ObjectCreated:Put", "x.png"))
                .containsExactly(rules.get(1));
    }
}
