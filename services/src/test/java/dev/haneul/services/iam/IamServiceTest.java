package dev.haneul.services.iam;

import static dev.haneul.services.iam.IamRig.ACCOUNT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IamServiceTest {
    private final IamRig rig = new IamRig();
    private final IamClient iam = rig.iam;
    private final Call root = rig.root();
    private static final String ALLOW = IamRig.policy("Allow", "s3:*", "*");

    @AfterEach
    void close() {
        rig.close();
    }

    private static void refused(String code, String message, Runnable call) {
        Fault fault = catchThrowableOfType(Fault.class, call::run);
        assertThat(fault).isNotNull();
        assertThat(fault.code()).isEqualTo(code);
        assertThat(fault.message()).isEqualTo(message);
    }

    private void user(String name) {
        iam.createUser(new CreateUserRequest().userName(name), root);
    }

    @Test
    void aUserIsMadeToldRenamedAndRemoved() {
        User made = iam.createUser(
                        new CreateUserRequest()
                                .userName("Ann")
                                .path("/team/")
                                .tags(List.of(new Tag().key("k").value("v"))),
                        root)
                .user();
        assertThat(made.arn()).isEqualTo("arn:aws:iam::" + ACCOUNT + ":user/team/Ann");
        assertThat(made.userId()).matches("AIDA[A-Z2-7]{17}");
        assertThat(made.createDate()).isEqualTo("2026-01-02T03:04:05Z");
        refused("EntityAlreadyExists", "User with name ann already exists.", () -> user("ann"));
        iam.updateUser(
                new UpdateUserRequest().userName("ANN").newUserName("Bea").newPath("/"), root);
        User told = iam.getUser(new GetUserRequest().userName("bea"), root).user();
        assertThat(told.arn()).isEqualTo("arn:aws:iam::" + ACCOUNT + ":user/Bea");
        assertThat(told.userId()).isEqualTo(made.userId());
        assertThat(told.tags()).extracting(Tag::value).containsExactly("v");
        refused(
                "NoSuchEntity",
                "The user with name Ann cannot be found.",
                () -> iam.getUser(new GetUserRequest().userName("Ann"), root));
        iam.deleteUser(new DeleteUserRequest().userName("Bea"), root);
        assertThat(iam.listUsers(new ListUsersRequest(), root).users()).isEmpty();
    }

    @Test
    void aUserWithBelongingsCannotBeRemoved() {
        user("u");
        iam.createGroup(new CreateGroupRequest().groupName("g"), root);
        iam.addUserToGroup(new AddUserToGroupRequest().groupName("g").userName("u"), root);
        String key = iam.createAccessKey(new CreateAccessKeyRequest().userName("u"), root)
                .accessKey()
                .accessKeyId();
        Runnable delete = () -> iam.deleteUser(new DeleteUserRequest().userName("u"), root);
        iam.attachUserPolicy(
                new AttachUserPolicyRequest().userName("u").policyArn("arn:aws:iam::aws:policy/AdministratorAccess"),
                root);
        refused("DeleteConflict", "Cannot delete entity, must detach all policies first.", delete);
        iam.detachUserPolicy(
                new DetachUserPolicyRequest().userName("u").policyArn("arn:aws:iam::aws:policy/AdministratorAccess"),
                root);
        refused("DeleteConflict", "Cannot delete entity, must remove user from groups first.", delete);
        refused(
                "DeleteConflict",
                "Cannot delete entity, must remove users from group first.",
                () -> iam.deleteGroup(new DeleteGroupRequest().groupName("g"), root));
        iam.removeUserFromGroup(new RemoveUserFromGroupRequest().groupName("g").userName("u"), root);
        refused("DeleteConflict", "Cannot delete entity, must delete access keys first.", delete);
        iam.deleteAccessKey(new DeleteAccessKeyRequest().userName("u").accessKeyId(key), root);
        delete.run();
        iam.deleteGroup(new DeleteGroupRequest().groupName("g"), root);
    }

    @Test
    void listsComeInPagesThatStayWholeAndMarkersCannotBeMadeUp() {
        for (int i = 0; i < 7; i++) {
            user("u" + i);
        }
        List<String> seen = new ArrayList<>();
        String marker = null;
        do {
            ListUsersResponse page =
                    iam.listUsers(new ListUsersRequest().maxItems(3).marker(marker), root);
            page.users().forEach(user -> seen.add(user.userName()));
            if (seen.size() == 3) {
                iam.deleteUser(new DeleteUserRequest().userName("u1"), root);
            }
            marker = page.marker();
            assertThat(page.isTruncated()).isEqualTo(marker != null);
        } while (marker != null);
        assertThat(seen).containsExactly("u0", "u1", "u2", "u3", "u4", "u5", "u6");
        refused("ValidationError", "Invalid Marker.", () -> iam.listUsers(new ListUsersRequest().marker("AAAA"), root));
    }

    @Test
    void accessKeysAreTwoAtMostAndTellTheirSecretOnce() {
        user("u");
        CreateAccessKeyRequest create = new CreateAccessKeyRequest().userName("u");
        AccessKey key = iam.createAccessKey(create, root).accessKey();
        assertThat(key.secretAccessKey()).hasSize(40);
        assertThat(rig.credentials().find(key.accessKeyId(), null).orElseThrow().secretKey())
                .isEqualTo(key.secretAccessKey());
        iam.createAccessKey(create, root);
        refused(
                "LimitExceeded",
                "Cannot exceed quota for AccessKeysPerUser: 2",
                () -> iam.createAccessKey(create, root));
        iam.updateAccessKey(
                new UpdateAccessKeyRequest()
                        .userName("u")
                        .accessKeyId(key.accessKeyId())
                        .status("Inactive"),
                root);
        Fault inactive =
                catchThrowableOfType(Fault.class, () -> rig.credentials().find(key.accessKeyId(), null));
        assertThat(inactive.code()).isEqualTo("InvalidClientTokenId");
        assertThat(iam.listAccessKeys(new ListAccessKeysRequest().userName("u"), root)
                        .accessKeyMetadata())
                .extracting(AccessKeyMetadata::status)
                .containsExactlyInAnyOrder("Active", "Inactive");
        iam.deleteAccessKey(new DeleteAccessKeyRequest().userName("u").accessKeyId(key.accessKeyId()), root);
        assertThat(rig.credentials().find(key.accessKeyId(), null)).isEmpty();
        refused(
                "NoSuchEntity",
                "The Access Key with id " + key.accessKeyId() + " cannot be found.",
                () -> iam.deleteAccessKey(
                        new DeleteAccessKeyRequest().userName("u").accessKeyId(key.accessKeyId()), root));
    }

    @Test
    void inlinePoliciesAreCheckedMeasuredAndToldEncoded() {
        user("u");
        iam.putUserPolicy(
                new PutUserPolicyRequest().userName("u").policyName("p").policyDocument(ALLOW), root);
        GetUserPolicyResponse told =
                iam.getUserPolicy(new GetUserPolicyRequest().userName("u").policyName("p"), root);
        assertThat(told.policyDocument()).startsWith("%7B%22Version%22");
        assertThat(URLDecoder.decode(told.policyDocument(), StandardCharsets.UTF_8))
                .isEqualTo(ALLOW);
        refused(
                "MalformedPolicyDocument",
                "Policy statement must contain resources.",
                () -> iam.putUserPolicy(
                        new PutUserPolicyRequest()
                                .userName("u")
                                .policyName("q")
                                .policyDocument("{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\"}}"),
                        root));
        String large = IamRig.policy("Allow", "s3:*", "arn:aws:s3:::" + "x".repeat(2000));
        refused(
                "LimitExceeded",
                "Maximum policy size of 2048 bytes exceeded for user u",
                () -> iam.putUserPolicy(
                        new PutUserPolicyRequest().userName("u").policyName("q").policyDocument(large), root));
        assertThat(iam.listUserPolicies(new ListUserPoliciesRequest().userName("u"), root)
                        .policyNames())
                .containsExactly("p");
        refused(
                "NoSuchEntity",
                "The user policy with name q cannot be found.",
                () -> iam.deleteUserPolicy(
                        new DeleteUserPolicyRequest().userName("u").policyName("q"), root));
    }

    @Test
    void managedPoliciesHaveVersionsAndStayWhileUsed() {
        String arn = iam.createPolicy(
                        new CreatePolicyRequest()
                                .policyName("P")
                                .policyDocument(ALLOW)
                                .description("d"),
                        root)
                .policy()
                .arn();
        assertThat(arn).isEqualTo("arn:aws:iam::" + ACCOUNT + ":policy/P");
        CreatePolicyVersionRequest version = new CreatePolicyVersionRequest()
                .policyArn(arn)
                .policyDocument(IamRig.policy("Deny", "*", "*"))
                .setAsDefault(true);
        assertThat(iam.createPolicyVersion(version, root).policyVersion().versionId())
                .isEqualTo("v2");
        for (int i = 3; i <= 5; i++) {
            iam.createPolicyVersion(version.setAsDefault(false), root);
        }
        refused(
                "LimitExceeded",
                "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing"
                        + " version.",
                () -> iam.createPolicyVersion(version, root));
        refused(
                "DeleteConflict",
                "Cannot delete the default version of a policy.",
                () -> iam.deletePolicyVersion(
                        new DeletePolicyVersionRequest().policyArn(arn).versionId("v2"), root));
        assertThat(iam.listPolicyVersions(new ListPolicyVersionsRequest().policyArn(arn), root)
                        .versions())
                .extracting(PolicyVersion::versionId)
                .containsExactly("v5", "v4", "v3", "v2", "v1");
        user("u");
        iam.attachUserPolicy(new AttachUserPolicyRequest().userName("u").policyArn(arn), root);
        assertThat(iam.getPolicy(new GetPolicyRequest().policyArn(arn), root)
                        .policy()
                        .attachmentCount())
                .isEqualTo(1);
        assertThat(iam.listEntitiesForPolicy(new ListEntitiesForPolicyRequest().policyArn(arn), root)
                        .policyUsers())
                .extracting(PolicyUser::userName)
                .containsExactly("u");
        refused(
                "DeleteConflict",
                "Cannot delete a policy attached to entities.",
                () -> iam.deletePolicy(new DeletePolicyRequest().policyArn(arn), root));
        iam.detachUserPolicy(new DetachUserPolicyRequest().userName("u").policyArn(arn), root);
        for (String gone : List.of("v1", "v3", "v4", "v5")) {
            iam.deletePolicyVersion(
                    new DeletePolicyVersionRequest().policyArn(arn).versionId(gone), root);
        }
        iam.deletePolicy(new DeletePolicyRequest().policyArn(arn), root);
        refused(
                "NoSuchEntity",
                "Policy " + arn + " was not found.",
                () -> iam.getPolicy(new GetPolicyRequest().policyArn(arn), root));
    }

    @Test
    void awsManagedPoliciesStandUnderTheirTrueArns() {
        Policy basic = iam.getPolicy(
                        new GetPolicyRequest()
                                .policyArn("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"),
                        root)
                .policy();
        assertThat(basic.path()).isEqualTo("/service-role/");
        PolicyVersion version = iam.getPolicyVersion(
                        new GetPolicyVersionRequest().policyArn(basic.arn()).versionId(basic.defaultVersionId()), root)
                .policyVersion();
        assertThat(URLDecoder.decode(version.document(), StandardCharsets.UTF_8))
                .contains("logs:PutLogEvents");
        List<String> seen = new ArrayList<>();
        String marker = null;
        do {
            ListPoliciesResponse page =
                    iam.listPolicies(new ListPoliciesRequest().scope("AWS").marker(marker), root);
            page.policies().forEach(policy -> seen.add(policy.policyName()));
            marker = page.marker();
        } while (marker != null);
        assertThat(seen).hasSizeGreaterThan(250).doesNotHaveDuplicates().contains("AdministratorAccess");
        Fault fault = catchThrowableOfType(
                Fault.class, () -> iam.deletePolicy(new DeletePolicyRequest().policyArn(basic.arn()), root));
        assertThat(fault.status()).isBetween(400, 499);
    }

    @Test
    void rolesNeedATrustPolicyThatHoldsAndNamesWhoExists() {
        Role role = iam.createRole(
                        new CreateRoleRequest()
                                .roleName("r")
                                .path("/service/")
                                .maxSessionDuration(7200)
                                .assumeRolePolicyDocument(IamRig.trust("{\"Service\":\"lambda.amazonaws.com\"}")),
                        root)
                .role();
        assertThat(role.arn()).isEqualTo("arn:aws:iam::" + ACCOUNT + ":role/service/r");
        assertThat(role.roleId()).startsWith("AROA");
        refused(
                "MalformedPolicyDocument",
                "Invalid principal in policy: \"AWS\":\"arn:aws:iam::" + ACCOUNT + ":user/nobody\"",
                () -> iam.createRole(
                        new CreateRoleRequest()
                                .roleName("s")
                                .assumeRolePolicyDocument(
                                        IamRig.trust("{\"AWS\":\"arn:aws:iam::" + ACCOUNT + ":user/nobody\"}")),
                        root));
        refused(
                "MalformedPolicyDocument",
                "This policy contains invalid Json",
                () -> iam.updateAssumeRolePolicy(
                        new UpdateAssumeRolePolicyRequest().roleName("r").policyDocument("{"), root));
        iam.createInstanceProfile(new CreateInstanceProfileRequest().instanceProfileName("ip"), root);
        iam.addRoleToInstanceProfile(
                new AddRoleToInstanceProfileRequest().instanceProfileName("ip").roleName("r"), root);
        assertThat(iam.getInstanceProfile(new GetInstanceProfileRequest().instanceProfileName("ip"), root)
                        .instanceProfile()
                        .roles())
                .extracting(Role::roleName)
                .containsExactly("r");
        refused(
                "DeleteConflict",
                "Cannot delete entity, must remove roles from instance profile first.",
                () -> iam.deleteRole(new DeleteRoleRequest().roleName("r"), root));
        iam.removeRoleFromInstanceProfile(
                new RemoveRoleFromInstanceProfileRequest()
                        .instanceProfileName("ip")
                        .roleName("r"),
                root);
        iam.deleteRole(new DeleteRoleRequest().roleName("r"), root);
    }

    @Test
    void serviceLinkedRolesAreTheServicesOwn() {
        Role role = iam.createServiceLinkedRole(
                        new CreateServiceLinkedRoleRequest().awsServiceName("ecs.amazonaws.com"), root)
                .role();
        assertThat(role.arn())
                .isEqualTo("arn:aws:iam::" + ACCOUNT + ":role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS");
        Fault fault = catchThrowableOfType(
                Fault.class, () -> iam.deleteRole(new DeleteRoleRequest().roleName("AWSServiceRoleForECS"), root));
        assertThat(fault.code()).isEqualTo("UnmodifiableEntity");
        String task = iam.deleteServiceLinkedRole(
                        new DeleteServiceLinkedRoleRequest().roleName("AWSServiceRoleForECS"), root)
                .deletionTaskId();
        assertThat(iam.getServiceLinkedRoleDeletionStatus(
                                new GetServiceLinkedRoleDeletionStatusRequest().deletionTaskId(task), root)
                        .status())
                .isEqualTo("SUCCEEDED");
    }

    @Test
    void accountsAreApartAndHaveAnAliasAndASummary() {
        user("u");
        iam.createAccountAlias(new CreateAccountAliasRequest().accountAlias("my-co"), root);
        assertThat(iam.listUsers(new ListUsersRequest(), rig.root(IamRig.OTHER)).users())
                .isEmpty();
        refused(
                "EntityAlreadyExists",
                "The account alias my-co already exists.",
                () -> iam.createAccountAlias(
                        new CreateAccountAliasRequest().accountAlias("my-co"), rig.root(IamRig.OTHER)));
        assertThat(iam.listAccountAliases(new ListAccountAliasesRequest(), root).accountAliases())
                .containsExactly("my-co");
        assertThat(iam.getAccountSummary(new GetAccountSummaryRequest(), root).summaryMap())
                .containsEntry("Users", 1)
                .containsEntry("AccessKeysPerUserQuota", 2);
    }

    @Test
    void getUserWithoutANameIsAboutTheCaller() {
        Call bob = rig.user("bob", IamRig.policy("Allow", "iam:GetUser", "*"));
        assertThat(iam.getUser(new GetUserRequest(), bob).user().userName()).isEqualTo("bob");
        assertThat(iam.getUser(new GetUserRequest(), root).user().arn()).isEqualTo("arn:aws:iam::" + ACCOUNT + ":root");
    }

    @Test
    void unbuiltOperationsSaySo() {
        Fault fault = catchThrowableOfType(
                Fault.class, () -> iam.getHumanReadableSummary(new GetHumanReadableSummaryRequest(), root));
        assertThat(fault.code()).isEqualTo("NotImplemented");
        assertThat(fault.status()).isEqualTo(501);
    }
}
