package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.lambda.AddPermissionRequest;
import dev.haneul.api.lambda.GetPolicyRequest;
import dev.haneul.api.lambda.GetPolicyResponse;
import dev.haneul.api.lambda.RemovePermissionRequest;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.call.ResourcePolicies.Owned;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PoliciesTest {
    private static final String ARN = "arn:aws:lambda:us-east-1:000000000000:function:";
    private static TempFolder folder;
    private static TestRegion region;

    @BeforeAll
    static void open() throws IOException {
        folder = new TempFolder();
        region = new TestRegion(folder.path());
    }

    @AfterAll
    static void close() throws IOException {
        region.close();
        folder.close();
    }

    @Test
    void aStatementIsFormedAsAwsFormsIt() {
        function("formed");
        String statement = region.lambda
                .addPermission(
                        permission("formed", "s3")
                                .sourceArn("arn:aws:s3:::photos")
                                .sourceAccount("000000000000"),
                        region.call())
                .statement();
        assertThat(statement)
                .isEqualTo("{\"Sid\":\"s3\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"s3.amazonaws.com\"},"
                        + "\"Action\":\"lambda:InvokeFunction\",\"Resource\":\"" + ARN + "formed\",\"Condition\":"
                        + "{\"StringEquals\":{\"AWS:SourceAccount\":\"000000000000\"},"
                        + "\"ArnLike\":{\"AWS:SourceArn\":\"arn:aws:s3:::photos\"}}}");
        GetPolicyResponse policy =
                region.lambda.getPolicy(new GetPolicyRequest().functionName("formed"), region.call());
        assertThat(policy.policy())
                .isEqualTo("{\"Version\":\"2012-10-17\",\"Id\":\"default\",\"Statement\":[" + statement + "]}");
        assertThat(PolicyDocument.parse(policy.policy(), PolicyKind.RESOURCE).statements())
                .hasSize(1);
    }

    @Test
    void theAuthorizerFindsOwnerAndPolicy() {
        function("found");
        assertThat(region.lambda.resourcePolicies().find(ARN + "found")).contains(new Owned("000000000000", null));
        region.lambda.addPermission(permission("found", "one"), region.call());
        assertThat(region.lambda
                        .resourcePolicies()
                        .find(ARN + "found")
                        .orElseThrow()
                        .policy())
                .contains("\"Sid\":\"one\"");
        assertThat(region.lambda.resourcePolicies().find(ARN + "absent")).isEmpty();
        assertThat(region.lambda.resourcePolicies().find("arn:aws:lambda:us-east-1:000000000000:layer:x"))
                .isEmpty();
    }

    @Test
    void principalsAreAccountsArnsServicesOrEverybody() {
        function("principals");
        assertThat(add("principals", "a", "123456789012")).contains("{\"AWS\":\"arn:aws:iam::123456789012:root\"}");
        assertThat(add("principals", "b", "arn:aws:iam::123456789012:role/r"))
                .contains("{\"AWS\":\"arn:aws:iam::123456789012:role/r\"}");
        assertThat(add("principals", "c", "*")).contains("\"Principal\":\"*\"");
        refused(
                () -> add("principals", "d", "nobody"),
                "InvalidParameterValueException",
                "The provided principal was invalid. Please check the principal and try again.");
    }

    @Test
    void idsAreUniqueAndStatementsCanBeRemoved() {
        function("removed");
        region.lambda.addPermission(permission("removed", "one"), region.call());
        refused(
                () -> region.lambda.addPermission(permission("removed", "one"), region.call()),
                "ResourceConflictException",
                "The statement id (one) provided already exists.");
        refused(
                () -> remove("removed", "two"),
                "ResourceNotFoundException",
                "Statement two is not found in resource policy.");
        remove("removed", "one");
        refused(
                () -> region.lambda.getPolicy(new GetPolicyRequest().functionName("removed"), region.call()),
                "ResourceNotFoundException",
                "The resource you requested does not exist.");
        refused(
                () -> remove("removed", "one"),
                "ResourceNotFoundException",
                "No policy is associated with the given resource.");
    }

    @Test
    void aPolicyHasAnEnd() {
        function("large");
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 200; i++) {
                        region.lambda.addPermission(
                                permission("large", "statement-" + i).sourceArn("arn:aws:s3:::" + "b".repeat(60)),
                                region.call());
                    }
                })
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("PolicyLengthExceededException"));
    }

    private static String add(String function, String sid, String principal) {
        return region.lambda
                .addPermission(permission(function, sid).principal(principal), region.call())
                .statement();
    }

    private static void remove(String function, String sid) {
        region.lambda.removePermission(
                new RemovePermissionRequest().functionName(function).statementId(sid), region.call());
    }

    private static AddPermissionRequest permission(String function, String sid) {
        return new AddPermissionRequest()
                .functionName(function)
                .statementId(sid)
                .action("lambda:InvokeFunction")
                .principal("s3.amazonaws.com");
    }

    private static void function(String name) {
        region.python(name, "def handler(event, context):\n    pass\n");
    }

    private static void refused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String code, String message) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Fault.class, fault -> {
            assertThat(fault.code()).isEqualTo(code);
            assertThat(fault.message()).contains(message);
        });
    }
}
