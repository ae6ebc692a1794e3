package dev.haneul.services.organizations;

import dev.haneul.api.iam.AttachRolePolicyRequest;
import dev.haneul.api.iam.CreateRoleRequest;
import dev.haneul.api.iam.IamClient;
import dev.haneul.api.organizations.Account;
import dev.haneul.api.organizations.AccountJoinedMethod;
import dev.haneul.api.organizations.AccountState;
import dev.haneul.api.organizations.AccountStatus;
import dev.haneul.api.organizations.CreateAccountFailureReason;
import dev.haneul.api.organizations.CreateAccountState;
import dev.haneul.api.organizations.CreateAccountStatus;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the accounts that were asked for: a number nobody has, the role by which the management account gets in, and
 * the account in the tree. A step that is repeated finds what it made before.
 */
final class NewAccounts implements Reconciler<String> {
    static final String ROLE = "OrganizationAccountAccessRole";

    /** AWS's default quota of an organisation. */
    private static final int ACCOUNTS = 10;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String HOST = "organizations.amazonaws.com";

    private final Organizations state;
    private final IamClient iam;
    private final SecureRandom random = new SecureRandom();

    NewAccounts(Organizations state, IamClient iam) {
        this.state = state;
        this.iam = iam;
    }

    void join(Driver driver) {
        Driver.Waker<String> waker = driver.add(this, 1);
        driver.follow(
                "organizations.accounts",
                Set.of(OrganizationRow.TABLE.name()),
                change -> waker.wake(change.key().account()));
    }

    @Override
    public String name() {
        return "organizations.accounts";
    }

    @Override
    public Next reconcile(String management) {
        OrganizationRow row = state.read(tx -> Organizations.of(tx, management).orElse(null));
        if (row == null || !row.management().equals(management)) {
            return Next.DONE;
        }
        for (CreateAccountStatus request : row.requests().values()) {
            if (CreateAccountState.IN_PROGRESS.equals(request.state())) {
                step(row, request);
                return Next.after(Duration.ZERO);
            }
        }
        return Next.DONE;
    }

    /** Gives a request its number first, so that a repeated step makes no second account; then does the rest. */
    private void step(OrganizationRow row, CreateAccountStatus request) {
        String[] roleAndEmail =
                row.roles().getOrDefault(request.id(), ROLE + "\n").split("\n", 2);
        @Nullable String account = request.accountId();
        if (account == null) {
            String failure = row.accounts().size() >= ACCOUNTS
                    ? CreateAccountFailureReason.ACCOUNT_LIMIT_EXCEEDED
                    : row.accounts().values().stream().anyMatch(each -> roleAndEmail[1].equalsIgnoreCase(each.email()))
                            ? CreateAccountFailureReason.EMAIL_ALREADY_EXISTS
                            : null;
            CreateAccountStatus next = failure == null
                    ? copy(request).accountId(freeNumber())
                    : copy(request).state(CreateAccountState.FAILED).failureReason(failure);
            put(row, next);
            return;
        }
        role(account, roleAndEmail[0], row.management());
        finish(row, request, account, roleAndEmail[1]);
    }

    private String freeNumber() {
        String number;
        do {
            number = "%012d".formatted(random.nextLong(100_000_000_000L, 1_000_000_000_000L));
        } while (state.membership(number).isPresent());
        return number;
    }

    private void role(String account, String name, String management) {
        Call call = new Call(
                Principal.service(HOST),
                account,
                "us-east-1",
                state.ids().uuid(),
                state.now().plus(PATIENCE),
                Call.Origin.inside(HOST));
        try {
            iam.createRole(
                    new CreateRoleRequest()
                            .roleName(name)
                            .assumeRolePolicyDocument(
                                    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                                            + "\"Principal\":{\"AWS\":\"arn:aws:iam::" + management
                                            + ":root\"},\"Action\":\"sts:AssumeRole\"}]}"),
                    call);
        } catch (Fault fault) {
            if (!fault.code().equals("EntityAlreadyExists")) {
                throw fault;
            }
        }
        iam.attachRolePolicy(
                new AttachRolePolicyRequest().roleName(name).policyArn("arn:aws:iam::aws:policy/AdministratorAccess"),
                call);
    }

    private void finish(OrganizationRow row, CreateAccountStatus request, String account, String email) {
        state.write(tx -> Organizations.of(tx, row.management())
                .map(now -> Organizations.change(tx, now, draft -> {
                    draft.accounts.put(
                            account,
                            new Account()
                                    .id(account)
                                    .arn(now.arn("account/" + now.id() + "/" + account))
                                    .email(email)
                                    .name(request.accountName())
                                    .status(AccountStatus.ACTIVE)
                                    .state(AccountState.ACTIVE)
                                    .joinedMethod(AccountJoinedMethod.CREATED)
                                    .joinedTimestamp(state.now()));
                    draft.join(account, now.root());
                    Map<String, String> tags = draft.tags.remove(request.id());
                    if (tags != null) {
                        draft.tags.put(account, tags);
                    }
                    draft.roles.remove(request.id());
                    draft.requests.put(
                            request.id(), copy(request).accountId(account).state(CreateAccountState.SUCCEEDED));
                    return true;
                })));
    }

    private void put(OrganizationRow row, CreateAccountStatus next) {
        state.write(tx -> Organizations.of(tx, row.management())
                .map(now -> Organizations.change(tx, now, draft -> draft.requests.put(next.id(), next) != null)));
    }

    private CreateAccountStatus copy(CreateAccountStatus status) {
        return new CreateAccountStatus()
                .id(status.id())
                .accountName(status.accountName())
                .accountId(status.accountId())
                .state(status.state())
                .requestedTimestamp(status.requestedTimestamp())
                .completedTimestamp(state.now());
    }
}
