package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.iam.CredentialTables.LoginRow;
import dev.haneul.services.iam.IamTables.AccountRow;
import dev.haneul.services.iam.IamTables.AccountRow.PasswordRules;
import dev.haneul.services.iam.IamTables.UserRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Login profiles, passwords, and the account's rules for them. */
interface PasswordOperations extends IamRoom {
    /** The longest history a policy can ask for. */
    int REMEMBERED = 24;

    @Override
    default CreateLoginProfileResponse createLoginProfile(CreateLoginProfileRequest in, Call call) {
        String userName = UserOperations.userName(in.userName(), call);
        String password = in.password();
        if (password == null) {
            throw IamFaults.validation("Must specify a password to create a login profile.");
        }
        PasswordRules rules =
                state().read(tx -> IamState.account(tx, call.account())).password();
        Passwords.check(password, userName, rules);
        String hash = Passwords.hash(password, state().random());
        boolean reset = Boolean.TRUE.equals(in.passwordResetRequired());
        LoginProfile made = state().write(tx -> {
            UserRow user = IamState.user(tx, call.account(), userName);
            if (IamState.find(tx, CredentialTables.LOGINS, call.account(), user.name())
                    .isPresent()) {
                throw IamFaults.alreadyExists("Login Profile for user " + user.name() + " already exists.");
            }
            LoginRow row = new LoginRow(user.name(), state().now(), state().now(), hash, reset, List.of());
            IamState.put(tx, CredentialTables.LOGINS, call.account(), user.name(), row);
            return view(user, row);
        });
        return new CreateLoginProfileResponse().loginProfile(made);
    }

    @Override
    default GetLoginProfileResponse getLoginProfile(GetLoginProfileRequest in, Call call) {
        String userName = UserOperations.userName(in.userName(), call);
        return new GetLoginProfileResponse().loginProfile(state().read(tx -> {
            UserRow user = IamState.user(tx, call.account(), userName);
            return view(user, login(tx, call.account(), user.name()));
        }));
    }

    @Override
    default UpdateLoginProfileResponse updateLoginProfile(UpdateLoginProfileRequest in, Call call) {
        PasswordRules rules =
                state().read(tx -> IamState.account(tx, call.account())).password();
        LoginRow before = state().read(tx -> login(tx, call.account(), in.userName()));
        String password = in.password();
        String hash = null;
        if (password != null) {
            Passwords.check(password, in.userName(), rules);
            Passwords.checkReuse(password, history(before), rules);
            hash = Passwords.hash(password, state().random());
        }
        change(before, hash, in.passwordResetRequired(), call);
        return new UpdateLoginProfileResponse();
    }

    @Override
    default DeleteLoginProfileResponse deleteLoginProfile(DeleteLoginProfileRequest in, Call call) {
        String userName = UserOperations.userName(in.userName(), call);
        state().write(tx -> {
            IamState.user(tx, call.account(), userName);
            login(tx, call.account(), userName);
            IamState.delete(tx, CredentialTables.LOGINS, call.account(), userName);
            return true;
        });
        return new DeleteLoginProfileResponse();
    }

    @Override
    default ChangePasswordResponse changePassword(ChangePasswordRequest in, Call call) {
        if (call.principal().type() != Principal.Type.USER) {
            throw Fault.of(new InvalidUserTypeException(), "Only IAM Users can change their own password");
        }
        String userName = UserOperations.userName(null, call);
        PasswordRules rules =
                state().read(tx -> IamState.account(tx, call.account())).password();
        LoginRow before = state().read(tx -> login(tx, call.account(), userName));
        if (rules != null && rules.hardExpiry() && expired(before, rules, state().now())) {
            throw Denials.plain("The password has expired; an administrator must set a new one.");
        }
        if (!Passwords.matches(in.oldPassword(), before.hash())) {
            throw Denials.plain("The old password was incorrect.");
        }
        Passwords.check(in.newPassword(), userName, rules);
        Passwords.checkReuse(in.newPassword(), history(before), rules);
        change(before, Passwords.hash(in.newPassword(), state().random()), false, call);
        return new ChangePasswordResponse();
    }

    private static boolean expired(LoginRow row, PasswordRules rules, Instant now) {
        return rules.maxAgeDays() > 0
                && row.changed().plusSeconds(rules.maxAgeDays() * 86_400L).isBefore(now);
    }

