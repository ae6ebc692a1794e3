package dev.haneul.trials.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.Zips;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.InvalidParameterValueException;
import software.amazon.awssdk.services.lambda.model.State;
import software.amazon.awssdk.services.lambda.model.VpcConfig;

/** Where functions' networks lead, through the stock SDK. Needs root on Linux. */
@ExtendWith(SharedRegion.class)
class FunctionNetworkTest {
    private static final String TRUST = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
            "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
    private static final String VPC_ACCESS = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";
    /** Tells its address, and what becomes of connections to those it is given. */
    private static final String CALLER = """
            import socket
            def reached(address, port):
                try:
                    socket.create_connection((address, port), 1).close()
                    return True
                except OSError:
                    return False
            def handler(event, context):
                probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                probe.connect(("203.0.113.9", 9))
                return {"own": probe.getsockname()[0], "names": socket.gethostbyname(socket.gethostname()),
                        "reached": [reached(*each) for each in event]}
            """;

    private final Clients root;
    private final LambdaClient lambda;
    private final Ec2Query ec2;
    private String role = "";

    FunctionNetworkTest(URI endpoint) {
        String account = Accounts.fresh();
        this.root = new Clients(endpoint, account, "test");
        this.lambda = root.lambda();
        this.ec2 = new Ec2Query(endpoint, account);
    }

    @BeforeEach
    void makeARole() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self")), "not Linux");
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "not root");
        role = root.iam()
                .createRole(request -> request.roleName("runner").assumeRolePolicyDocument(TRUST))
                .role()
                .arn();
    }

    @AfterEach
    void close() throws Exception {
        lambda.listFunctions()
                .functions()
                .forEach(function -> lambda.deleteFunction(request -> request.functionName(function.functionName())));
        root.close();
    }

    private void create(String name, VpcConfig inside) {
        SdkBytes zip = Zips.of("app.py", CALLER);
        lambda.createFunction(request -> request.functionName(name)
                .runtime(HostRuntimes.python())
                .handler("app.handler")
                .role(role)
                .timeout(30)
                .vpcConfig(inside)
                .code(source -> source.zipFile(zip)));
        lambda.waiter().waitUntilFunctionActiveV2(request -> request.functionName(name));
    }

    private String call(String name, String event) {
        return lambda.invoke(request -> request.functionName(name).payload(SdkBytes.fromUtf8String(event)))
                .payload()
                .asUtf8String();
    }

    /** Descriptions of functions' interfaces. */
    private List<String> interfaces() throws Exception {
        return Ec2Query.all(shown(), "description").stream()
                .filter(text -> text.startsWith("AWS Lambda VPC ENI-"))
                .toList();
    }

    private String shown() throws Exception {
        return ec2.call("DescribeNetworkInterfaces");
    }

    @Test
    void functionsInNoVpcReachTheOutsideButNoMetadata() {
        create("outside", null);
        String told = call("outside", "[[\"169.254.169.254\", 80], [\"169.254.170.2\", 80], [\"100.64.0.1\", 4566]]");
        assertThat(told).contains("\"own\": \"100.64.").contains("\"reached\": [false, false, false]");
        assertThat(lambda.getFunctionConfiguration(request -> request.functionName("outside"))
                        .vpcConfig())
                .isNull();
    }

    @Test
    void aFunctionInAVpcHasAnInterfaceThereUntilItGoes() throws Exception {
        String subnets = ec2.call("DescribeSubnets");
        String subnet = Ec2Query.all(subnets, "subnetId").getFirst();
        String vpc = Ec2Query.all(subnets, "vpcId").getFirst();
        String group = Ec2Query.all(
                        ec2.call("CreateSecurityGroup", "GroupName", "f", "GroupDescription", "f", "VpcId", vpc),
                        "groupId")
                .getFirst();
        VpcConfig inside =
                VpcConfig.builder().subnetIds(subnet).securityGroupIds(group).build();
        assertThatThrownBy(() -> create("inside", inside))
                .isInstanceOf(InvalidParameterValueException.class)
                .hasMessageContaining(
                        "The provided execution role does not have permissions to call CreateNetworkInterface on EC2");
        root.iam().attachRolePolicy(request -> request.roleName("runner").policyArn(VPC_ACCESS));
        assertThatThrownBy(() -> create(
                        "inside",
                        inside.toBuilder().subnetIds("subnet-0a1b2c3d").build()))
                .hasMessageContaining(
                        "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound.");
        assertThatThrownBy(() ->
                        create("inside", VpcConfig.builder().subnetIds(subnet).build()))
                .hasMessageContaining("SubnetIds and SecurityIds must coexist or be both empty list.");

        create("inside", inside);
        var made = lambda.getFunctionConfiguration(request -> request.functionName("inside"));
        assertThat(made.vpcConfig().vpcId()).isEqualTo(vpc);
        assertThat(made.state()).isEqualTo(State.ACTIVE);
        assertThat(interfaces()).singleElement().asString().startsWith("AWS Lambda VPC ENI-inside-");
        assertThat(shown()).contains("<requesterManaged>true</requesterManaged>", "<status>in-use</status>", group);
        assertThat(ec2.call("DeleteSecurityGroup", "GroupId", group)).contains("DependencyViolation");
        assertThat(call("inside", "[[\"169.254.169.254\", 80], [\"169.254.170.100\", 443]]"))
                .contains("\"reached\": [false, true]");

        create("beside", inside);
        assertThat(interfaces()).as("shared").hasSize(1);
        lambda.updateFunctionConfiguration(request -> request.functionName("beside")
                .vpcConfig(VpcConfig.builder()
                        .subnetIds(List.of())
                        .securityGroupIds(List.of())
                        .build()));
        assertThat(interfaces()).hasSize(1);
        lambda.deleteFunction(request -> request.functionName("inside"));
        for (int i = 0; i < 100 && !interfaces().isEmpty(); i++) {
            Thread.sleep(100);
        }
        assertThat(interfaces()).isEmpty();
        assertThat(ec2.call("DeleteSecurityGroup", "GroupId", group)).doesNotContain("DependencyViolation");
    }
}
