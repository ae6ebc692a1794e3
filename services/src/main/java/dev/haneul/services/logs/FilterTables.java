package dev.haneul.services.logs;

import dev.haneul.api.logs.Destination;
import dev.haneul.api.logs.MetricFilter;
import dev.haneul.api.logs.QueryDefinition;
import dev.haneul.api.logs.ResourcePolicy;
import dev.haneul.api.logs.SubscriptionFilter;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.util.List;

/** The durable state of filters, and of what is kept beside groups, as the API tells it. */
final class FilterTables {
    /** By {@link #key}. */
    static final Table<MetricFilterRow> METRIC_FILTERS =
            Table.of("logs.metric_filter", RecordCodecs.of(MetricFilterRow.class));

    /** By {@link #key}. */
    static final Table<SubscriptionRow> SUBSCRIPTIONS =
            Table.of("logs.subscription_filter", RecordCodecs.of(SubscriptionRow.class));

    /** By id. */
    static final Table<DefinitionRow> DEFINITIONS =
            Table.of("logs.query_definition", RecordCodecs.of(DefinitionRow.class));

    /** By name. */
    static final Table<PolicyRow> POLICIES = Table.of("logs.resource_policy", RecordCodecs.of(PolicyRow.class));

    /** By name. */
    static final Table<DestinationRow> DESTINATIONS =
            Table.of("logs.destination", RecordCodecs.of(DestinationRow.class));

    static final List<Table<?>> ALL = List.of(METRIC_FILTERS, SUBSCRIPTIONS, DEFINITIONS, POLICIES, DESTINATIONS);

    private FilterTables() {}

    record MetricFilterRow(MetricFilter filter) {}

    record SubscriptionRow(SubscriptionFilter filter) {}

    record DefinitionRow(QueryDefinition definition) {}

    record PolicyRow(ResourcePolicy policy) {}

    record DestinationRow(Destination destination) {}

    /** Names of groups hold no colon. */
    static Key key(Scope scope, String group, String name) {
        return scope.key(group + ":" + name);
    }
}
