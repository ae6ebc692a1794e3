package dev.haneul.trials.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.pipes.PipesClient;
import software.amazon.awssdk.services.pipes.model.PipeState;
import software.amazon.awssdk.services.scheduler.SchedulerClient;
import software.amazon.awssdk.services.scheduler.model.ConflictException;
import software.amazon.awssdk.services.scheduler.model.CreateScheduleRequest;
import software.amazon.awssdk.services.scheduler.model.FlexibleTimeWindowMode;
import software.amazon.awssdk.services.scheduler.model.ResourceNotFoundException;
import software.amazon.awssdk.services.scheduler.model.ValidationException;

@ExtendWith(SharedRegion.class)
class SchedulerAndPipesTest {
    private final String account = Accounts.fresh();
    private final URI endpoint;
    private Clients clients;
    private SchedulerClient scheduler;

    SchedulerAndPipesTest(URI endpoint) {
        this.endpoint = endpoint;
    }

    @BeforeEach
    void connect() {
        clients = new Clients(endpoint, account, "test");
        scheduler = clients.scheduler();
    }

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    private String role(String service, String action) {
        IamClient iam = clients.iam();
        String trust = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\""
                + service + "\"},\"Action\":\"sts:AssumeRole\"}]}";
        String allow = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"" + action
                + "\",\"Resource\":\"*\"}]}";
        String arn = iam.createRole(request -> request.roleName("r").assumeRolePolicyDocument(trust))
                .role()
                .arn();
        iam.putRolePolicy(request -> request.roleName("r").policyName("p").policyDocument(allow));
        return arn;
    }

    private static CreateScheduleRequest schedule(String expression, String role) {
        return CreateScheduleRequest.builder()
                .name("make")
                .scheduleExpression(expression)
                .flexibleTimeWindow(window -> window.mode(FlexibleTimeWindowMode.OFF))
                .target(target -> target.arn("arn:aws:scheduler:::aws-sdk:cloudwatchlogs:createLogGroup")
                        .roleArn(role)
                        .input("{\"LogGroupName\":\"/made/by/schedule\"}"))
                .build();
    }

    @Test
    void aScheduleCallsAnActionUnderItsRole() throws Exception {
        String role = role("scheduler.amazonaws.com", "logs:CreateLogGroup");
        String at = Instant.now().plusSeconds(2).truncatedTo(ChronoUnit.SECONDS).toString();
        String arn = scheduler
                .createSchedule(schedule("at(" + at.substring(0, 19) + ")", role))
                .scheduleArn();
        assertThat(arn).isEqualTo("arn:aws:scheduler:us-east-1:" + account + ":schedule/default/make");
        var told = scheduler.getSchedule(request -> request.name("make"));
        assertThat(told.target().roleArn()).isEqualTo(role);
        assertThat(told.groupName()).isEqualTo("default");
        assertThat(scheduler.listSchedules(request -> {}).schedules()).hasSize(1);
        Waiting.until(() -> clients.logs()
                        .describeLogGroups(request -> request.logGroupNamePrefix("/made/by"))
                        .logGroups()
                        .size()
                == 1);
        scheduler.deleteSchedule(request -> request.name("make"));
        assertThatThrownBy(() -> scheduler.getSchedule(request -> request.name("make")))
                .isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void aRoleThatDoesNotTrustTheSchedulerIsRefused() {
        String role = role("lambda.amazonaws.com", "logs:CreateLogGroup");
        assertThatThrownBy(() -> scheduler.createSchedule(schedule("rate(1 hour)", role)))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("must allow AWS EventBridge Scheduler to assume the role");
    }

    @Test
    void groupsCarryTags() {
        String arn = scheduler
                .createScheduleGroup(
                        request -> request.name("g").tags(tag -> tag.key("a").value("b")))
                .scheduleGroupArn();
        assertThatThrownBy(() -> scheduler.createScheduleGroup(request -> request.name("g")))
                .isInstanceOf(ConflictException.class);
        assertThat(scheduler
                        .listTagsForResource(request -> request.resourceArn(arn))
                        .tags())
                .extracting(tag -> tag.key() + "=" + tag.value())
                .containsExactly("a=b");
        assertThat(scheduler.listScheduleGroups(request -> {}).scheduleGroups()).hasSize(2);
    }

    @Test
    void aPipeComesAndGoes() throws Exception {
        PipesClient pipes = clients.pipes();
        String role = role("pipes.amazonaws.com", "sqs:*");
        String source = "arn:aws:sqs:us-east-1:" + account + ":q";
        assertThat(pipes.createPipe(request -> request.name("p")
                                .source(source)
                                .target("arn:aws:sns:us-east-1:" + account + ":t")
                                .roleArn(role)
                                .targetParameters(target -> target.inputTemplate("{\"b\": <$.body>}"))
                                .desiredState("STOPPED"))
                        .currentState())
                .isEqualTo(PipeState.CREATING);
        Waiting.until(() -> pipes.describePipe(request -> request.name("p")).currentState() == PipeState.STOPPED);
        assertThat(pipes.describePipe(request -> request.name("p"))
                        .targetParameters()
                        .inputTemplate())
                .isEqualTo("{\"b\": <$.body>}");
        assertThat(pipes.listPipes(request -> {}).pipes()).hasSize(1);
        pipes.deletePipe(request -> request.name("p"));
        Waiting.until(() -> pipes.listPipes(request -> {}).pipes().isEmpty());
    }
}
