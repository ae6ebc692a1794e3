package dev.haneul.services.logs;

import dev.haneul.api.logs.DeleteQueryDefinitionRequest;
import dev.haneul.api.logs.DescribeDestinationsRequest;
import dev.haneul.api.logs.DescribeDestinationsResponse;
import dev.haneul.api.logs.DescribeQueryDefinitionsRequest;
import dev.haneul.api.logs.DescribeQueryDefinitionsResponse;
import dev.haneul.api.logs.DescribeResourcePoliciesRequest;
import dev.haneul.api.logs.DescribeResourcePoliciesResponse;
import dev.haneul.api.logs.Destination;
import dev.haneul.api.logs.PutDestinationPolicyRequest;
import dev.haneul.api.logs.PutDestinationRequest;
import dev.haneul.api.logs.PutDestinationResponse;
import dev.haneul.api.logs.PutQueryDefinitionRequest;
import dev.haneul.api.logs.PutResourcePolicyRequest;
import dev.haneul.api.logs.PutResourcePolicyResponse;
import dev.haneul.api.logs.QueryDefinition;
import dev.haneul.api.logs.ResourcePolicy;
import dev.haneul.api.runtime.Call;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.logs.FilterTables.DefinitionRow;
import dev.haneul.services.logs.FilterTables.DestinationRow;
import dev.haneul.services.logs.FilterTables.PolicyRow;
import java.util.Objects;
import java.util.UUID;

/**
 * What is kept for an account and told as it is: query definitions, resource policies of the account, destinations. Who
 * may write to a group is decided by IAM; these resource policies and destinations decide nothing yet.
 */
final class Kept {
    private static final int PAGE = 1000;
    private static final int SMALL_PAGE = 50;
    private static final int POLICIES = 10;

    private final LogsContext logs;
    private final Pager pager;

    Kept(LogsContext logs, Pager pager) {
        this.logs = logs;
        this.pager = pager;
    }

    String define(PutQueryDefinitionRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        String given = in.queryDefinitionId();
        String id = given == null ? UUID.randomUUID().toString() : given;
        QueryDefinition definition = new QueryDefinition()
                .queryDefinitionId(id)
                .name(in.name())
                .queryString(in.queryString())
                .queryLanguage(in.queryLanguage() == null ? "CWLI" : in.queryLanguage())
                .lastModified(logs.nowMillis())
                .logGroupNames(in.logGroupNames());
        logs.store().write(tx -> {
            if (given != null
                    && tx.get(FilterTables.DEFINITIONS, scope.key(given)).isEmpty()) {
                throw LogsFaults.notFound("The specified query definition does not exist.");
            }
            tx.put(FilterTables.DEFINITIONS, scope.key(id), new DefinitionRow(definition));
        });
        return id;
    }

    DescribeQueryDefinitionsResponse definitions(DescribeQueryDefinitionsRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        String prefix = in.queryDefinitionNamePrefix() == null ? "" : in.queryDefinitionNamePrefix();
        int limit = in.maxResults() == null ? PAGE : Math.min(in.maxResults(), PAGE);
        Page<DefinitionRow> page = logs.store()
                .read(tx -> pager.rows(
                        tx,
                        FilterTables.DEFINITIONS,
                        scope,
                        row -> Objects.requireNonNull(row.definition().name()).startsWith(prefix),
                        "definitions " + scope + prefix,
                        in.nextToken(),
                        limit));
        return new DescribeQueryDefinitionsResponse()
                .queryDefinitions(
                        page.items().stream().map(DefinitionRow::definition).toList())
                .nextToken(page.next());
    }

    boolean undefine(DeleteQueryDefinitionRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        return logs.store().transact(tx -> {
            if (!tx.delete(FilterTables.DEFINITIONS, scope.key(in.queryDefinitionId()))) {
                throw LogsFaults.notFound("The specified query definition does not exist.");
            }
            return true;
        });
    }

