package dev.haneul.services.iam;

import dev.haneul.kernel.call.AccountRules;

/** IAM's API. Each group of operations stands in the interface that is named after what it acts on. */
public final class IamService
        implements UserOperations,
                GroupOperations,
                RoleOperations,
                ServiceLinkedRoleOperations,
                PolicyOperations,
                InstanceProfileOperations,
                AccessKeyOperations,
                AccountOperations,
                PasswordOperations,
                CredentialReportOperations,
                AuthorizationDetailsOperations,
                MfaOperations,
                OidcProviderOperations,
                SamlProviderOperations,
                ServerCertificateOperations,
                UserKeyOperations,
                ServiceCredentialOperations,
                LastAccessedOperations,
                SimulationOperations {
    private final IamState state;
    private final AccountRules accounts;

    /**
     * Makes the service.
     *
     * @param accounts what organisations add, which the simulator tells of
     */
    public IamService(IamState state, AccountRules accounts) {
        this.state = state;
        this.accounts = accounts;
    }

    @Override
    public AccountRules accounts() {
        return accounts;
    }

    @Override
    public IamState state() {
        return state;
    }
}
