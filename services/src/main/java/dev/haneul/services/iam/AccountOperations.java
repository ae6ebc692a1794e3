package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.iam.CredentialTables.MfaRow;
import dev.haneul.services.iam.IamTables.AccountRow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is about the account as a whole: its alias and its summary. */
interface AccountOperations extends IamRoom {
    String ACCOUNT = "account";

    @Override
    default CreateAccountAliasResponse createAccountAlias(CreateAccountAliasRequest in, Call call) {
        state().write(tx -> {
            boolean taken = tx.findAnywhere(IamTables.ACCOUNTS, "alias", in.accountAlias(), null, 10).stream()
                    .anyMatch(row -> !row.key().account().equals(call.account()));
            if (taken) {
                throw IamFaults.alreadyExists("The account alias " + in.accountAlias() + " already exists.");
            }
            AccountRow row = IamState.account(tx, call.account()).withAlias(in.accountAlias());
            tx.put(IamTables.ACCOUNTS, IamTables.scope(call.account()).key(ACCOUNT), row);
            return true;
        });
        return new CreateAccountAliasResponse();
    }

    @Override
    default DeleteAccountAliasResponse deleteAccountAlias(DeleteAccountAliasRequest in, Call call) {
        state().write(tx -> {
            if (!alias(tx, call.account()).equals(in.accountAlias())) {
                throw IamFaults.noSuchEntity("The account alias " + in.accountAlias() + " cannot be found.");
            }
            AccountRow row = IamState.account(tx, call.account()).withAlias("");
            tx.put(IamTables.ACCOUNTS, IamTables.scope(call.account()).key(ACCOUNT), row);
            return true;
        });
        return new DeleteAccountAliasResponse();
    }

    @Override
    default ListAccountAliasesResponse listAccountAliases(ListAccountAliasesRequest in, Call call) {
        String alias = state().read(tx -> alias(tx, call.account()));
        return new ListAccountAliasesResponse()
                .accountAliases(alias.isEmpty() ? List.of() : List.of(alias))
                .isTruncated(false);
    }

    private static String alias(ReadTx tx, String account) {
        return IamState.account(tx, account).alias();
    }

    private static int unassigned(ReadTx tx, String account) {
        return (int) tx.range(CredentialTables.MFA_DEVICES, IamTables.scope(account), "", null, 10_000).stream()
                .filter(row -> row.value().user() == null)
                .count();
    }

    /** Kept and told by the summary; sessions here are valid in every region whatever it says. */
    @Override
    default SetSecurityTokenServicePreferencesResponse setSecurityTokenServicePreferences(
            SetSecurityTokenServicePreferencesRequest in, Call call) {
        int version = GlobalEndpointTokenVersion.V2_TOKEN.equals(in.globalEndpointTokenVersion()) ? 2 : 1;
        state().write(tx -> {
            AccountRow row = IamState.account(tx, call.account()).withTokenVersion(version);
            tx.put(IamTables.ACCOUNTS, IamTables.scope(call.account()).key(ACCOUNT), row);
            return true;
        });
        return new SetSecurityTokenServicePreferencesResponse();
    }

    @Override
    default GetAccountSummaryResponse getAccountSummary(GetAccountSummaryRequest in, Call call) {
        String account = call.account();
        Map<String, Integer> summary = state().read(tx -> {
            Map<String, Integer> out = new LinkedHashMap<>();
            int versions = tx.range(IamTables.POLICIES, IamTables.scope(account), "", null, 10_000).stream()
                    .mapToInt(row -> row.value().versions().size())
                    .sum();
            out.put("Users", IamState.count(tx, IamTables.USERS, account));
            out.put("UsersQuota", UserOperations.USERS_PER_ACCOUNT);
            out.put("Groups", IamState.count(tx, IamTables.GROUPS, account));
            out.put("GroupsQuota", GroupOperations.GROUPS_PER_ACCOUNT);
            out.put("Roles", IamState.count(tx, IamTables.ROLES, account));
            out.put("RolesQuota", RoleOperations.ROLES_PER_ACCOUNT);
            out.put("Policies", IamState.count(tx, IamTables.POLICIES, account));
            out.put("PoliciesQuota", PolicyOperations.POLICIES_PER_ACCOUNT);
            out.put("PolicyVersionsInUse", versions);
            out.put("InstanceProfiles", IamState.count(tx, IamTables.PROFILES, account));
            int devices = IamState.count(tx, CredentialTables.MFA_DEVICES, account);
            out.put("MFADevices", devices);
            out.put("MFADevicesInUse", devices - unassigned(tx, account));
            out.put(
                    "AccountMFAEnabled",
                    MfaOperations.of(tx, account, MfaRow.ROOT).isEmpty() ? 0 : 1);
            out.put(
                    "Providers",
                    IamState.count(tx, ProviderTables.OIDC, account)
                            + IamState.count(tx, ProviderTables.SAML, account));
            out.put("ServerCertificates", IamState.count(tx, ProviderTables.SERVER_CERTIFICATES, account));
            int version = IamState.account(tx, account).tokenVersion();
            out.put("GlobalEndpointTokenVersion", version == 0 ? 1 : version);
            return out;
        });
        summary.put("PolicySizeQuota", PolicyOperations.POLICY_SIZE);
        summary.put("VersionsPerPolicyQuota", PolicyOperations.VERSIONS);
        summary.put("PolicyVersionsInUseQuota", 10_000);
        summary.put("InstanceProfilesQuota", 1000);
        summary.put("AccessKeysPerUserQuota", AccessKeyOperations.KEYS_PER_USER);
        summary.put("GroupsPerUserQuota", GroupOperations.GROUPS_PER_USER);
        summary.put("AttachedPoliciesPerUserQuota", Entities.USERS.attachedLimit());
        summary.put("AttachedPoliciesPerGroupQuota", Entities.GROUPS.attachedLimit());
        summary.put("AttachedPoliciesPerRoleQuota", Entities.ROLES.attachedLimit());
        summary.put("UserPolicySizeQuota", Entities.USERS.inlineLimit());
        summary.put("GroupPolicySizeQuota", Entities.GROUPS.inlineLimit());
        summary.put("RolePolicySizeQuota", Entities.ROLES.inlineLimit());
        summary.put("AssumeRolePolicySizeQuota", RoleOperations.TRUST_SIZE);
        summary.put("AccountAccessKeysPresent", 0);
        summary.put("ServerCertificatesQuota", 20);
        return new GetAccountSummaryResponse().summaryMap(summary);
    }
}
