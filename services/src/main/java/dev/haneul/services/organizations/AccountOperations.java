package dev.haneul.services.organizations;

import dev.haneul.api.organizations.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.services.organizations.Organizations.Page;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Accounts: made, told, moved, closed, taken out. */
interface AccountOperations extends OrganizationsRoom {
    @Override
    default CreateAccountResponse createAccount(CreateAccountRequest in, Call call) {
        String request = "car-" + state().ids().hex(32);
        return state().change(call, draft -> {
            CreateAccountStatus status = new CreateAccountStatus()
                    .id(request)
                    .accountName(in.accountName())
                    .state(CreateAccountState.IN_PROGRESS)
                    .requestedTimestamp(state().now());
            draft.requests.put(request, status);
            draft.roles.put(request, (in.roleName() == null ? NewAccounts.ROLE : in.roleName()) + "\n" + in.email());
            Tagging.put(draft, request, in.tags());
            return new CreateAccountResponse().createAccountStatus(status);
        });
    }

    @Override
    default DescribeCreateAccountStatusResponse describeCreateAccountStatus(
            DescribeCreateAccountStatusRequest in, Call call) {
        CreateAccountStatus found = state().managed(call).requests().get(in.createAccountRequestId());
        if (found == null) {
            throw OrganizationFaults.of(
                    "CreateAccountStatusNotFoundException",
                    "You specified a create account request that doesn't exist.");
        }
        return new DescribeCreateAccountStatusResponse().createAccountStatus(found);
    }

    @Override
    default ListCreateAccountStatusResponse listCreateAccountStatus(ListCreateAccountStatusRequest in, Call call) {
        List<CreateAccountStatus> all = state().managed(call).requests().values().stream()
                .filter(each -> in.states().isEmpty() || in.states().contains(each.state()))
                .toList();
        Page<CreateAccountStatus> page = state().page(all, in.nextToken(), in.maxResults());
        return new ListCreateAccountStatusResponse()
                .createAccountStatuses(page.items())
                .nextToken(page.next());
    }

    @Override
    default DescribeAccountResponse describeAccount(DescribeAccountRequest in, Call call) {
        return new DescribeAccountResponse()
                .account(account(state().managed(call).accounts(), in.accountId()));
    }

    static Account account(Map<String, Account> accounts, String id) {
        Account found = accounts.get(id);
        if (found == null) {
            throw OrganizationFaults.noAccount();
        }
        return found;
    }

    @Override
    default ListAccountsResponse listAccounts(ListAccountsRequest in, Call call) {
        List<Account> all = List.copyOf(state().managed(call).accounts().values());
        Page<Account> page = state().page(all, in.nextToken(), in.maxResults());
        return new ListAccountsResponse().accounts(page.items()).nextToken(page.next());
    }

    @Override
    default ListAccountsForParentResponse listAccountsForParent(ListAccountsForParentRequest in, Call call) {
        OrganizationRow row = state().managed(call);
        TreeOperations.requireParent(row, in.parentId());
        Page<String> page = state().page(
                        TreeOperations.children(row, in.parentId(), ChildType.ACCOUNT),
                        in.nextToken(),
                        in.maxResults());
        return new ListAccountsForParentResponse()
                .accounts(page.items().stream()
                        .map(id -> account(row.accounts(), id))
                        .toList())
                .nextToken(page.next());
    }

    @Override
    default MoveAccountResponse moveAccount(MoveAccountRequest in, Call call) {
        return state().change(call, draft -> {
            account(draft.accounts, in.accountId());
            @Nullable String parent = draft.parents.get(in.accountId());
            if (!in.sourceParentId().equals(parent)) {
                throw OrganizationFaults.of(
                        "SourceParentNotFoundException", "You specified a source parent that doesn't exist.");
            }
            String to = in.destinationParentId();
            if (!to.equals(draft.before.root()) && !draft.units.containsKey(to)) {
                throw OrganizationFaults.of(
                        "DestinationParentNotFoundException", "You specified a destination parent that doesn't exist.");
            }
            if (to.equals(parent)) {
                throw OrganizationFaults.of(
                        "DuplicateAccountException", "That account is already present in the specified destination.");
            }
            draft.parents.put(in.accountId(), to);
            return new MoveAccountResponse();
        });
    }

    @Override
    default CloseAccountResponse closeAccount(CloseAccountRequest in, Call call) {
        return state().change(call, draft -> {
            Account account = account(draft.accounts, in.accountId());
            if (in.accountId().equals(draft.before.management())) {
                throw OrganizationFaults.constraint(
                        "CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You cannot close the management account.");
            }
            if (!AccountStatus.ACTIVE.equals(account.status())) {
                throw OrganizationFaults.of(
                        "AccountAlreadyClosedException", "You attempted to close an account that is already closed.");
            }
            draft.accounts.put(
                    in.accountId(),
                    copy(account).status(AccountStatus.SUSPENDED).state(AccountState.SUSPENDED));
            return new CloseAccountResponse();
        });
    }

    private static Account copy(Account account) {
        return new Account()
                .id(account.id())
                .arn(account.arn())
                .email(account.email())
                .name(account.name())
                .joinedMethod(account.joinedMethod())
                .joinedTimestamp(account.joinedTimestamp());
    }

    @Override
    default RemoveAccountFromOrganizationResponse removeAccountFromOrganization(
            RemoveAccountFromOrganizationRequest in, Call call) {
        return state().change(call, draft -> {
            account(draft.accounts, in.accountId());
            leave(draft, in.accountId());
            return new RemoveAccountFromOrganizationResponse();
        });
    }

    @Override
    default LeaveOrganizationResponse leaveOrganization(LeaveOrganizationRequest in, Call call) {
        return state().write(tx -> {
            OrganizationRow row = Organizations.of(tx, call.account()).orElseThrow(OrganizationFaults::notInUse);
            return Organizations.change(tx, row, draft -> {
                leave(draft, call.account());
                return new LeaveOrganizationResponse();
            });
        });
    }

    private static void leave(Draft draft, String account) {
        if (account.equals(draft.before.management())) {
            throw OrganizationFaults.of(
                    "MasterCannotLeaveOrganizationException",
                    "You can't remove a management account from an organization. If you want the management account to"
                            + " become a member account in another organization, you must first delete the current"
                            + " organization of the management account.");
        }
        if (draft.delegates.containsKey(account)) {
            throw OrganizationFaults.constraint(
                    "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
                    "You attempted to remove an account from the organization that is registered as a delegated"
                            + " administrator for a service integrated with Organizations.");
        }
        draft.leave(account);
    }
}
