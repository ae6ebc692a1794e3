package dev.haneul.services.iam;

import static dev.haneul.services.iam.IamRig.ACCOUNT;
import static dev.haneul.services.iam.IamRig.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.iam.ContextEntry;
import dev.haneul.api.iam.EvaluationResult;
import dev.haneul.api.iam.GetContextKeysForCustomPolicyRequest;
import dev.haneul.api.iam.Position;
import dev.haneul.api.iam.ResourceSpecificResult;
import dev.haneul.api.iam.SimulateCustomPolicyRequest;
import dev.haneul.api.iam.SimulatePolicyResponse;
import dev.haneul.api.iam.SimulatePrincipalPolicyRequest;
import dev.haneul.api.iam.Statement;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.call.AccountRules;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private final IamRig rig = new IamRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void tellsWhatAPolicyWouldAllowAndWhy() {
        SimulatePolicyResponse answer = rig.iam.simulateCustomPolicy(
                new SimulateCustomPolicyRequest()
                        .policyInputList(List.of(
                                policy("Allow", "s3:*", "arn:aws:s3:::b/*"), policy("Deny", "s3:DeleteObject", "*")))
                        .actionNames(List.of("s3:GetObject", "s3:DeleteObject", "ec2:RunInstances"))
                        .resourceArns(List.of("arn:aws:s3:::b/k")),
                rig.root());
        assertThat(answer.evaluationResults())
                .extracting(EvaluationResult::evalDecision)
                .containsExactly("allowed", "explicitDeny", "implicitDeny");
        assertThat(answer.evaluationResults().get(1).matchedStatements())
                .extracting(Statement::sourcePolicyId)
                .containsExactly("PolicyInputList.2");
    }

    @Test
    void namesTheContextItMisses() {
        String conditional = """
                {"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*",
                 "Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}""";
        SimulateCustomPolicyRequest ask = new SimulateCustomPolicyRequest()
                .policyInputList(List.of(conditional))
                .actionNames(List.of("s3:GetObject"));
        EvaluationResult without = rig.iam
                .simulateCustomPolicy(ask, rig.root())
                .evaluationResults()
                .getFirst();
        assertThat(without.evalDecision()).isEqualTo("implicitDeny");
        assertThat(without.missingContextValues()).containsExactly("aws:SourceIp");
        EvaluationResult with = rig.iam
                .simulateCustomPolicy(
                        ask.contextEntries(List.of(new ContextEntry()
                                .contextKeyName("aws:SourceIp")
                                .contextKeyType("ip")
                                .contextKeyValues(List.of("10.1.1.1")))),
                        rig.root())
                .evaluationResults()
                .getFirst();
        assertThat(with.evalDecision()).isEqualTo("allowed");
        assertThat(rig.iam
                        .getContextKeysForCustomPolicy(
                                new GetContextKeysForCustomPolicyRequest().policyInputList(List.of(conditional)),
                                rig.root())
                        .contextKeyNames())
                .containsExactly("aws:SourceIp");
    }

    @Test
    void contextKeysAreToldAsTheyAreWrittenVariablesToo() {
        String document = "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"dynamodb:*\","
                + "\"Resource\":\"arn:aws:dynamodb:us-west-2:123456789012:table/${aws:username}${*}\","
                + "\"Condition\":{\"DateGreaterThan\":{\"aws:CurrentTime\":\"2015-08-16T12:00:00Z\"}}}}";
        assertThat(rig.iam
                        .getContextKeysForCustomPolicy(
                                new GetContextKeysForCustomPolicyRequest().policyInputList(List.of(document, document)),
                                rig.root())
                        .contextKeyNames())
                .containsExactly("aws:username", "aws:CurrentTime");
    }

    /** The example of the AWS CLI's own documentation. */
    @Test
    void tellsWhereTheStatementStands() {
        String document = "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"dynamodb:*\","
                + "\"Resource\":\"*\",\"Condition\":{\"DateGreaterThan\":{\"aws:CurrentTime\":\"2018-08-16T12:00:00Z\"}}}}";
        Statement matched = rig.iam
                .simulateCustomPolicy(
                        new SimulateCustomPolicyRequest()
                                .policyInputList(List.of(document))
                                .actionNames(List.of("dynamodb:CreateBackup"))
                                .contextEntries(List.of(new ContextEntry()
                                        .contextKeyName("aws:CurrentTime")
                                        .contextKeyType("date")
                                        .contextKeyValues(List.of("2019-04-25T11:00:00Z")))),
                        rig.root())
                .evaluationResults()
                .getFirst()
                .matchedStatements()
                .getFirst();
        assertThat(matched.startPosition()).isEqualTo(new Position().line(1).column(38));
        assertThat(matched.endPosition()).isEqualTo(new Position().line(1).column(167));
    }

    @Test
    void ofANamedResourceEverythingStandsWithTheResource() {
        String conditional = """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*",
                 "Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}""";
        EvaluationResult result = rig.iam
                .simulateCustomPolicy(
                        new SimulateCustomPolicyRequest()
                                .policyInputList(List.of(conditional))
                                .permissionsBoundaryPolicyInputList(List.of(policy("Allow", "ec2:*", "*")))
                                .actionNames(List.of("s3:GetObject"))
                                .resourceArns(List.of("arn:aws:s3:::b/k")),
                        rig.root())
                .evaluationResults()
                .getFirst();
        assertThat(result.missingContextValues()).isEmpty();
        ResourceSpecificResult own = result.resourceSpecificResults().getFirst();
        assertThat(own.evalResourceName()).isEqualTo("arn:aws:s3:::b/k");
        assertThat(own.evalResourceDecision()).isEqualTo("implicitDeny");
        assertThat(own.missingContextValues()).containsExactly("aws:SourceIp");
        assertThat(own.permissionsBoundaryDecisionDetail().allowedByPermissionsBoundary())
                .isFalse();
    }

    @Test
    void acrossAccountsEachSideIsToldAndAnOrganisationToo() {
        rig.user("bob", policy("Allow", "s3:*", "*"));
        String shared = """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"%s"},"Action":"s3:PutObject",
                 "Resource":"*"}]}""".formatted(ACCOUNT);
        SimulatePrincipalPolicyRequest ask = new SimulatePrincipalPolicyRequest()
                .policySourceArn("arn:aws:iam::" + ACCOUNT + ":user/bob")
                .actionNames(List.of("s3:GetObject"))
                .resourceArns(List.of("arn:aws:s3:::b/k"))
                .resourcePolicy(shared)
                .resourceOwner("arn:aws:iam::" + IamRig.OTHER + ":root");
        EvaluationResult abroad = rig.iam
                .simulatePrincipalPolicy(ask, rig.root())
                .evaluationResults()
                .getFirst();
        assertThat(abroad.evalDecision()).isEqualTo("implicitDeny");
        assertThat(abroad.evalDecisionDetails())
                .containsEntry("IAM Policy", "allowed")
                .containsEntry("Resource Policy", "implicitDeny");
        assertThat(abroad.organizationsDecisionDetail()).isNull();
        rig.accounts.organizations(account -> Optional.of(new AccountRules.Membership(
                "o-1",
                "o-1/r-1/",
                "999999999999",
                List.of(List.of(new AccountRules.Control("p-1", policy("Allow", "iam:*", "*")))),
                List.of())));
        EvaluationResult bound = rig.iam
                .simulatePrincipalPolicy(ask.resourceOwner(null), rig.root())
                .evaluationResults()
                .getFirst();
        assertThat(bound.evalDecision()).isEqualTo("implicitDeny");
        assertThat(bound.organizationsDecisionDetail().allowedByOrganizations()).isFalse();
    }

    @Test
    void refusesActionsAndCallersThatAreNone() {
        SimulateCustomPolicyRequest ask = new SimulateCustomPolicyRequest()
                .policyInputList(List.of(policy("Allow", "*", "*")))
                .actionNames(List.of("s3:*"));
        assertThatThrownBy(() -> rig.iam.simulateCustomPolicy(ask, rig.root()))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("InvalidInput"));
        ask.actionNames(List.of("s3:GetObject")).callerArn("arn:aws:iam::" + ACCOUNT + ":role/r");
        assertThatThrownBy(() -> rig.iam.simulateCustomPolicy(ask, rig.root())).hasMessageContaining("caller ARN");
    }
}
