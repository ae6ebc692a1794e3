package dev.haneul.services.logs;

import dev.haneul.api.logs.AccountPolicy;
import dev.haneul.api.logs.DeleteAccountPolicyRequest;
import dev.haneul.api.logs.DescribeAccountPoliciesRequest;
import dev.haneul.api.logs.DescribeAccountPoliciesResponse;
import dev.haneul.api.logs.GetDataProtectionPolicyResponse;
import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.logs.PutAccountPolicyRequest;
import dev.haneul.api.logs.PutAccountPolicyResponse;
import dev.haneul.api.logs.PutDataProtectionPolicyRequest;
import dev.haneul.api.logs.PutDataProtectionPolicyResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.logs.ProtectionTables.AccountPolicyRow;
import dev.haneul.services.logs.ProtectionTables.ProtectionRow;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Data protection: events that came in while a policy stood are told with sensitive data hidden, but to those who ask for
 * all of it and may have it. Audits' findings go nowhere.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/mask-sensitive-log-data.html">Help protect
 *     sensitive log data with masking</a>
 */
final class DataProtection {
    private static final String TYPE = "DATA_PROTECTION_POLICY";
    private static final int LARGEST_BYTES = 30_720;
    private static final String IDENTIFIER = "arn:aws:dataprotection::aws:data-identifier/";
    private static final int PAGE = 50;

    private final LogsContext logs;
    private final Permissions permissions;

    DataProtection(LogsContext logs, Permissions permissions) {
        this.logs = logs;
        this.permissions = permissions;
    }

    PutDataProtectionPolicyResponse put(PutDataProtectionPolicyRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        String group = LogsContext.groupOf(in.logGroupIdentifier(), call);
        ProtectionRow row = new ProtectionRow(in.policyDocument(), identifiers(in.policyDocument()), logs.nowMillis());
        logs.store().write(tx -> {
            LogsContext.group(tx, scope, group);
            tx.put(ProtectionTables.GROUP_POLICIES, scope.key(group), row);
        });
        return new PutDataProtectionPolicyResponse()
                .logGroupIdentifier(in.logGroupIdentifier())
                .policyDocument(row.document())
                .lastUpdatedTime(row.sinceMillis());
    }

    GetDataProtectionPolicyResponse get(String identifier, Call call) {
        Scope scope = LogsContext.scope(call);
        String group = LogsContext.groupOf(identifier, call);
        GetDataProtectionPolicyResponse out = new GetDataProtectionPolicyResponse().logGroupIdentifier(identifier);
        return logs.store()
                .read(tx -> {
                    LogsContext.group(tx, scope, group);
                    return tx.get(ProtectionTables.GROUP_POLICIES, scope.key(group));
                })
                .map(row -> out.policyDocument(row.value().document())
                        .lastUpdatedTime(row.value().sinceMillis()))
                .orElse(out);
    }

    void delete(String identifier, Call call) {
        Scope scope = LogsContext.scope(call);
        String group = LogsContext.groupOf(identifier, call);
        logs.store().write(tx -> {
            LogsContext.group(tx, scope, group);
            if (!tx.delete(ProtectionTables.GROUP_POLICIES, scope.key(group))) {
                throw LogsFaults.noResource();
            }
        });
    }

    PutAccountPolicyResponse put(PutAccountPolicyRequest in, Call call) {
        if (!in.policyType().equals(TYPE)) {
            throw notBuilt("PutAccountPolicy with policyType " + in.policyType());
        }
        if (in.selectionCriteria() != null) {
            throw LogsFaults.invalid("selectionCriteria is not supported for data protection policies.");
        }
        Scope scope = LogsContext.scope(call);
        List<String> identifiers = identifiers(in.policyDocument());
        AccountPolicy policy = new AccountPolicy()
                .policyName(in.policyName())
                .policyDocument(in.policyDocument())
                .policyType(in.policyType())
                .scope("ALL")
                .accountId(call.account())
                .lastUpdatedTime(logs.nowMillis());
        String id = ProtectionTables.accountPolicyId(TYPE, in.policyName());
        logs.store().write(tx -> {
            for (Row<AccountPolicyRow> other : rows(tx, scope)) {
                if (!other.key().id().equals(id)) {
                    throw LogsFaults.limit("An account can have one data protection policy.");
                }
            }
            tx.put(
                    ProtectionTables.ACCOUNT_POLICIES,
                    scope.key(id),
                    new AccountPolicyRow(policy, identifiers, logs.nowMillis()));
        });
        return new PutAccountPolicyResponse().accountPolicy(policy);
    }

    DescribeAccountPoliciesResponse describe(DescribeAccountPoliciesRequest in, Call call) {
        List<AccountPolicy> found = new ArrayList<>();
        for (Row<AccountPolicyRow> row : logs.store().read(tx -> rows(tx, LogsContext.scope(call)))) {
            AccountPolicy policy = row.value().policy();
            if (in.policyType().equals(policy.policyType())
                    && (in.policyName() == null || in.policyName().equals(policy.policyName()))) {
                found.add(policy);
            }
        }
        return new DescribeAccountPoliciesResponse().accountPolicies(found);
    }

