package dev.haneul.services.iam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import org.junit.jupiter.api.Test;

class AwsManagedPoliciesTest {
    private final AwsManagedPolicies policies = new AwsManagedPolicies();

    @Test
    void everyShippedPolicyParsesAndIsFoundByItsArn() {
        assertThat(policies.all().keySet()).hasSizeGreaterThan(250);
        policies.all().values().forEach(policy -> {
            assertThat(PolicyDocument.parse(policy.document(), PolicyKind.IDENTITY)
                            .statements())
                    .as(policy.name())
                    .isNotEmpty();
            assertThat(policies.find(policy.arn())).contains(policy);
            assertThat(policy.id()).matches("ANPA[A-Z2-7]{17}").isEqualTo(policy.id());
        });
    }

    @Test
    void everyServiceLinkedRolesPolicyIsShipped() {
        ServiceLinkedRoleOperations.SERVICES
                .values()
                .forEach(linked -> assertThat(policies.all()).as(linked.role()).containsKey(linked.policy()));
    }

    @Test
    void aWrongPathOrNameFindsNothing() {
        assertThat(policies.find("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"))
                .isEmpty();
        assertThat(policies.find("arn:aws:iam::aws:policy/Nonesuch")).isEmpty();
        assertThat(policies.find("AdministratorAccess")).isEmpty();
    }
}
