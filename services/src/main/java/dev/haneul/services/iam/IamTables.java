package dev.haneul.services.iam;

import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** IAM's durable state. Names are unique whatever their case, so ids are names in lower case. */
final class IamTables {
    static final Table<UserRow> USERS = Table.of(
            "iam.user",
            RecordCodecs.of(UserRow.class),
            new Table.Index<>("policy", row -> row.grants().uses()),
            new Table.Index<>("group", UserRow::groups),
            new Table.Index<>("id", row -> List.of(row.id())));
    static final Table<GroupRow> GROUPS = Table.of(
            "iam.group",
            RecordCodecs.of(GroupRow.class),
            new Table.Index<>("policy", row -> row.grants().uses()));
    static final Table<RoleRow> ROLES = Table.of(
            "iam.role",
            RecordCodecs.of(RoleRow.class),
            new Table.Index<>("policy", row -> row.grants().uses()));
    static final Table<PolicyRow> POLICIES = Table.of("iam.policy", RecordCodecs.of(PolicyRow.class));
    static final Table<ProfileRow> PROFILES = Table.of(
            "iam.instance_profile",
            RecordCodecs.of(ProfileRow.class),
            new Table.Index<>("role", row -> row.role().isEmpty() ? List.of() : List.of(id(row.role()))));
    static final Table<AccessKeyRow> ACCESS_KEYS = Table.of(
            "iam.access_key",
            RecordCodecs.of(AccessKeyRow.class),
            new Table.Index<>("user", row -> row.user().isEmpty() ? List.of() : List.of(row.user())));
    static final Table<AccountRow> ACCOUNTS = Table.of(
            "iam.account",
            RecordCodecs.of(AccountRow.class),
            new Table.Index<>("alias", row -> row.alias().isEmpty() ? List.of() : List.of(row.alias())));
    static final List<Table<?>> ALL = List.of(USERS, GROUPS, ROLES, POLICIES, PROFILES, ACCESS_KEYS, ACCOUNTS);

    private IamTables() {}

    static Scope scope(String account) {
        return new Scope(account, "");
    }

