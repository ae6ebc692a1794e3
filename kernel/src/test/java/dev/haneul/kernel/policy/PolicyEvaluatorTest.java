package dev.haneul.kernel.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Principal.Type;
import dev.haneul.kernel.policy.Decision.Layer;
import dev.haneul.kernel.policy.Decision.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyEvaluatorTest {
    private static final String ME = "111111111111";
    private static final Subject USER =
            new Subject(Type.USER, ME, "arn:aws:iam::111111111111:user/bob", "arn:aws:iam::111111111111:user/bob");
    private static final Subject SESSION = new Subject(
            Type.ASSUMED_ROLE,
            ME,
            "arn:aws:sts::111111111111:assumed-role/r/s",
            "arn:aws:iam::111111111111:role/path/r");
    private static final List<NamedPolicy> ALLOW = identity("Allow", "s3:Get*");
    private static final List<NamedPolicy> DENY = identity("Deny", "s3:*");
    private static final List<NamedPolicy> OTHER = identity("Allow", "ec2:*");

    private static List<NamedPolicy> identity(String effect, String action) {
        return List.of(new NamedPolicy("p", PolicyDocument.parse("""
                        {"Version":"2012-10-17","Statement":{"Effect":"%s","Action":"%s","Resource":"*"}}""".formatted(effect, action), PolicyKind.IDENTITY)));
    }

    private static List<NamedPolicy> resource(String effect, String principal) {
        return List.of(
                new NamedPolicy("r", PolicyDocument.parse("""
                        {"Version":"2012-10-17","Statement":{"Effect":"%s","Action":"s3:GetObject","Principal":%s,
                         "Resource":"arn:aws:s3:::b/*"}}""".formatted(effect, principal), PolicyKind.RESOURCE)));
    }

    private static Decision decide(Subject subject, String owner, PolicySet policies) {
        return PolicyEvaluator.evaluate(
                PolicyRequest.of(subject, "s3:GetObject", "arn:aws:s3:::b/k", owner, RequestContext.EMPTY), policies);
    }

    @Test
    void nothingIsAllowedUntilAPolicyAllowsIt() {
        Decision decision = decide(USER, ME, PolicySet.NONE);
        assertThat(decision.outcome()).isEqualTo(Outcome.IMPLICIT_DENY);
        assertThat(decision.reason("s3:GetObject"))
                .isEqualTo("because no identity-based policy allows the s3:GetObject action");
        assertThat(decide(USER, ME, PolicySet.ofIdentity(ALLOW)).allowed()).isTrue();
        assertThat(decide(USER, ME, PolicySet.ofIdentity(OTHER)).allowed()).isFalse();
    }

    @Test
    void anExplicitDenyWinsAnywhere() {
        PolicySet base = PolicySet.ofIdentity(ALLOW);
        assertThat(decide(USER, ME, PolicySet.ofIdentity(List.of(ALLOW.getFirst(), DENY.getFirst())))
                        .reason("x"))
                .isEqualTo("with an explicit deny in an identity-based policy");
        assertThat(decide(USER, ME, base.withBoundary(DENY)).reason("x"))
                .isEqualTo("with an explicit deny in a permissions boundary");
        assertThat(decide(SESSION, ME, base.withSession(DENY)).reason("x"))
                .isEqualTo("with an explicit deny in a session policy");
        assertThat(decide(USER, ME, base.withResource(resource("Deny", "\"*\""), false))
                        .reason("x"))
                .isEqualTo("with an explicit deny in a resource-based policy");
        PolicySet organization =
                new PolicySet(true, ALLOW, null, null, List.of(ALLOW, DENY), List.of(), List.of(), false);
        assertThat(decide(USER, ME, organization).reason("x"))
                .isEqualTo("with an explicit deny in a service control policy");
    }

    @Test
    void boundariesSessionsAndOrganizationsNarrow() {
        PolicySet base = PolicySet.ofIdentity(ALLOW);
        assertThat(decide(USER, ME, base.withBoundary(OTHER)).layer()).isEqualTo(Layer.BOUNDARY);
        assertThat(decide(USER, ME, base.withBoundary(ALLOW)).allowed()).isTrue();
        assertThat(decide(SESSION, ME, base.withSession(List.of())).layer()).isEqualTo(Layer.SESSION);
        assertThat(decide(SESSION, ME, base.withSession(ALLOW)).allowed()).isTrue();
        PolicySet levels = new PolicySet(false, ALLOW, null, null, List.of(ALLOW, OTHER), List.of(), List.of(), false);
        assertThat(decide(USER, ME, levels).layer()).isEqualTo(Layer.SERVICE_CONTROL);
        PolicySet root = new PolicySet(true, List.of(), null, null, List.of(OTHER), List.of(), List.of(), false);
        assertThat(decide(USER, ME, root).layer()).isEqualTo(Layer.SERVICE_CONTROL);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\u0001', textBlock = """
                    {"AWS":"arn:aws:iam::111111111111:user/bob"}                | true  | false
                    {"AWS":"arn:aws:iam::111111111111:role/path/r"}             | false | true
                    {"AWS":"arn:aws:sts::111111111111:assumed-role/r/s"}        | false | true
                    {"AWS":"111111111111"}                                      | false | false
                    {"AWS":"arn:aws:iam::111111111111:root"}                    | false | false
                    {"AWS":"222222222222"}                                      | false | false
                    "*"                                                         | true  | true
                    {"Service":"s3.amazonaws.com"}                              | false | false
                    """)
    void withinTheAccountAResourcePolicySufficesWhereItNamesTheCaller(String principal, boolean user, boolean session) {
        PolicySet policies = PolicySet.NONE.withResource(resource("Allow", principal), false);
        assertThat(decide(USER, ME, policies).allowed()).isEqualTo(user);
        assertThat(decide(SESSION, ME, policies).allowed()).isEqualTo(session);
    }

    @Test
    void aGrantToTheRoleIsBoundedByTheSessionButAGrantToTheSessionIsNot() {
        PolicySet bounded = PolicySet.NONE.withSession(OTHER).withBoundary(OTHER);
        List<NamedPolicy> role = resource("Allow", "{\"AWS\":\"arn:aws:iam::111111111111:role/path/r\"}");
        List<NamedPolicy> session = resource("Allow", "{\"AWS\":\"arn:aws:sts::111111111111:assumed-role/r/s\"}");
        assertThat(decide(SESSION, ME, bounded.withResource(role, false)).layer())
                .isEqualTo(Layer.BOUNDARY);
        assertThat(decide(SESSION, ME, bounded.withResource(session, false)).allowed())
                .isTrue();
    }

    @Test
    void acrossAccountsBothSidesMustAllow() {
        List<NamedPolicy> grant = resource("Allow", "{\"AWS\":\"111111111111\"}");
        String other = "222222222222";
        assertThat(decide(USER, other, PolicySet.ofIdentity(ALLOW)).reason("a"))
                .isEqualTo("because no resource-based policy allows the a action");
        assertThat(decide(USER, other, PolicySet.NONE.withResource(grant, false))
                        .reason("a"))
                .isEqualTo("because no identity-based policy allows the a action");
        assertThat(decide(USER, other, PolicySet.ofIdentity(ALLOW).withResource(grant, false))
                        .allowed())
                .isTrue();
        List<NamedPolicy> direct = resource("Allow", "{\"AWS\":\"arn:aws:iam::111111111111:user/bob\"}");
        assertThat(decide(USER, other, PolicySet.NONE.withResource(direct, false))
                        .allowed())
                .isFalse();
        PolicySet root = PolicySet.ROOT;
        assertThat(decide(USER, other, root).allowed()).isFalse();
    }

    @Test
    void theAnonymousAndServicesHaveOnlyTheResourcePolicy() {
        Subject s3 = new Subject(Type.SERVICE, "", "s3.amazonaws.com", "s3.amazonaws.com");
        List<NamedPolicy> everyone = resource("Allow", "{\"AWS\":\"*\"}");
        List<NamedPolicy> service = resource("Allow", "{\"Service\":\"s3.amazonaws.com\"}");
        assertThat(decide(Subject.ANONYMOUS, ME, PolicySet.NONE).allowed()).isFalse();
        assertThat(decide(Subject.ANONYMOUS, ME, PolicySet.NONE.withResource(everyone, false))
                        .allowed())
                .isTrue();
        assertThat(decide(s3, ME, PolicySet.NONE.withResource(service, false)).allowed())
                .isTrue();
        assertThat(decide(Subject.ANONYMOUS, ME, PolicySet.NONE.withResource(service, false))
                        .allowed())
                .isFalse();
    }

    @Test
    void someResourcesOpenOnlyByTheirOwnPolicy() {
        PolicySet trust = PolicySet.ofIdentity(ALLOW).withResource(List.of(), true);
        assertThat(decide(USER, ME, trust).layer()).isEqualTo(Layer.RESOURCE);
        List<NamedPolicy> account = resource("Allow", "{\"AWS\":\"111111111111\"}");
        assertThat(decide(USER, ME, PolicySet.ofIdentity(ALLOW).withResource(account, true))
                        .allowed())
                .isTrue();
        assertThat(decide(USER, ME, PolicySet.NONE.withResource(account, true)).allowed())
                .isFalse();
    }

    @Test
    void notPrincipalDeniesEveryoneElse() {
        List<NamedPolicy> deny = List.of(new NamedPolicy("r", PolicyDocument.parse("""
                        {"Statement":{"Effect":"Deny","Action":"*","Resource":"*",
                         "NotPrincipal":{"AWS":"arn:aws:iam::111111111111:user/bob"}}}""", PolicyKind.RESOURCE)));
        PolicySet policies = PolicySet.ofIdentity(ALLOW).withResource(deny, false);
        assertThat(decide(USER, ME, policies).allowed()).isTrue();
        assertThat(decide(SESSION, ME, policies).outcome()).isEqualTo(Outcome.EXPLICIT_DENY);
    }
}
