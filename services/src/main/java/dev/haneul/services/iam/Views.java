package dev.haneul.services.iam;

import dev.haneul.api.iam.AttachedPermissionsBoundary;
import dev.haneul.api.iam.Group;
import dev.haneul.api.iam.InstanceProfile;
import dev.haneul.api.iam.Policy;
import dev.haneul.api.iam.PolicyVersion;
import dev.haneul.api.iam.Role;
import dev.haneul.api.iam.RoleLastUsed;
import dev.haneul.api.iam.User;
import dev.haneul.services.iam.AccessTables.AccessRow;
import dev.haneul.services.iam.IamTables.GroupRow;
import dev.haneul.services.iam.IamTables.PolicyRow;
import dev.haneul.services.iam.IamTables.ProfileRow;
import dev.haneul.services.iam.IamTables.RoleRow;
import dev.haneul.services.iam.IamTables.UserRow;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Records as answers tell them. Lists tell less of each than single answers do. */
final class Views {
    private Views() {}

    /** A user as lists tell it. */
    static User brief(UserRow row, String account) {
        return new User()
                .userName(row.name())
                .userId(row.id())
                .path(row.path())
                .arn(row.arn(account))
                .createDate(row.created());
    }

    static User full(UserRow row, String account) {
        return brief(row, account)
                .permissionsBoundary(boundary(row.grants().boundary()))
                .tags(row.tags().isEmpty() ? null : Tags.list(row.tags()));
    }

    static Group group(GroupRow row, String account) {
        return new Group()
                .groupName(row.name())
                .groupId(row.id())
                .path(row.path())
                .arn(row.arn(account))
                .createDate(row.created());
    }

    /** A role as lists tell it. */
    static Role brief(RoleRow row, String account) {
        return new Role()
                .roleName(row.name())
                .roleId(row.id())
                .path(row.path())
                .arn(row.arn(account))
                .createDate(row.created())
                .description(row.description())
                .maxSessionDuration(row.maxSessionSeconds())
                .assumeRolePolicyDocument(Documents.encode(row.trust()));
    }

    static Role full(RoleRow row, String account, Optional<AccessRow> lastUse) {
        return brief(row, account)
                .permissionsBoundary(boundary(row.grants().boundary()))
                .roleLastUsed(lastUsed(lastUse))
                .tags(row.tags().isEmpty() ? null : Tags.list(row.tags()));
    }

    /** When sessions of a role last called anything, and where; an empty structure where none did. */
    static RoleLastUsed lastUsed(Optional<AccessRow> use) {
        return use.map(row -> new RoleLastUsed().lastUsedDate(row.last()).region(row.region()))
                .orElseGet(RoleLastUsed::new);
    }

    static InstanceProfile profile(ProfileRow row, String account, @Nullable RoleRow role) {
        return new InstanceProfile()
                .instanceProfileName(row.name())
                .instanceProfileId(row.id())
                .path(row.path())
                .arn(row.arn(account))
                .createDate(row.created())
                .roles(role == null ? List.of() : List.of(brief(role, account)))
                .tags(row.tags().isEmpty() ? null : Tags.list(row.tags()));
    }

    /** A managed policy; the counts are of the asking account. */
    static Policy policy(PolicyRow row, String account, int attachments, int boundaries) {
        return new Policy()
                .policyName(row.name())
                .policyId(row.id())
                .path(row.path())
                .arn(row.arn(account))
                .defaultVersionId("v" + row.defaultVersion())
                .attachmentCount(attachments)
                .permissionsBoundaryUsageCount(boundaries)
                .isAttachable(true)
                .createDate(row.created())
                .updateDate(row.updated());
    }

    static Policy policy(AwsManagedPolicies.Managed policy, int attachments, int boundaries) {
        return new Policy()
                .policyName(policy.name())
                .policyId(policy.id())
                .path(policy.path())
                .arn(policy.arn())
                .defaultVersionId(policy.version())
                .attachmentCount(attachments)
                .permissionsBoundaryUsageCount(boundaries)
                .isAttachable(!policy.path().startsWith("/aws-service-role/"))
                .createDate(policy.created())
                .updateDate(policy.created());
    }

    static PolicyVersion version(PolicyRow row, PolicyRow.Version version, boolean withDocument) {
        return new PolicyVersion()
                .versionId(version.versionId())
                .isDefaultVersion(version.number() == row.defaultVersion())
                .createDate(version.created())
                .document(withDocument ? Documents.encode(version.document()) : null);
    }

    static PolicyVersion version(AwsManagedPolicies.Managed policy, boolean withDocument) {
        return new PolicyVersion()
                .versionId(policy.version())
                .isDefaultVersion(true)
                .createDate(policy.created())
                .document(withDocument ? Documents.encode(policy.document()) : null);
    }

    static @Nullable AttachedPermissionsBoundary boundary(@Nullable String arn) {
        return arn == null
                ? null
                : new AttachedPermissionsBoundary()
                        .permissionsBoundaryType("Policy")
                        .permissionsBoundaryArn(arn);
    }
}
