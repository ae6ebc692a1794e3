package dev.haneul.services.ecs.cluster;

import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.SettingRow;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What accounts and their principals have settled for ECS. */
final class AccountSettings {
    /** Whoever has settled nothing himself. */
    static final String DEFAULT = "default";

    private static final Set<String> SWITCH = Set.of("enabled", "disabled", "on", "off");

    /** What may be settled, and what holds where nobody has settled it. */
    private static final Map<String, String> KNOWN = new TreeMap<>(Map.of(
            "serviceLongArnFormat", "enabled",
            "taskLongArnFormat", "enabled",
            "containerInstanceLongArnFormat", "enabled",
            "awsvpcTrunking", "disabled",
            "containerInsights", "disabled",
            "fargateFIPSMode", "disabled",
            "tagResourceAuthorization", "off",
            "fargateTaskRetirementWaitPeriod", "7",
            "defaultLogDriverMode", "non-blocking",
            "guardDutyActivate", "off"));

    private static final Map<String, Set<String>> VALUES = Map.of(
            "containerInsights", Set.of("enabled", "disabled", "enhanced"),
            "tagResourceAuthorization", Set.of("on", "off"),
            "fargateTaskRetirementWaitPeriod", Set.of("0", "7", "14"),
            "defaultLogDriverMode", Set.of("blocking", "non-blocking"));

    private AccountSettings() {}

    static boolean knows(String name) {
        return KNOWN.containsKey(name);
    }

    static Set<String> names() {
        return KNOWN.keySet();
    }

    static boolean allows(String name, String value) {
        return VALUES.getOrDefault(name, SWITCH).contains(value);
    }

    /** What holds for everybody who has settled nothing himself. */
    static String value(ReadTx tx, Scope scope, String name) {
        return stored(tx, scope, name, DEFAULT).map(SettingRow::value).orElseGet(() -> KNOWN.getOrDefault(name, ""));
    }

    static Optional<SettingRow> stored(ReadTx tx, Scope scope, String name, String principal) {
        return tx.get(EcsTables.SETTINGS, scope.key(name + "/" + principal)).map(Row::value);
    }

    /** The principal whose settings a caller's are: his user or role, not his session. */
    static String principal(Principal caller) {
        String arn = caller.arn();
        int role = arn.indexOf(":assumed-role/");
        if (role < 0) {
            return arn;
        }
        String name = arn.substring(role + ":assumed-role/".length());
        int session = name.indexOf('/');
        return arn.substring(0, role).replace(":sts:", ":iam:")
                + ":role/"
                + (session < 0 ? name : name.substring(0, session));
    }
}
