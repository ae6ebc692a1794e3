package dev.haneul.services.iam;

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
                SimulationOperations {
    private final IamState state;

    public IamService(IamState state) {
        this.state = state;
    }

    @Override
    public IamState state() {
        return state;
    }
}
