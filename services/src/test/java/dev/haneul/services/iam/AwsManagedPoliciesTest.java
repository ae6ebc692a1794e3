package dev.haneul.services.iam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import java.util.List;
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

    /** As of mid 2026. */
    @Test
    void pathsAndVersionsAreAws() {
        assertThat(List.of(
                        "AdministratorAccess v1",
                        "PowerUserAccess v12",
                        "ReadOnlyAccess v182",
                        "SecurityAudit v86",
                        "job-function/Billing v28",
                        "job-function/ViewOnlyAccess v45",
                        "service-role/AWSLambdaBasicExecutionRole v1",
                        "service-role/AWSLambdaVPCAccessExecutionRole v3",
                        "service-role/AmazonECSTaskExecutionRolePolicy v1",
                        "service-role/AmazonEC2ContainerServiceforEC2Role v10",
                        "aws-service-role/AmazonECSServiceRolePolicy v24",
                        "aws-service-role/AutoScalingServiceRolePolicy v10"))
                .allSatisfy(each -> {
                    String[] parts = each.split(" ");
                    assertThat(policies.find("arn:aws:iam::aws:policy/" + parts[0]))
                            .hasValueSatisfying(
                                    found -> assertThat(found.version()).isEqualTo(parts[1]));
                });
        assertThat(policies.all().values())
                .allSatisfy(each -> assertThat(each.path())
                        .isIn("/", "/service-role/", "/job-function/", "/aws-service-role/", "/root-task/"))
                .allSatisfy(each -> assertThat(each.version()).matches("v[1-9][0-9]{0,2}"));
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
