package dev.haneul.services.iam;

import static dev.haneul.services.iam.IamRig.ACCOUNT;
import static dev.haneul.services.iam.IamRig.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.haneul.api.iam.AddUserToGroupRequest;
import dev.haneul.api.iam.AttachGroupPolicyRequest;
import dev.haneul.api.iam.CreateGroupRequest;
import dev.haneul.api.iam.EntityDetails;
import dev.haneul.api.iam.GenerateServiceLastAccessedDetailsRequest;
import dev.haneul.api.iam.GetRoleRequest;
import dev.haneul.api.iam.GetServiceLastAccessedDetailsRequest;
import dev.haneul.api.iam.GetServiceLastAccessedDetailsResponse;
import dev.haneul.api.iam.GetServiceLastAccessedDetailsWithEntitiesRequest;
import dev.haneul.api.iam.ListPoliciesGrantingServiceAccessRequest;
import dev.haneul.api.iam.ListUsersRequest;
import dev.haneul.api.iam.PolicyGrantingServiceAccess;
import dev.haneul.api.iam.PutUserPolicyRequest;
import dev.haneul.api.iam.ServiceLastAccessed;
import dev.haneul.api.iam.TrackedActionLastAccessed;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.policy.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LastAccessedTest {
    private static final String READ_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";

    private final IamRig rig = new IamRig();

    @AfterEach
    void close() {
        rig.close();
    }

    private static String arn(String entity) {
        return "arn:aws:iam::" + ACCOUNT + ":" + entity;
    }

    private GetServiceLastAccessedDetailsResponse report(String arn, String granularity) {
        String job = rig.iam
                .generateServiceLastAccessedDetails(
                        new GenerateServiceLastAccessedDetailsRequest().arn(arn).granularity(granularity), rig.root())
                .jobId();
        assertThat(job).hasSize(36);
        return rig.iam.getServiceLastAccessedDetails(new GetServiceLastAccessedDetailsRequest().jobId(job), rig.root());
    }

    @Test
    void aUsersReportNamesWhatItMayCallAndWhenItDid() {
        Call bob = rig.user("bob", """
                {"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:List*","lambda:*"],"Resource":"*"}}""");
        Instant when = rig.clock.instant();
        rig.iam.listUsers(new ListUsersRequest(), bob);
        rig.clock.advance(Duration.ofHours(1));
        GetServiceLastAccessedDetailsResponse report = report(arn("user/bob"), "ACTION_LEVEL");
        assertThat(report.jobStatus()).isEqualTo("COMPLETED");
        assertThat(report.jobType()).isEqualTo("ACTION_LEVEL");
        assertThat(report.servicesLastAccessed())
                .extracting(ServiceLastAccessed::serviceNamespace)
                .containsExactly("iam", "lambda");
        ServiceLastAccessed iam = report.servicesLastAccessed().getFirst();
        assertThat(iam.lastAuthenticated()).isEqualTo(when);
        assertThat(iam.lastAuthenticatedEntity()).isEqualTo(arn("user/bob"));
        assertThat(iam.lastAuthenticatedRegion()).isEqualTo("us-east-1");
        assertThat(iam.totalAuthenticatedEntities()).isEqualTo(1);
        assertThat(iam.trackedActionsLastAccessed())
                .extracting(TrackedActionLastAccessed::actionName, TrackedActionLastAccessed::lastAccessedTime)
                .containsExactly(tuple("ListUsers", when));
        ServiceLastAccessed lambda = report.servicesLastAccessed().getLast();
        assertThat(lambda.serviceName()).isEqualTo("AWS Lambda");
        assertThat(lambda.lastAuthenticated()).isNull();
        assertThat(report(arn("user/bob"), null)
                        .servicesLastAccessed()
                        .getFirst()
                        .trackedActionsLastAccessed())
                .isEmpty();
    }

    @Test
    void aGroupsAndAPolicysReportNameTheirMembers() {
        rig.iam.createGroup(new CreateGroupRequest().groupName("readers"), rig.root());
        rig.iam.attachGroupPolicy(
                new AttachGroupPolicyRequest().groupName("readers").policyArn(READ_ONLY), rig.root());
        Call ann = rig.user("ann", "");
        rig.user("bob", "");
        for (String name : List.of("ann", "bob")) {
            rig.iam.addUserToGroup(
                    new AddUserToGroupRequest().groupName("readers").userName(name), rig.root());
        }
        rig.iam.listUsers(new ListUsersRequest(), ann);
        for (String subject : List.of(arn("group/readers"), READ_ONLY)) {
            assertThat(report(subject, null).servicesLastAccessed())
                    .extracting(ServiceLastAccessed::serviceNamespace, ServiceLastAccessed::lastAuthenticatedEntity)
                    .containsExactly(tuple("iam", arn("user/ann")));
            String job = rig.iam
                    .generateServiceLastAccessedDetails(
                            new GenerateServiceLastAccessedDetailsRequest().arn(subject), rig.root())
                    .jobId();
            List<EntityDetails> entities = rig.iam
                    .getServiceLastAccessedDetailsWithEntities(
                            new GetServiceLastAccessedDetailsWithEntitiesRequest()
                                    .jobId(job)
                                    .serviceNamespace("iam"),
                            rig.root())
                    .entityDetailsList();
            assertThat(entities)
                    .extracting(each -> each.entityInfo().name(), EntityDetails::lastAuthenticated)
                    .containsExactly(tuple("ann", rig.clock.instant()), tuple("bob", null));
        }
    }

    @Test
    void aRoleRemembersWhenItsSessionsLastCalled() {
        String role = rig.role("worker", "{\"AWS\":\"" + ACCOUNT + "\"}", policy("Allow", "iam:*", "*"));
        GetRoleRequest ask = new GetRoleRequest().roleName("worker");
        var unused = rig.iam.getRole(ask, rig.root()).role();
        assertThat(unused.roleLastUsed().lastUsedDate()).isNull();
        Call session = rig.call(new Principal(
                Principal.Type.ASSUMED_ROLE,
                ACCOUNT,
                unused.roleId() + ":s",
                "arn:aws:sts::" + ACCOUNT + ":assumed-role/worker/s",
                "ASIAEXAMPLE",
                Map.of(Subject.ENTITY_ARN, role)));
        rig.iam.listUsers(new ListUsersRequest(), session);
        var used = rig.iam.getRole(ask, rig.root()).role().roleLastUsed();
        assertThat(used.lastUsedDate()).isEqualTo(rig.clock.instant());
        assertThat(used.region()).isEqualTo("us-east-1");
        assertThat(report(role, null).servicesLastAccessed().getFirst().lastAuthenticatedEntity())
                .isEqualTo(role);
    }

    @Test
    void tellsWhichPoliciesGrantAService() {
        rig.iam.createGroup(new CreateGroupRequest().groupName("readers"), rig.root());
        rig.iam.attachGroupPolicy(
                new AttachGroupPolicyRequest().groupName("readers").policyArn(READ_ONLY), rig.root());
        rig.user("bob", policy("Allow", "s3:*", "*"));
        rig.iam.putUserPolicy(
                new PutUserPolicyRequest().userName("bob").policyName("no").policyDocument(policy("Deny", "s3:*", "*")),
                rig.root());
        rig.iam.addUserToGroup(new AddUserToGroupRequest().groupName("readers").userName("bob"), rig.root());
        var granting = rig.iam
                .listPoliciesGrantingServiceAccess(
                        new ListPoliciesGrantingServiceAccessRequest()
                                .arn(arn("user/bob"))
                                .serviceNamespaces(List.of("iam", "s3", "sqs")),
                        rig.root())
                .policiesGrantingServiceAccess();
        assertThat(granting.get(0).policies())
                .containsExactly(new PolicyGrantingServiceAccess()
                        .policyName("IAMReadOnlyAccess")
                        .policyType("MANAGED")
                        .policyArn(READ_ONLY));
        assertThat(granting.get(1).policies())
                .containsExactly(new PolicyGrantingServiceAccess()
                        .policyName("p")
                        .policyType("INLINE")
                        .entityType("USER")
                        .entityName("bob"));
        assertThat(granting.get(2).policies()).isEmpty();
    }

    @Test
    void jobsAreTheirMakersAndAboutWhatIsThere() {
        Call bob = rig.user("bob", policy("Allow", "iam:*", "*"));
        String job = rig.iam
                .generateServiceLastAccessedDetails(
                        new GenerateServiceLastAccessedDetailsRequest().arn(arn("user/bob")), rig.root())
                .jobId();
        GetServiceLastAccessedDetailsRequest read = new GetServiceLastAccessedDetailsRequest().jobId(job);
        assertThatThrownBy(() -> rig.iam.getServiceLastAccessedDetails(read, bob))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("NoSuchEntity"));
        assertThatThrownBy(() -> rig.iam.generateServiceLastAccessedDetails(
                        new GenerateServiceLastAccessedDetailsRequest().arn(arn("policy/none")), rig.root()))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("NoSuchEntity"));
    }
}
