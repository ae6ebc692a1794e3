package dev.haneul.services.organizations;

import dev.haneul.api.organizations.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.services.organizations.Organizations.Page;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Services that may act in the organisation, and accounts that administer them. */
interface TrustOperations extends OrganizationsRoom {
    @Override
    default EnableAWSServiceAccessResponse enableAWSServiceAccess(EnableAWSServiceAccessRequest in, Call call) {
        String service = service(in.servicePrincipal());
        return state().change(call, draft -> {
            draft.services.putIfAbsent(service, state().now().toEpochMilli());
            return new EnableAWSServiceAccessResponse();
        });
    }

    @Override
    default DisableAWSServiceAccessResponse disableAWSServiceAccess(DisableAWSServiceAccessRequest in, Call call) {
        return state().change(call, draft -> {
            draft.services.remove(in.servicePrincipal());
            return new DisableAWSServiceAccessResponse();
        });
    }

    private static String service(String principal) {
        if (!principal.matches("[a-z0-9.-]+\\.amazonaws\\.com")) {
            throw OrganizationFaults.invalid(
                    "UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.");
        }
        return principal;
    }

    @Override
    default ListAWSServiceAccessForOrganizationResponse listAWSServiceAccessForOrganization(
            ListAWSServiceAccessForOrganizationRequest in, Call call) {
        List<EnabledServicePrincipal> all = state().managed(call).services().entrySet().stream()
                .map(each -> new EnabledServicePrincipal()
                        .servicePrincipal(each.getKey())
                        .dateEnabled(Instant.ofEpochMilli(each.getValue())))
                .toList();
        Page<EnabledServicePrincipal> page = state().page(all, in.nextToken(), in.maxResults());
        return new ListAWSServiceAccessForOrganizationResponse()
                .enabledServicePrincipals(page.items())
                .nextToken(page.next());
    }

    @Override
    default RegisterDelegatedAdministratorResponse registerDelegatedAdministrator(
            RegisterDelegatedAdministratorRequest in, Call call) {
        return state().change(call, draft -> {
            AccountOperations.account(draft.accounts, in.accountId());
            if (in.accountId().equals(draft.before.management())) {
                throw OrganizationFaults.constraint(
                        "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
                        "You cannot register the management account of the organization as a delegated administrator.");
            }
            if (!draft.services.containsKey(in.servicePrincipal())) {
                throw OrganizationFaults.constraint(
                        "SERVICE_ACCESS_NOT_ENABLED",
                        "You attempted to register a delegated administrator before you enabled service access.");
            }
            Map<String, Long> services = draft.delegates.computeIfAbsent(in.accountId(), _ -> new LinkedHashMap<>());
            if (services.putIfAbsent(in.servicePrincipal(), state().now().toEpochMilli()) != null) {
                throw OrganizationFaults.of(
                        "AccountAlreadyRegisteredException",
                        "The specified account is already a delegated administrator for this AWS service.");
            }
            return new RegisterDelegatedAdministratorResponse();
        });
    }

    @Override
    default DeregisterDelegatedAdministratorResponse deregisterDelegatedAdministrator(
            DeregisterDelegatedAdministratorRequest in, Call call) {
        return state().change(call, draft -> {
            AccountOperations.account(draft.accounts, in.accountId());
            Map<String, Long> services = draft.delegates.get(in.accountId());
            if (services == null || services.remove(in.servicePrincipal()) == null) {
                throw OrganizationFaults.of(
                        "AccountNotRegisteredException",
                        "The specified account is not a delegated administrator for this AWS service.");
            }
            if (services.isEmpty()) {
                draft.delegates.remove(in.accountId());
            }
            return new DeregisterDelegatedAdministratorResponse();
        });
    }

    @Override
    default ListDelegatedAdministratorsResponse listDelegatedAdministrators(
            ListDelegatedAdministratorsRequest in, Call call) {
        OrganizationRow row = state().managed(call);
        List<DelegatedAdministrator> all = row.delegates().entrySet().stream()
                .filter(each -> in.servicePrincipal() == null || each.getValue().containsKey(in.servicePrincipal()))
                .map(each -> administrator(
                        Objects.requireNonNull(row.accounts().get(each.getKey())),
                        each.getValue().values().iterator().next()))
                .toList();
        Page<DelegatedAdministrator> page = state().page(all, in.nextToken(), in.maxResults());
        return new ListDelegatedAdministratorsResponse()
                .delegatedAdministrators(page.items())
                .nextToken(page.next());
    }

    private static DelegatedAdministrator administrator(Account account, long since) {
        return new DelegatedAdministrator()
                .id(account.id())
                .arn(account.arn())
                .email(account.email())
                .name(account.name())
                .status(account.status())
                .joinedMethod(account.joinedMethod())
                .joinedTimestamp(account.joinedTimestamp())
                .delegationEnabledDate(Instant.ofEpochMilli(since));
    }

    @Override
    default ListDelegatedServicesForAccountResponse listDelegatedServicesForAccount(
            ListDelegatedServicesForAccountRequest in, Call call) {
        OrganizationRow row = state().managed(call);
        AccountOperations.account(row.accounts(), in.accountId());
        Map<String, Long> services = row.delegates().get(in.accountId());
        if (services == null) {
            throw OrganizationFaults.of(
                    "AccountNotRegisteredException",
                    "The specified account is not a delegated administrator for this AWS service.");
        }
        List<DelegatedService> all = services.entrySet().stream()
                .map(each -> new DelegatedService()
                        .servicePrincipal(each.getKey())
                        .delegationEnabledDate(Instant.ofEpochMilli(each.getValue())))
                .toList();
        Page<DelegatedService> page = state().page(all, in.nextToken(), in.maxResults());
        return new ListDelegatedServicesForAccountResponse()
                .delegatedServices(page.items())
                .nextToken(page.next());
    }
}
