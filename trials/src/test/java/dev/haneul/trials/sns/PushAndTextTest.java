package dev.haneul.trials.sns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.events.Waiting;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.EndpointDisabledException;
import software.amazon.awssdk.services.sns.model.InvalidParameterException;
import software.amazon.awssdk.services.sns.model.NotFoundException;
import software.amazon.awssdk.services.sns.model.SMSSandboxPhoneNumberVerificationStatus;
import software.amazon.awssdk.services.sns.model.VerificationException;

/** Apps on devices, phones, and what is told of deliveries to them. */
@ExtendWith(SharedRegion.class)
class PushAndTextTest {
    private final String account = Accounts.fresh();
    private final Clients clients;
    private final SnsClient sns;

    PushAndTextTest(URI endpoint) {
        clients = new Clients(endpoint, account, "test");
        sns = clients.sns();
    }

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    private String application() {
        return sns.createPlatformApplication(
                        r -> r.name("app").platform("GCM").attributes(Map.of("PlatformCredential", "secret")))
                .platformApplicationArn();
    }

    private String feedbackRole() {
        IamClient iam = clients.iam();
        iam.createRole(r -> r.roleName("feedback")
                .assumeRolePolicyDocument(
                        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":"
                                + "\"sns.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"));
        iam.putRolePolicy(r -> r.roleName("feedback")
                .policyName("logs")
                .policyDocument(
                        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"logs:*\","
                                + "\"Resource\":\"*\"}]}"));
        return "arn:aws:iam::" + account + ":role/feedback";
    }

    private String logged(String group) throws Exception {
        Waiting.until(() -> clients.logs()
                        .describeLogGroups(r -> r.logGroupNamePrefix(group))
                        .logGroups()
                        .size()
                > 0);
        Waiting.until(() -> !clients.logs()
                .filterLogEvents(r -> r.logGroupName(group))
                .events()
                .isEmpty());
        return clients.logs()
                .filterLogEvents(r -> r.logGroupName(group))
                .events()
                .getFirst()
                .message();
    }