    /** Hashing takes long, so it is done before the commit, which then finds the row as it was or refuses. */
    private void change(LoginRow before, @Nullable String hash, @Nullable Boolean reset, Call call) {
        state().write(tx -> {
            LoginRow now = login(tx, call.account(), before.user());
            if (!now.hash().equals(before.hash())) {
                throw Fault.of(
                        new EntityTemporarilyUnmodifiableException(),
                        "Login Profile for User " + before.user() + " cannot be modified while login profile is being"
                                + " created.");
            }
            LoginRow changed = new LoginRow(
                    now.user(),
                    now.created(),
                    hash == null ? now.changed() : state().now(),
                    hash == null ? now.hash() : hash,
                    reset == null ? now.reset() : reset,
                    hash == null
                            ? now.former()
                            : history(now).stream().limit(REMEMBERED).toList());
            IamState.put(tx, CredentialTables.LOGINS, call.account(), now.user(), changed);
            return true;
        });
    }

    private static List<String> history(LoginRow row) {
        List<String> hashes = new ArrayList<>(List.of(row.hash()));
        hashes.addAll(row.former());
        return hashes;
    }

    private static LoginRow login(ReadTx tx, String account, String userName) {
        return IamState.find(tx, CredentialTables.LOGINS, account, userName)
                .orElseThrow(() -> IamFaults.noSuchEntity("Login Profile for User " + userName + " cannot be found."));
    }

    private static LoginProfile view(UserRow user, LoginRow row) {
        return new LoginProfile()
                .userName(user.name())
                .createDate(row.created())
                .passwordResetRequired(row.reset());
    }

    /** Members that are not sent fall back to AWS's defaults: an update replaces the whole policy. */
    @Override
    default UpdateAccountPasswordPolicyResponse updateAccountPasswordPolicy(
            UpdateAccountPasswordPolicyRequest in, Call call) {
        Integer length = in.minimumPasswordLength();
        Integer age = in.maxPasswordAge();
        Integer reuse = in.passwordReusePrevention();
        PasswordRules rules = new PasswordRules(
                length == null ? 6 : length,
                Boolean.TRUE.equals(in.requireSymbols()),
                Boolean.TRUE.equals(in.requireNumbers()),
                Boolean.TRUE.equals(in.requireUppercaseCharacters()),
                Boolean.TRUE.equals(in.requireLowercaseCharacters()),
                Boolean.TRUE.equals(in.allowUsersToChangePassword()),
                age == null ? 0 : age,
                reuse == null ? 0 : reuse,
                Boolean.TRUE.equals(in.hardExpiry()));
        state().write(tx -> {
            AccountRow row = IamState.account(tx, call.account());
            IamState.put(tx, IamTables.ACCOUNTS, call.account(), AccountOperations.ACCOUNT, row.with(rules));
            return true;
        });
        return new UpdateAccountPasswordPolicyResponse();
    }

    @Override
    default GetAccountPasswordPolicyResponse getAccountPasswordPolicy(GetAccountPasswordPolicyRequest in, Call call) {
        PasswordRules rules =
                state().read(tx -> IamState.account(tx, call.account())).password();
        if (rules == null) {
            throw IamFaults.noSuchEntity(
                    "The Password Policy with domain name " + call.account() + " cannot be found.");
        }
        boolean expire = rules.maxAgeDays() > 0;
        return new GetAccountPasswordPolicyResponse()
                .passwordPolicy(new PasswordPolicy()
                        .minimumPasswordLength(rules.length())
                        .requireSymbols(rules.symbols())
                        .requireNumbers(rules.numbers())
                        .requireUppercaseCharacters(rules.uppercase())
                        .requireLowercaseCharacters(rules.lowercase())
                        .allowUsersToChangePassword(rules.selfService())
                        .expirePasswords(expire)
                        .maxPasswordAge(expire ? rules.maxAgeDays() : null)
                        .passwordReusePrevention(rules.reuse() > 0 ? rules.reuse() : null)
                        .hardExpiry(expire ? rules.hardExpiry() : null));
    }

    @Override
    default DeleteAccountPasswordPolicyResponse deleteAccountPasswordPolicy(
            DeleteAccountPasswordPolicyRequest in, Call call) {
        state().write(tx -> {
            AccountRow row = IamState.account(tx, call.account());
            if (row.password() == null) {
                throw IamFaults.noSuchEntity("The account policy with name PasswordPolicy cannot be found.");
            }
            IamState.put(tx, IamTables.ACCOUNTS, call.account(), AccountOperations.ACCOUNT, row.with(null));
            return true;
        });
        return new DeleteAccountPasswordPolicyResponse();
    }
}