    /** The id of a record with this name. */
    static String id(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /**
     * What an entity is granted.
     *
     * @param inline inline policies by name
     * @param attached ARNs of managed policies in the order they were attached
     * @param boundary ARN of the permissions boundary, null for none
     */
    record Grants(
            Map<String, String> inline,
            List<String> attached,
            @Nullable String boundary) {
        static final Grants NONE = new Grants(Map.of(), List.of(), null);

        /** Index values: attached policies by ARN, the boundary behind a mark. */
        List<String> uses() {
            List<String> uses = new ArrayList<>(attached);
            if (boundary != null) {
                uses.add("boundary:" + boundary);
            }
            return uses;
        }

        Grants withInline(String name, @Nullable String document) {
            Map<String, String> changed = new LinkedHashMap<>(inline);
            if (document == null) {
                changed.remove(name);
            } else {
                changed.put(name, document);
            }
            return new Grants(changed, attached, boundary);
        }

        Grants withAttached(List<String> arns) {
            return new Grants(inline, List.copyOf(arns), boundary);
        }

        Grants withBoundary(@Nullable String arn) {
            return new Grants(inline, attached, arn);
        }
    }

    /** @param groups ids of the groups it is in */
    record UserRow(
            String name,
            String id,
            String path,
            Instant created,
            Grants grants,
            List<String> groups,
            Map<String, String> tags) {
        String arn(String account) {
            return "arn:aws:iam::" + account + ":user" + path + name;
        }

        UserRow with(Grants changed) {
            return new UserRow(name, id, path, created, changed, groups, tags);
        }

        UserRow withGroups(List<String> changed) {
            return new UserRow(name, id, path, created, grants, List.copyOf(changed), tags);
        }

        UserRow withTags(Map<String, String> changed) {
            return new UserRow(name, id, path, created, grants, groups, changed);
        }
    }

    record GroupRow(String name, String id, String path, Instant created, Grants grants) {
        String arn(String account) {
            return "arn:aws:iam::" + account + ":group" + path + name;
        }

        GroupRow with(Grants changed) {
            return new GroupRow(name, id, path, created, changed);
        }
    }

    /**
     * A role.
     *
     * @param trust its trust policy as JSON
     * @param linkedTo the service a service-linked role belongs to, empty for others
     */
    record RoleRow(
            String name,
            String id,
            String path,
            Instant created,
            @Nullable String description,
            int maxSessionSeconds,
            String trust,
            Grants grants,
            Map<String, String> tags,
            String linkedTo) {
        String arn(String account) {
            return "arn:aws:iam::" + account + ":role" + path + name;
        }

        RoleRow with(Grants changed) {
            return new RoleRow(name, id, path, created, description, maxSessionSeconds, trust, changed, tags, linkedTo);
        }

        RoleRow withTags(Map<String, String> changed) {
            return new RoleRow(
                    name, id, path, created, description, maxSessionSeconds, trust, grants, changed, linkedTo);
        }

        RoleRow withTrust(String changed) {
            return new RoleRow(
                    name, id, path, created, description, maxSessionSeconds, changed, grants, tags, linkedTo);
        }

        RoleRow withSettings(@Nullable String about, int maxSeconds) {
            return new RoleRow(name, id, path, created, about, maxSeconds, trust, grants, tags, linkedTo);
        }
    }

    /**
     * A customer managed policy.
     *
     * @param defaultVersion the number of the version in force
     * @param lastVersion the highest number ever given, for numbers are not used again
     */
    record PolicyRow(
            String name,
            String id,
            String path,
            @Nullable String description,
            Instant created,
            Instant updated,
            List<Version> versions,
            int defaultVersion,
            int lastVersion,
            Map<String, String> tags) {
        /** One version of the document. */
        record Version(int number, String document, Instant created) {
            String versionId() {
                return "v" + number;
            }
        }

        String arn(String account) {
            return "arn:aws:iam::" + account + ":policy" + path + name;
        }

        /** The document in force. */
        String document() {
            return version("v" + defaultVersion).document();
        }

        Version version(String versionId) {
            for (Version version : versions) {
                if (version.versionId().equals(versionId)) {
                    return version;
                }
            }
            throw IamFaults.noSuchEntity(
                    "Policy " + name + " version " + versionId + " does not exist or is not" + " attachable.");
        }

        PolicyRow withVersions(List<Version> changed, int inForce, int last, Instant now) {
            return new PolicyRow(name, id, path, description, created, now, List.copyOf(changed), inForce, last, tags);
        }

        PolicyRow withTags(Map<String, String> changed) {
            return new PolicyRow(
                    name, id, path, description, created, updated, versions, defaultVersion, lastVersion, changed);
        }
    }

    /** @param role the name of its role, empty for none */
    record ProfileRow(String name, String id, String path, Instant created, String role, Map<String, String> tags) {
        String arn(String account) {
            return "arn:aws:iam::" + account + ":instance-profile" + path + name;
        }

        ProfileRow withRole(String changed) {
            return new ProfileRow(name, id, path, created, changed, tags);
        }

        ProfileRow withTags(Map<String, String> changed) {
            return new ProfileRow(name, id, path, created, role, changed);
        }
    }

    /**
     * A long-term key.
     *
     * @param user the id of its user, empty for the account's root
     * @param secret sealed by {@link Secrets} under the key's id
     */
    record AccessKeyRow(String id, String user, String secret, boolean active, Instant created) {
        AccessKeyRow withActive(boolean changed) {
            return new AccessKeyRow(id, user, secret, changed, created);
        }

        @Override
        public String toString() {
            return "AccessKeyRow[" + id + "]";
        }
    }

    /**
     * What an account as a whole has set.
     *
     * @param alias empty for none
     * @param password its rules for passwords, null where none are set
     * @param tokenVersion which session tokens the global endpoint gives, 1 or 2; 0 where nothing is set
     */
    record AccountRow(String alias, @Nullable PasswordRules password, int tokenVersion) {
        static final AccountRow NONE = new AccountRow("", null, 0);

        /**
         * Rules for passwords.
         *
         * @param maxAgeDays 0 for ever
         * @param reuse how many former passwords may not come again
         */
        record PasswordRules(
                int length,
                boolean symbols,
                boolean numbers,
                boolean uppercase,
                boolean lowercase,
                boolean selfService,
                int maxAgeDays,
                int reuse,
                boolean hardExpiry) {}

        AccountRow withAlias(String changed) {
            return new AccountRow(changed, password, tokenVersion);
        }

        AccountRow with(@Nullable PasswordRules changed) {
            return new AccountRow(alias, changed, tokenVersion);
        }

        AccountRow withTokenVersion(int changed) {
            return new AccountRow(alias, password, changed);
        }
    }
}
