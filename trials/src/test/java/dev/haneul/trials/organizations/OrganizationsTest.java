package dev.haneul.trials.organizations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.account.model.RegionOptStatus;
import software.amazon.awssdk.services.organizations.OrganizationsClient;
import software.amazon.awssdk.services.organizations.model.ConstraintViolationException;
import software.amazon.awssdk.services.organizations.model.CreateAccountState;
import software.amazon.awssdk.services.organizations.model.CreateAccountStatus;
import software.amazon.awssdk.services.organizations.model.PolicyType;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Accounts under one roof, and control policies that bind them, root and all. */
@ExtendWith(SharedRegion.class)
class OrganizationsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String NO_BUCKETS = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:CreateBucket","Resource":"*"}]}""";

    private final String management = Accounts.fresh();
    private final URI endpoint;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final OrganizationsClient organizations;

    OrganizationsTest(URI endpoint) {
        this.endpoint = endpoint;
        this.organizations = clients(management).organizations();
    }

    private Clients clients(String account) {
        Clients clients = new Clients(endpoint, account, "test");
        open.add(clients);
        return clients;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private String root() {
        return organizations.listRoots().roots().getFirst().id();
    }

    private CreateAccountStatus create(String email) throws InterruptedException {
        String request = organizations
                .createAccount(in -> in.accountName("member").email(email))
                .createAccountStatus()
                .id();
        Instant limit = Instant.now().plus(PATIENCE);
        while (true) {
            CreateAccountStatus status = organizations
                    .describeCreateAccountStatus(in -> in.createAccountRequestId(request))
                    .createAccountStatus();
            if (status.state() != CreateAccountState.IN_PROGRESS) {
                return status;
            }
            assertThat(Instant.now()).isBefore(limit);
            Thread.sleep(20);
        }
    }

    private String join(String account) {
        String handshake = organizations
                .inviteAccountToOrganization(
                        in -> in.target(to -> to.type("ACCOUNT").id(account)))
                .handshake()
                .id();
        clients(account).organizations().acceptHandshake(in -> in.handshakeId(handshake));
        return account;
    }

    @Test
    void anAccountIsMadeAndItsRoleLetsTheManagementAccountIn() throws InterruptedException {
        organizations.createOrganization(in -> {});
        CreateAccountStatus made = create("a@example.com");
        assertThat(made.state()).isEqualTo(CreateAccountState.SUCCEEDED);
        assertThat(create("a@example.com").failureReasonAsString()).isEqualTo("EMAIL_ALREADY_EXISTS");
        assertThat(organizations.listAccounts().accounts()).hasSize(2);
        String role = "arn:aws:iam::" + made.accountId() + ":role/OrganizationAccountAccessRole";
        Clients administrator = clients(management);
        administrator.iam().createUser(in -> in.userName("u"));
        administrator
                .iam()
                .putUserPolicy(in -> in.userName("u")
                        .policyName("p")
                        .policyDocument("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":"
                                + "\"sts:AssumeRole\",\"Resource\":\"*\"}]}"));
        var key = administrator.iam().createAccessKey(in -> in.userName("u")).accessKey();
        Clients user = new Clients(endpoint, key.accessKeyId(), key.secretAccessKey());
        open.add(user);
        assertThat(user.sts()
                        .assumeRole(in -> in.roleArn(role).roleSessionName("inside"))
                        .assumedRoleUser()
                        .arn())
                .contains(made.accountId());
    }

    @Test
    void aControlPolicyBindsMembersAndTheirRootButNotTheManagementAccount() {
        organizations.createOrganization(in -> {});
        String member = join(Accounts.fresh());
        String unit = organizations
                .createOrganizationalUnit(in -> in.parentId(root()).name("closed"))
                .organizationalUnit()
                .id();
        String policy = organizations
                .createPolicy(in -> in.name("no-buckets")
                        .description("none")
                        .type(PolicyType.SERVICE_CONTROL_POLICY)
                        .content(NO_BUCKETS))
                .policy()
                .policySummary()
                .id();
        organizations.attachPolicy(in -> in.policyId(policy).targetId(unit));
        clients(member).s3().createBucket(in -> in.bucket("before-" + member));
        organizations.moveAccount(
                in -> in.accountId(member).sourceParentId(root()).destinationParentId(unit));
        assertThatThrownBy(() -> clients(member).s3().createBucket(in -> in.bucket("after-" + member)))
                .isInstanceOf(S3Exception.class)
                .hasMessageContaining("with an explicit deny in a service control policy");
        clients(management).s3().createBucket(in -> in.bucket("own-" + management));
        organizations.detachPolicy(in -> in.policyId(policy).targetId(unit));
        clients(member).s3().createBucket(in -> in.bucket("after-" + member));
        assertThatThrownBy(() -> organizations.detachPolicy(
                        in -> in.policyId("p-FullAWSAccess").targetId(unit)))
                .isInstanceOf(ConstraintViolationException.class);
    }

    @Test
    void membersMayNotManageAndStrangersHaveNoOrganization() {
        organizations.createOrganization(in -> {});
        OrganizationsClient member = clients(join(Accounts.fresh())).organizations();
        assertThat(member.describeOrganization().organization().masterAccountId())
                .isEqualTo(management);
        assertThatThrownBy(member::listAccounts)
                .isInstanceOfSatisfying(
                        AwsServiceException.class,
                        denied ->
                                assertThat(denied.awsErrorDetails().errorCode()).isEqualTo("AccessDeniedException"));
        member.leaveOrganization();
        assertThatThrownBy(member::describeOrganization)
                .isInstanceOfSatisfying(
                        AwsServiceException.class,
                        none -> assertThat(none.awsErrorDetails().errorCode())
                                .isEqualTo("AWSOrganizationsNotInUseException"));
        organizations.deleteOrganization();
    }

    @Test
    void aRegionThatAnAccountClosesRefusesItsCallsAndNobodyElses() {
        Clients mine = clients(management);
        mine.account().disableRegion(in -> in.regionName("eu-south-1"));
        assertThat(mine.account()
                        .getRegionOptStatus(in -> in.regionName("eu-south-1"))
                        .regionOptStatus())
                .isEqualTo(RegionOptStatus.DISABLED);
        assertThatThrownBy(() -> mine.sts("eu-south-1").getCallerIdentity())
                .isInstanceOfSatisfying(
                        AwsServiceException.class,
                        closed ->
                                assertThat(closed.awsErrorDetails().errorCode()).isEqualTo("InvalidClientTokenId"));
        mine.sts("eu-west-1").getCallerIdentity();
        clients(Accounts.fresh()).sts("eu-south-1").getCallerIdentity();
        mine.account().enableRegion(in -> in.regionName("eu-south-1"));
        mine.sts("eu-south-1").getCallerIdentity();
    }
}