    PutResourcePolicyResponse putPolicy(PutResourcePolicyRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        if (in.resourceArn() != null) {
            throw LogsFaults.invalid("Policies of single log groups are not implemented by Haneul yet.");
        }
        String name = in.policyName();
        if (name == null || name.isEmpty()) {
            throw LogsFaults.invalid("policyName must be given.");
        }
        if (in.policyDocument() == null || Json.object(in.policyDocument()).isEmpty()) {
            throw LogsFaults.invalid("Unparseable policy document.");
        }
        ResourcePolicy policy = new ResourcePolicy()
                .policyName(name)
                .policyDocument(in.policyDocument())
                .policyScope("ACCOUNT")
                .lastUpdatedTime(logs.nowMillis());
        logs.store().write(tx -> {
            boolean known = tx.get(FilterTables.POLICIES, scope.key(name)).isPresent();
            if (!known
                    && tx.range(FilterTables.POLICIES, scope, "", null, POLICIES)
                                    .size()
                            >= POLICIES) {
                throw LogsFaults.limit("Resource limit exceeded.");
            }
            tx.put(FilterTables.POLICIES, scope.key(name), new PolicyRow(policy));
        });
        return new PutResourcePolicyResponse().resourcePolicy(policy);
    }

    DescribeResourcePoliciesResponse policies(DescribeResourcePoliciesRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        int limit = in.limit() == null ? SMALL_PAGE : Math.min(in.limit(), SMALL_PAGE);
        Page<PolicyRow> page = logs.store()
                .read(tx -> pager.rows(
                        tx, FilterTables.POLICIES, scope, row -> true, "policies " + scope, in.nextToken(), limit));
        return new DescribeResourcePoliciesResponse()
                .resourcePolicies(page.items().stream().map(PolicyRow::policy).toList())
                .nextToken(page.next());
    }

    void deletePolicy(@org.jspecify.annotations.Nullable String name, Call call) {
        Scope scope = LogsContext.scope(call);
        logs.store().write(tx -> {
            if (name == null || name.isEmpty() || !tx.delete(FilterTables.POLICIES, scope.key(name))) {
                throw LogsFaults.notFound("Policy with name [" + name + "] does not exist");
            }
        });
    }

    PutDestinationResponse putDestination(PutDestinationRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        String arn = Arn.of("logs", scope.region(), scope.account(), "destination:" + in.destinationName())
                .toString();
        Destination destination = new Destination()
                .destinationName(in.destinationName())
                .targetArn(in.targetArn())
                .roleArn(in.roleArn())
                .arn(arn)
                .creationTime(logs.nowMillis());
        logs.store().write(tx -> {
            tx.get(FilterTables.DESTINATIONS, scope.key(in.destinationName()))
                    .map(row -> row.value().destination())
                    .ifPresent(before ->
                            destination.accessPolicy(before.accessPolicy()).creationTime(before.creationTime()));
            tx.put(FilterTables.DESTINATIONS, scope.key(in.destinationName()), new DestinationRow(destination));
        });
        return new PutDestinationResponse().destination(destination);
    }

    void putDestinationPolicy(PutDestinationPolicyRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        if (Json.object(in.accessPolicy()).isEmpty()) {
            throw LogsFaults.invalid("Unparseable policy document.");
        }
        logs.store().write(tx -> {
            Destination before = tx.get(FilterTables.DESTINATIONS, scope.key(in.destinationName()))
                    .map(row -> row.value().destination())
                    .orElseThrow(() -> LogsFaults.notFound("The specified destination does not exist."));
            Destination changed = new Destination()
                    .destinationName(before.destinationName())
                    .targetArn(before.targetArn())
                    .roleArn(before.roleArn())
                    .arn(before.arn())
                    .creationTime(before.creationTime())
                    .accessPolicy(in.accessPolicy());
            tx.put(FilterTables.DESTINATIONS, scope.key(in.destinationName()), new DestinationRow(changed));
        });
    }

    DescribeDestinationsResponse destinations(DescribeDestinationsRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        String prefix = in.destinationNamePrefix() == null ? "" : in.destinationNamePrefix();
        int limit = in.limit() == null ? SMALL_PAGE : Math.min(in.limit(), SMALL_PAGE);
        Page<DestinationRow> page = logs.store()
                .read(tx -> pager.rows(
                        tx,
                        FilterTables.DESTINATIONS,
                        scope,
                        row -> Objects.requireNonNull(row.destination().destinationName())
                                .startsWith(prefix),
                        "destinations " + scope + prefix,
                        in.nextToken(),
                        limit));
        return new DescribeDestinationsResponse()
                .destinations(
                        page.items().stream().map(DestinationRow::destination).toList())
                .nextToken(page.next());
    }

    void deleteDestination(String name, Call call) {
        Scope scope = LogsContext.scope(call);
        logs.store().write(tx -> {
            if (!tx.delete(FilterTables.DESTINATIONS, scope.key(name))) {
                throw LogsFaults.notFound("The specified destination does not exist.");
            }
        });
    }
}
