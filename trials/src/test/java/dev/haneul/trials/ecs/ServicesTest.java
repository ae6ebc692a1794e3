package dev.haneul.trials.ecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.LaunchedRegion;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With the AWS CLI: three tasks on Fargate behind a load balancer. A new version takes over under constant load without a
 * failed request, a broken one is rolled back, a task that somebody stops is replaced, and the server is killed in the middle of a
 * deployment. Takes minutes, most of them waiting for a Python: with {@code -Dhaneul.soak} only.
 */
@Tag("alone")
class ServicesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    @Test
    void versionsComeAndGoUnderLoad() throws Exception {
        assumeTrue(System.getProperty("haneul.soak") != null, "takes minutes: -Dhaneul.soak=1");
        assumeTrue(
                System.getProperty("user.name").equals("root")
                        && BusyboxLayout.possible()
                        && Files.isExecutable(Path.of("/usr/bin/crun")),
                "services need root, networks, crun and a busybox");
        try (LaunchedRegion region = new LaunchedRegion()) {
            BusyboxLayout.write(region.data().resolve("ecs/images/busybox"));
            region.up();
            String group = balancer(region);
            aws(region, "ecs", "create-cluster");
            define(region, "one", "httpd -f -p 80 -h /tmp");
            define(region, "two", "httpd -f -p 80 -h /tmp");
            define(region, "broken", "exit 3");
            service(region, group);
            await(() -> state(region), stable("web:1"));
            String node = aws(
                    region,
                    "ec2",
                    "describe-network-interfaces",
                    "--filters",
                    "Name=description,Values=ELB app/front/*",
                    "--query",
                    "NetworkInterfaces[0].Association.PublicIp");
            URI target = URI.create("http://" + node + "/");
            try (Traffic load = new Traffic(List.of(target))) {
                awaitAnswer(load, target, "one");
                update(region, "web:2");
                await(() -> state(region), stable("web:2"));
                awaitAnswer(load, target, "two");
                update(region, "web:3");
                await(() -> state(region), stable("web:2"));
                String task = tasks(region).getFirst();
                aws(region, "ecs", "stop-task", "--task", task, "--query", "task.desiredStatus");
                await(() -> tasks(region), all -> all.size() == 3 && !all.contains(task));
                await(() -> state(region), stable("web:2"));
                assertThat(load.failures()).isEmpty();
                assertThat(load.asked()).isGreaterThan(50);
            }
            assertThat(aws(
                            region,
                            "ecs",
                            "describe-services",
                            "--services",
                            "web",
                            "--query",
                            "services[0].events[].message"))
                    .contains("deployment failed: tasks failed to start.")
                    .contains("rolling back to deployment ecs-svc/");
            update(region, "web:1");
            Thread.sleep(2500);
            region.killHard();
            region.up();
            await(() -> state(region), stable("web:1"));
            assertThat(tasks(region)).hasSize(3);
            try (Traffic load = new Traffic(List.of(target))) {
                awaitAnswer(load, target, "one");
            }
            assertThat(healthy(region, group)).hasSize(3);
            aws(region, "ecs", "delete-service", "--service", "web", "--force", "--query", "service.status");
            await(
                    () -> List.of(aws(
                            region, "ecs", "describe-services", "--services", "web", "--query", "services[0].status")),
                    status -> status.equals(List.of("INACTIVE")));
            assertThat(tasks(region)).isEmpty();
            assertThat(region.command("reset").code()).isZero();
        }
    }

    private static void awaitAnswer(Traffic load, URI target, String version) throws Exception {
        await(() -> List.of(load.ask(target)), answer -> answer.equals(List.of("200 " + version)));
    }

    /** A load balancer that lets everybody in, and its target group. */
    private String balancer(LaunchedRegion region) throws Exception {
        String vpc = aws(region, "ec2", "describe-vpcs", "--query", "Vpcs[0].VpcId");
        String front = aws(
                region,
                "ec2",
                "create-security-group",
                "--group-name",
                "front",
                "--description",
                "front",
                "--query",
                "GroupId");
        aws(
                region,
                "ec2",
                "authorize-security-group-ingress",
                "--group-id",
                front,
                "--protocol",
                "tcp",
                "--port",
                "80",
                "--cidr",
                "0.0.0.0/0",
                "--query",
                "Return");
        List<String> create = new ArrayList<>(List.of("elbv2", "create-load-balancer", "--name", "front", "--subnets"));
        create.addAll(subnets(region));
        create.addAll(List.of("--security-groups", front, "--query", "LoadBalancers[0].LoadBalancerArn"));
        String balancer = aws(region, create.toArray(String[]::new));
        String group = aws(
                region,
                "elbv2",
                "create-target-group",
                "--name",
                "web",
                "--protocol",
                "HTTP",
                "--port",
                "80",
                "--vpc-id",
                vpc,
                "--target-type",
                "ip",
                "--health-check-interval-seconds",
                "5",
                "--health-check-timeout-seconds",
                "2",
                "--healthy-threshold-count",
                "2",
                "--query",
                "TargetGroups[0].TargetGroupArn");
        aws(
                region,
                "elbv2",
                "modify-target-group-attributes",
                "--target-group-arn",
                group,
                "--attributes",
                "Key=deregistration_delay.timeout_seconds,Value=3",
                "--query",
                "Attributes[0].Key");
        aws(
                region,
                "elbv2",
                "create-listener",
                "--load-balancer-arn",
                balancer,
                "--protocol",
                "HTTP",
                "--port",
                "80",
                "--default-actions",
                "Type=forward,TargetGroupArn=" + group,
                "--query",
                "Listeners[0].ListenerArn");
        return group;
    }

    private List<String> subnets(LaunchedRegion region) throws Exception {
        return words(aws(region, "ec2", "describe-subnets", "--query", "Subnets[:2].SubnetId"));
    }

    private void define(LaunchedRegion region, String version, String command) throws Exception {
        String containers = """
                [{"name":"app","image":"busybox","essential":true,"stopTimeout":2,"portMappings":[{"containerPort":80}],\
                "entryPoint":["sh","-c"],"command":["echo %s >/tmp/index.html; exec %s"]}]""".formatted(version, command).replace("exec exit", "exit");
        aws(
                region,
                "ecs",
                "register-task-definition",
                "--family",
                "web",
                "--network-mode",
                "awsvpc",
                "--requires-compatibilities",
                "FARGATE",
                "--cpu",
                "256",
                "--memory",
                "512",
                "--container-definitions",
                containers,
                "--query",
                "taskDefinition.taskDefinitionArn");
    }

    private void service(LaunchedRegion region, String group) throws Exception {
        // Balancer and tasks are in the VPC's default security group as well as the balancer's own.
        String own = aws(
                region,
                "ec2",
                "create-security-group",
                "--group-name",
                "back",
                "--description",
                "back",
                "--query",
                "GroupId");
        aws(
                region,
                "ec2",
                "authorize-security-group-ingress",
                "--group-id",
                own,
                "--protocol",
                "tcp",
                "--port",
                "80",
                "--cidr",
                "172.31.0.0/16",
                "--query",
                "Return");
        aws(
                region,
                "ecs",
                "create-service",
                "--service-name",
                "web",
                "--task-definition",
                "web:1",
                "--desired-count",
                "3",
                "--launch-type",
                "FARGATE",
                "--network-configuration",
                "awsvpcConfiguration={subnets=[" + String.join(",", subnets(region)) + "],securityGroups=[" + own
                        + "]}",
                "--load-balancers",
                "targetGroupArn=" + group + ",containerName=app,containerPort=80",
                "--deployment-configuration",
                "deploymentCircuitBreaker={enable=true,rollback=true}",
                "--query",
                "service.status");
    }

    private void update(LaunchedRegion region, String definition) throws Exception {
        aws(
                region,
                "ecs",
                "update-service",
                "--service",
                "web",
                "--task-definition",
                definition,
                "--query",
                "service.status");
    }

    private List<String> tasks(LaunchedRegion region) throws Exception {
        return words(aws(region, "ecs", "list-tasks", "--query", "taskArns"));
    }

    private List<String> healthy(LaunchedRegion region, String group) throws Exception {
        return words(aws(
                region,
                "elbv2",
                "describe-target-health",
                "--target-group-arn",
                group,
                "--query",
                "TargetHealthDescriptions[?TargetHealth.State=='healthy'].Target.Id"));
    }

    /** The running count, the definition, and how far each deployment is. */
    private List<String> state(LaunchedRegion region) throws Exception {
        return words(aws(
                region,
                "ecs",
                "describe-services",
                "--services",
                "web",
                "--query",
                "services[0].[to_string(runningCount),taskDefinition,join(',',deployments[].rolloutState)]"));
    }

    private static Predicate<List<String>> stable(String definition) {
        return state -> state.getFirst().equals("3")
                && state.get(1).endsWith("/" + definition)
                && state.getLast().equals("COMPLETED");
    }

    private static List<String> words(String text) {
        return text.isBlank() || text.equals("None") ? List.of() : List.of(text.split("\\s+"));
    }

    private static void await(Callable<List<String>> seen, Predicate<List<String>> wanted) throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        for (List<String> now = seen.call(); !wanted.test(now); now = seen.call()) {
            assertThat(Instant.now()).as(now.toString()).isBefore(end);
            Thread.sleep(300);
        }
    }

    private String aws(LaunchedRegion region, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("aws"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--output", "text"));
        Path output = Files.createTempFile(folder, "aws", ".out");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("AWS_"));
        environment.put("AWS_ENDPOINT_URL", region.endpoint().toString());
        environment.put("AWS_ACCESS_KEY_ID", "test");
        environment.put("AWS_SECRET_ACCESS_KEY", "test");
        environment.put("AWS_DEFAULT_REGION", "us-east-1");
        environment.put("AWS_PAGER", "");
        Process process = builder.start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Files.readString(output).strip();
    }
}
