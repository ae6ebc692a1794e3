package dev.haneul.kernel.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyDocumentTest {
    @Test
    void readsOneStatementOrManyStringsOrLists() {
        PolicyDocument one = PolicyDocument.parse("""
                {"Version":"2012-10-17","Id":"x","Statement":{"Sid":"A","Effect":"Allow","Action":"s3:*","Resource":"*"}}""", PolicyKind.IDENTITY);
        PolicyDocument many = PolicyDocument.parse("""
                {"Statement":[{"Effect":"Deny","NotAction":["s3:Get*","ec2:*"],"NotResource":["arn:aws:s3:::a","*"],
                 "Condition":{"Bool":{"aws:SecureTransport":false},"NumericLessThan":{"s3:max-keys":[10,2.5]}}}]}""", PolicyKind.IDENTITY);
        assertThat(one.version()).isEqualTo("2012-10-17");
        assertThat(one.id()).isEqualTo("x");
        assertThat(one.statements()).singleElement().satisfies(statement -> {
            assertThat(statement.sid()).isEqualTo("A");
            assertThat(statement.allow()).isTrue();
        });
        assertThat(many.version()).isEqualTo("2008-10-17");
        assertThat(many.statements().getFirst().actions().negated()).isTrue();
        assertThat(many.statements().getFirst().conditions()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\u0001', textBlock = """
                    {                                                                          | Syntax errors in policy.
                    []                                                                         | Syntax errors in policy.
                    {"Statement":[]}                                                           | Statement is empty!
                    {"Version":"2012-10-17"}                                                   | Missing required field Statement
                    {"Version":"2013-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}} | Policy document must be version 2012-10-17 or greater.
                    {"Statement":{"Effect":"Allow","Action":"*","Resource":"*"},"Statement":[]} | Duplicate Object property "Statement"
                    {"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}} x             | Syntax errors in policy.
                    {"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Colour":"red"}} | Unknown field Colour
                    {"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}               | Invalid effect: allow
                    {"Statement":{"Action":"*","Resource":"*"}}                                | Missing required field Effect
                    {"Statement":{"Effect":"Allow","Resource":"*"}}                            | Policy statement must contain actions.
                    {"Statement":{"Effect":"Allow","Action":[],"Resource":"*"}}                | Policy statement must contain actions.
                    {"Statement":{"Effect":"Allow","Action":"*"}}                              | Policy statement must contain resources.
                    {"Statement":{"Effect":"Allow","Action":"GetObject","Resource":"*"}}       | must be prefaced by a vendor
                    {"Statement":{"Effect":"Allow","Action":"s3:Get:Object","Resource":"*"}}   | can contain only one colon
                    {"Statement":{"Effect":"Allow","Action":"s*:GetObject","Resource":"*"}}    | Vendor s* is not valid
                    {"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}}       | Resource bucket must be in ARN format or "*".
                    {"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:nowhere:s3:::b"}} | Partition "nowhere" is not valid for resource "arn:nowhere:s3:::b".
                    {"Statement":{"Effect":"Allow","Action":"s3:*","NotAction":"s3:*","Resource":"*"}} | both Action and NotAction
                    {"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"*"}} | Policy document should not specify a principal.
                    {"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringIs":{"aws:a":"b"}}}} | Invalid Condition type : StringIs
                    {"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"aws:a":{}}}}} | must hold strings
                    {"Statement":{"Sid":"a b","Effect":"Allow","Action":"s3:*","Resource":"*"}} | Statement IDs (SID) must be alpha-numeric.
                    {"Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"},{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"}]} | Statement IDs (SID) in a single policy must be unique.
                    """)
    void refusesIdentityPoliciesNamingTheFault(String json, String message) {
        assertThatExceptionOfType(MalformedPolicyException.class)
                .isThrownBy(() -> PolicyDocument.parse(json, PolicyKind.IDENTITY))
                .withMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\u0001', textBlock = """
                    not json                                                                    | This policy contains invalid Json
                    {"Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}                  | Missing required field Principal
                    {"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Resource":"*"}} | Has prohibited field Resource
                    {"Statement":{"Effect":"Allow","Action":"s3:Get","Principal":"*"}}          | AssumeRole policy may only specify STS AssumeRole actions.
                    {"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"bob"}}} | Invalid principal in policy: "AWS":"bob"
                    {"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda"}}} | Invalid principal in policy: "SERVICE":"lambda"
                    {"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{}}}    | Invalid principal in policy
                    """)
    void refusesTrustPoliciesNamingTheFault(String json, String message) {
        assertThatExceptionOfType(MalformedPolicyException.class)
                .isThrownBy(() -> PolicyDocument.parse(json, PolicyKind.TRUST))
                .withMessageContaining(message);
    }

    @Test
    void aResourcePolicyNeedsPrincipalAndResource() {
        assertThatExceptionOfType(MalformedPolicyException.class)
                .isThrownBy(() -> PolicyDocument.parse("""
                        {"Statement":{"Effect":"Allow","Action":"s3:*","Principal":"*"}}""", PolicyKind.RESOURCE))
                .withMessage("Missing required field Resource");
        assertThatExceptionOfType(MalformedPolicyException.class)
                .isThrownBy(() -> PolicyDocument.parse("nope", PolicyKind.RESOURCE))
                .withMessage("Policies must be valid JSON and the first byte must be '{'");
    }

    @Test
    void hostileNestingAndLengthAreRefusedNotSuffered() {
        String deep = "{\"Statement\":" + "[".repeat(100_000);
        assertThatExceptionOfType(MalformedPolicyException.class)
                .isThrownBy(() -> PolicyDocument.parse(deep, PolicyKind.IDENTITY));
        String stars = "*a".repeat(2_000);
        Glob pattern = Glob.compile(stars, true, false);
        assertThat(pattern.matches("a".repeat(4_000) + "b", RequestContext.EMPTY))
                .isFalse();
    }
}
