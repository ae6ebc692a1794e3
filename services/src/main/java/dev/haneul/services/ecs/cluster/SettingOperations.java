package dev.haneul.services.ecs.cluster;

import dev.haneul.api.ecs.DeleteAccountSettingRequest;
import dev.haneul.api.ecs.DeleteAccountSettingResponse;
import dev.haneul.api.ecs.EcsApi;
import dev.haneul.api.ecs.ListAccountSettingsRequest;
import dev.haneul.api.ecs.ListAccountSettingsResponse;
import dev.haneul.api.ecs.PutAccountSettingDefaultRequest;
import dev.haneul.api.ecs.PutAccountSettingDefaultResponse;
import dev.haneul.api.ecs.PutAccountSettingRequest;
import dev.haneul.api.ecs.PutAccountSettingResponse;
import dev.haneul.api.ecs.Setting;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.SettingRow;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Account settings: kept and told. Only {@code containerInsights} changes anything here: ARNs are long, and what Fargate
 * does by itself in AWS's data centres does not happen.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html">Account
 *     settings</a>
 */
public interface SettingOperations extends EcsApi {
    int MOST_SETTINGS = 10;

    EcsRoom room();

    @Override
    default PutAccountSettingResponse putAccountSetting(PutAccountSettingRequest in, Call call) {
        return new PutAccountSettingResponse()
                .setting(put(in.name(), in.value(), whose(in.principalArn(), call), call));
    }

    @Override
    default PutAccountSettingDefaultResponse putAccountSettingDefault(PutAccountSettingDefaultRequest in, Call call) {
        return new PutAccountSettingDefaultResponse()
                .setting(put(in.name(), in.value(), AccountSettings.DEFAULT, call));
    }

    private static String whose(@Nullable String named, Call call) {
        if (named == null) {
            return AccountSettings.principal(call.principal());
        }
        return named.equals("arn:aws:iam::" + call.account() + ":root") ? AccountSettings.DEFAULT : named;
    }

    private Setting put(@Nullable String name, @Nullable String value, String principal, Call call) {
        String known = known(name);
        String given = Objects.requireNonNullElse(value, "");
        if (!AccountSettings.allows(known, given)) {
            throw EcsFaults.invalid("Invalid account setting value: " + given + " for " + known + ".");
        }
        Scope scope = EcsRoom.scope(call);
        SettingRow row = new SettingRow(known, given, principal);
        room().store().write(tx -> tx.put(EcsTables.SETTINGS, scope.key(known + "/" + principal), row));
        return told(row, scope);
    }

    private static String known(@Nullable String name) {
        String given = Objects.requireNonNullElse(name, "");
        if (!AccountSettings.knows(given)) {
            throw EcsFaults.invalid("Invalid account setting name: " + given + ".");
        }
        return given;
    }

    private static Setting told(SettingRow row, Scope scope) {
        String principal = row.principal().equals(AccountSettings.DEFAULT)
                ? "arn:aws:iam::" + scope.account() + ":root"
                : row.principal();
        return new Setting()
                .name(row.name())
                .value(row.value())
                .principalArn(principal)
                .type("guardDutyActivate".equals(row.name()) ? "aws_managed" : "user");
    }

    @Override
    default DeleteAccountSettingResponse deleteAccountSetting(DeleteAccountSettingRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        String name = known(in.name());
        String principal = whose(in.principalArn(), call);
        return room().change(tx -> {
            SettingRow row = AccountSettings.stored(tx, scope, name, principal)
                    .orElseGet(() -> new SettingRow(name, AccountSettings.value(tx, scope, name), principal));
            tx.delete(EcsTables.SETTINGS, scope.key(name + "/" + principal));
            return new DeleteAccountSettingResponse().setting(told(row, scope));
        });
    }

    @Override
    default ListAccountSettingsResponse listAccountSettings(ListAccountSettingsRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        String principal = whose(in.principalArn(), call);
        boolean effective = Boolean.TRUE.equals(in.effectiveSettings());
        List<SettingRow> found = room().read(tx -> AccountSettings.names().stream()
                .filter(name -> in.name() == null || in.name().equals(name))
                .map(name -> AccountSettings.stored(tx, scope, name, principal)
                        .orElseGet(() -> effective
                                ? new SettingRow(name, AccountSettings.value(tx, scope, name), principal)
                                : new SettingRow(name, "", principal)))
                .filter(row -> !row.value().isEmpty())
                .filter(row -> in.value() == null || in.value().equals(row.value()))
                .toList());
        Page<SettingRow> page = room().pager()
                .list(
                        found,
                        SettingRow::name,
                        "ListAccountSettings/" + scope + principal + effective,
                        in.nextToken(),
                        ClusterOperations.limit(in.maxResults(), MOST_SETTINGS));
        return new ListAccountSettingsResponse()
                .settings(page.items().stream().map(row -> told(row, scope)).toList())
                .nextToken(page.next());
    }
}