    void delete(DeleteAccountPolicyRequest in, Call call) {
        String id = ProtectionTables.accountPolicyId(in.policyType(), in.policyName());
        logs.store().write(tx -> {
            if (!tx.delete(
                    ProtectionTables.ACCOUNT_POLICIES, LogsContext.scope(call).key(id))) {
                throw LogsFaults.noResource();
            }
        });
    }

    private static List<Row<AccountPolicyRow>> rows(ReadTx tx, Scope scope) {
        return tx.range(ProtectionTables.ACCOUNT_POLICIES, scope, "", null, PAGE);
    }

    /**
     * What hides sensitive data of a group's events, for those who do not ask for all of it.
     *
     * @param unmask whether the caller wants to see it; refused where it may not
     */
    Function<LogEvent, String> veil(Scope scope, String group, @Nullable Boolean unmask, Call call) {
        if (Boolean.TRUE.equals(unmask)) {
            permissions.require(call, "logs:Unmask", LogsTables.groupArn(scope, group) + ":*", Map.of());
            return LogEvent::message;
        }
        return veil(scope, group);
    }

    /** What hides sensitive data of a group's events. */
    Function<LogEvent, String> veil(Scope scope, String group) {
        List<ProtectionRow> policies = policies(scope, group);
        if (policies.isEmpty()) {
            return LogEvent::message;
        }
        return event -> {
            Set<String> hidden = new LinkedHashSet<>();
            for (ProtectionRow policy : policies) {
                if (event.ingestedMillis() >= policy.sinceMillis()) {
                    hidden.addAll(policy.identifiers());
                }
            }
            return SensitiveData.masked(event.message(), List.copyOf(hidden));
        };
    }

    /** Events that come in now, as tails and subscribers are told them. */
    List<InputLogEvent> masked(Scope scope, String group, List<InputLogEvent> events) {
        List<ProtectionRow> policies = policies(scope, group);
        if (policies.isEmpty()) {
            return events;
        }
        Set<String> hidden = new LinkedHashSet<>();
        policies.forEach(policy -> hidden.addAll(policy.identifiers()));
        List<String> all = List.copyOf(hidden);
        return events.stream()
                .map(event -> new InputLogEvent()
                        .timestamp(event.timestamp())
                        .message(SensitiveData.masked(String.valueOf(event.message()), all)))
                .toList();
    }

    private List<ProtectionRow> policies(Scope scope, String group) {
        return logs.store().read(tx -> {
            List<ProtectionRow> all = new ArrayList<>();
            tx.get(ProtectionTables.GROUP_POLICIES, scope.key(group)).ifPresent(row -> all.add(row.value()));
            for (Row<AccountPolicyRow> row : rows(tx, scope)) {
                all.add(new ProtectionRow(
                        "", row.value().identifiers(), row.value().sinceMillis()));
            }
            return all;
        });
    }

    /** What a policy's document hides. */
    private static List<String> identifiers(String document) {
        if (document.length() > LARGEST_BYTES) {
            throw LogsFaults.invalid("The policy document is longer than " + LARGEST_BYTES + " characters.");
        }
        Optional<Map<String, @Nullable Object>> root = Json.object(document);
        if (root.isEmpty() || !(root.get().get("Statement") instanceof List<?> statements) || statements.isEmpty()) {
            throw LogsFaults.invalid("Policy document is not valid: it must have Statement blocks.");
        }
        if (root.get().get("Configuration") != null) {
            throw notBuilt("data protection policies with custom data identifiers");
        }
        Set<String> hidden = new LinkedHashSet<>();
        for (Object one : statements) {
            if (!(one instanceof Map<?, ?> statement)
                    || !(statement.get("Operation") instanceof Map<?, ?> operation)
                    || !(statement.get("DataIdentifier") instanceof List<?> list)
                    || list.isEmpty()) {
                throw LogsFaults.invalid(
                        "Policy document is not valid: a Statement must have DataIdentifier and Operation.");
            }
            for (Object arn : list) {
                String name = String.valueOf(arn);
                if (!name.startsWith(IDENTIFIER)) {
                    throw LogsFaults.invalid("Policy document is not valid: " + name + " is not a data identifier.");
                }
                name = name.substring(IDENTIFIER.length());
                if (!SensitiveData.knows(name)) {
                    throw notBuilt("the data identifier " + name);
                }
                if (operation.containsKey("Deidentify")) {
                    hidden.add(name);
                }
            }
        }
        return List.copyOf(hidden);
    }

    private static Fault notBuilt(String what) {
        return Fault.server("NotImplemented", 501, "logs: " + what + " is not implemented by Haneul yet.");
    }
}
