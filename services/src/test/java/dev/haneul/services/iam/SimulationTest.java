package dev.haneul.services.iam;

import static dev.haneul.services.iam.IamRig.ACCOUNT;
import static dev.haneul.services.iam.IamRig.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.haneul.api.iam.ContextEntry;
import dev.haneul.api.iam.EvaluationResult;
import dev.haneul.api.iam.GetContextKeysForCustomPolicyRequest;
import dev.haneul.api.iam.PutUserPolicyRequest;
import dev.haneul.api.iam.SimulateCustomPolicyRequest;
import dev.haneul.api.iam.SimulatePolicyResponse;
import dev.haneul.api.iam.SimulatePrincipalPolicyRequest;
import dev.haneul.api.iam.Statement;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.DeleteObjectRequest;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Api;
import dev.haneul.api.s3.S3Client;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private final IamRig rig = new IamRig().with(new S3Api() {});

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
        assertThat(without.missingContextValues()).containsExactly("aws:sourceip");
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
                .containsExactly("aws:sourceip");
    }

    /** Over many made-up policies, the simulator says of a user what enforcement then does. */
    @Test
    void agreesWithEnforcement() {
        S3Client s3 = new S3Client(rig.dispatcher);
        Call bob = rig.user("bob", "");
        Random random = new Random(20261123);
        List<String> actions = List.of("s3:*", "s3:Get*", "s3:PutObject", "s3:DeleteObject", "*", "ec2:*");
        List<String> resources = List.of("*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::c/*");
        for (int round = 0; round < 60; round++) {
            for (String name : List.of("p", "q")) {
                String document = policy(
                        random.nextInt(3) == 0 ? "Deny" : "Allow",
                        actions.get(random.nextInt(actions.size())),
                        resources.get(random.nextInt(resources.size())));
                rig.iam.putUserPolicy(
                        new PutUserPolicyRequest()
                                .userName("bob")
                                .policyName(name)
                                .policyDocument(document),
                        rig.root());
            }
            List<String> simulated = rig
                    .iam
                    .simulatePrincipalPolicy(
                            new SimulatePrincipalPolicyRequest()
                                    .policySourceArn("arn:aws:iam::" + ACCOUNT + ":user/bob")
                                    .actionNames(List.of("s3:GetObject", "s3:PutObject", "s3:DeleteObject"))
                                    .resourceArns(List.of("arn:aws:s3:::b/k")),
                            rig.root())
                    .evaluationResults()
                    .stream()
                    .map(EvaluationResult::evalDecision)
                    .toList();
            List<String> enforced = List.of(
                    told(() -> s3.getObject(new GetObjectRequest().bucket("b").key("k"), bob)),
                    told(() -> s3.putObject(new PutObjectRequest().bucket("b").key("k"), bob)),
                    told(() -> s3.deleteObject(
                            new DeleteObjectRequest().bucket("b").key("k"), bob)));
            assertThat(simulated).isEqualTo(enforced);
        }
    }

    private static String told(Runnable call) {
        Throwable thrown = catchThrowable(call::run);
        Fault fault = (Fault) thrown;
        return fault.code().equals("NotImplemented")
                ? "allowed"
                : fault.message().contains("explicit deny") ? "explicitDeny" : "implicitDeny";
    }
}