    @Test
    void anEndpointIsRegisteredPublishedToAndDisabled() throws Exception {
        String application = application();
        assertThat(application()).isEqualTo(application);
        assertThat(sns.getPlatformApplicationAttributes(r -> r.platformApplicationArn(application))
                        .attributes())
                .containsEntry("Enabled", "true")
                .doesNotContainKey("PlatformCredential");
        String role = feedbackRole();
        sns.setPlatformApplicationAttributes(
                r -> r.platformApplicationArn(application).attributes(Map.of("SuccessFeedbackRoleArn", role)));
        String endpoint = sns.createPlatformEndpoint(
                        r -> r.platformApplicationArn(application).token("t1").customUserData("u"))
                .endpointArn();
        assertThat(sns.createPlatformEndpoint(
                                r -> r.platformApplicationArn(application).token("t1"))
                        .endpointArn())
                .isEqualTo(endpoint);
        assertThatThrownBy(() -> sns.createPlatformEndpoint(
                        r -> r.platformApplicationArn(application).token("t1").customUserData("other")))
                .isInstanceOf(InvalidParameterException.class)
                .hasMessageContaining("already exists with the same Token, but different attributes.");
        String id = sns.publish(r -> r.targetArn(endpoint)
                        .messageStructure("json")
                        .message("{\"default\":\"d\",\"GCM\":\"{\\\"n\\\":1}\"}"))
                .messageId();
        assertThat(logged("sns/us-east-1/" + account + "/app/GCM/app"))
                .contains("\"messageId\":\"" + id + "\"", "\"destination\":\"" + endpoint, "\"status\":\"SUCCESS\"");
        sns.setEndpointAttributes(r -> r.endpointArn(endpoint).attributes(Map.of("Enabled", "false")));
        assertThatThrownBy(() -> sns.publish(r -> r.targetArn(endpoint).message("m")))
                .isInstanceOf(EndpointDisabledException.class);
        assertThat(sns.listEndpointsByPlatformApplication(r -> r.platformApplicationArn(application))
                        .endpoints())
                .singleElement()
                .satisfies(each -> assertThat(each.attributes()).containsEntry("Enabled", "false"));
        sns.deletePlatformApplication(r -> r.platformApplicationArn(application));
        assertThatThrownBy(() -> sns.getEndpointAttributes(r -> r.endpointArn(endpoint)))
                .isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> sns.publish(r -> r.targetArn(endpoint).message("m")))
                .isInstanceOf(InvalidParameterException.class)
                .hasMessageContaining("No endpoint found for the target arn specified");
    }

    @Test
    void aTopicTellsHowItsDeliveriesEnd() throws Exception {
        String role = feedbackRole();
        String topic = sns.createTopic(r -> r.name("told")
                        .attributes(
                                Map.of("SQSFailureFeedbackRoleArn", role, "ApplicationSuccessFeedbackRoleArn", role)))
                .topicArn();
        String application = application();
        String endpoint = sns.createPlatformEndpoint(
                        r -> r.platformApplicationArn(application).token("t2"))
                .endpointArn();
        sns.subscribe(r -> r.topicArn(topic).protocol("application").endpoint(endpoint));
        sns.subscribe(r -> r.topicArn(topic).protocol("sqs").endpoint("arn:aws:sqs:us-east-1:" + account + ":none"));
        String id = sns.publish(r -> r.topicArn(topic).message("m")).messageId();
        assertThat(logged("sns/us-east-1/" + account + "/told/Failure"))
                .contains("\"messageId\":\"" + id + "\"", "\"topicArn\":\"" + topic + "\"", "\"status\":\"FAILURE\"");
        String group = "sns/us-east-1/" + account + "/told";
        Waiting.until(() -> clients.logs().describeLogGroups(r -> r.logGroupNamePrefix(group)).logGroups().stream()
                .anyMatch(each -> each.logGroupName().equals(group)));
        Waiting.until(() -> clients.cloudWatch().listMetrics(r -> r.namespace("AWS/SNS")).metrics().stream()
                .map(Metric::metricName)
                .toList()
                .containsAll(java.util.List.of(
                        "NumberOfMessagesPublished",
                        "NumberOfNotificationsDelivered",
                        "NumberOfNotificationsFailed",
                        "PublishSize")));
    }

    @Test
    void textMessagesHaveAttributesAndNumbersAreVerified() {
        sns.setSMSAttributes(r -> r.attributes(Map.of("DefaultSMSType", "Transactional")));
        assertThat(sns.getSMSAttributes(r -> {}).attributes()).containsEntry("DefaultSMSType", "Transactional");
        assertThatThrownBy(() -> sns.setSMSAttributes(r -> r.attributes(Map.of("DefaultSMSType", "Loud"))))
                .isInstanceOf(InvalidParameterException.class);
        assertThat(sns.checkIfPhoneNumberIsOptedOut(r -> r.phoneNumber("+15550100"))
                        .isOptedOut())
                .isFalse();
        sns.optInPhoneNumber(r -> r.phoneNumber("+15550100"));
        assertThatThrownBy(() -> sns.checkIfPhoneNumberIsOptedOut(r -> r.phoneNumber("me")))
                .isInstanceOf(InvalidParameterException.class);
        assertThat(sns.getSMSSandboxAccountStatus(r -> {}).isInSandbox()).isFalse();
        sns.createSMSSandboxPhoneNumber(r -> r.phoneNumber("+15550101"));
        assertThatThrownBy(() -> sns.verifySMSSandboxPhoneNumber(
                        r -> r.phoneNumber("+15550101").oneTimePassword("00000")))
                .isInstanceOf(VerificationException.class);
        assertThat(sns.listSMSSandboxPhoneNumbers(r -> {}).phoneNumbers())
                .singleElement()
                .satisfies(
                        each -> assertThat(each.status()).isEqualTo(SMSSandboxPhoneNumberVerificationStatus.PENDING));
        sns.deleteSMSSandboxPhoneNumber(r -> r.phoneNumber("+15550101"));
        assertThat(sns.listSMSSandboxPhoneNumbers(r -> {}).phoneNumbers()).isEmpty();
    }
}
