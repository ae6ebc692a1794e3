package dev.haneul.kernel.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Principal.Type;
import dev.haneul.kernel.policy.Decision.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PolicyEvaluatorPropertyTest {
    private static final Subject USER = new Subject(
            Type.USER, "1".repeat(12), "arn:aws:iam::111111111111:user/u", "arn:aws:iam::111111111111:user/u");

    private record Rule(boolean allow, String action, boolean notAction, String resource, String ip) {
        String json() {
            return """
                    {"Effect":"%s","%s":"%s","Resource":"%s","Condition":{"IpAddress":{"aws:SourceIp":"%s"}}}""".formatted(allow ? "Allow" : "Deny", notAction ? "NotAction" : "Action", action, resource, ip);
        }

        /** Judged the plainest way, for the three requests used here. */
        boolean fits(String asked, String arn) {
            boolean act = action.equals("*")
                    || action.equalsIgnoreCase(asked)
                    || (action.endsWith("*") && asked.regionMatches(true, 0, action, 0, action.length() - 1));
            boolean res = resource.equals("*")
                    || resource.equals(arn)
                    || (resource.endsWith("*") && arn.startsWith(resource.substring(0, resource.length() - 1)));
            return act != notAction && res && ip.startsWith("10.");
        }
    }

    @Provide
    Arbitrary<List<Rule>> rules() {
        Arbitrary<Rule> rule = Combinators.combine(
                        Arbitraries.of(true, true, false),
                        Arbitraries.of("s3:*", "s3:GetObject", "S3:getobject", "s3:Put*", "ec2:*", "*"),
                        Arbitraries.of(false, false, false, true),
                        Arbitraries.of("*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::c/*"),
                        Arbitraries.of("10.0.0.0/8", "10.0.0.0/8", "192.168.0.0/16"))
                .as(Rule::new);
        return rule.list().ofMaxSize(6);
    }

    private static List<NamedPolicy> policies(List<Rule> rules) {
        List<NamedPolicy> out = new ArrayList<>();
        for (Rule rule : rules) {
            String json = "{\"Version\":\"2012-10-17\",\"Statement\":[" + rule.json() + "]}";
            out.add(new NamedPolicy("p", PolicyDocument.parse(json, PolicyKind.IDENTITY)));
        }
        return out;
    }

    private static Outcome decide(PolicySet policies, String action, String arn) {
        RequestContext context =
                RequestContext.builder().put("aws:SourceIp", "10.9.8.7").build();
        return PolicyEvaluator.evaluate(PolicyRequest.of(USER, action, arn, USER.account(), context), policies)
                .outcome();
    }

    @Provide
    Arbitrary<String> asked() {
        return Arbitraries.of("s3:GetObject", "s3:PutObject", "ec2:RunInstances");
    }

    @Property(tries = 2000, seed = "20261123")
    void agreesWithThePlainestReading(@ForAll("rules") List<Rule> rules, @ForAll("asked") String action) {
        String arn = "arn:aws:s3:::b/k";
        boolean denied = rules.stream().anyMatch(rule -> !rule.allow() && rule.fits(action, arn));
        boolean allowed = rules.stream().anyMatch(rule -> rule.allow() && rule.fits(action, arn));
        Outcome expected = denied ? Outcome.EXPLICIT_DENY : allowed ? Outcome.ALLOWED : Outcome.IMPLICIT_DENY;
        assertThat(decide(PolicySet.ofIdentity(policies(rules)), action, arn)).isEqualTo(expected);
    }

    @Property(tries = 500, seed = "20261123")
    void orderDoesNotMatter(@ForAll("rules") List<Rule> rules, @ForAll("asked") String action, @ForAll long seed) {
        List<NamedPolicy> mixed = policies(rules);
        Outcome before = decide(PolicySet.ofIdentity(List.copyOf(mixed)), action, "arn:aws:s3:::b/k");
        Collections.shuffle(mixed, new Random(seed));
        assertThat(decide(PolicySet.ofIdentity(mixed), action, "arn:aws:s3:::b/k"))
                .isEqualTo(before);
    }

    @Property(tries = 500, seed = "20261123")
    void boundariesAndSessionPoliciesOnlyEverNarrow(
            @ForAll("rules") List<Rule> own, @ForAll("rules") List<Rule> bound, @ForAll("asked") String action) {
        PolicySet base = PolicySet.ofIdentity(policies(own));
        String arn = "arn:aws:s3:::b/k";
        boolean free = decide(base, action, arn) == Outcome.ALLOWED;
        boolean alone = decide(PolicySet.ofIdentity(policies(bound)), action, arn) == Outcome.ALLOWED;
        assertThat(decide(base.withBoundary(policies(bound)), action, arn) == Outcome.ALLOWED)
                .isEqualTo(free && alone);
        assertThat(decide(base.withSession(policies(bound)), action, arn) == Outcome.ALLOWED)
                .isEqualTo(free && alone);
    }
}
