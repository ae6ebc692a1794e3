package dev.haneul.services.events;

import dev.haneul.api.events.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.events.EventsContext.Page;
import dev.haneul.services.events.EventsTables.ConnectionRow;
import dev.haneul.services.events.EventsTables.DestinationRow;
import java.net.URI;
import java.time.Instant;
import java.util.UUID;

/** API destinations: HTTP endpoints that rules and pipes call, each over a connection. */
final class ApiDestinations {
    private static final int DEFAULT_PER_SECOND = 300;
    private static final int MOST = 3_000;

    private final EventsContext events;

    ApiDestinations(EventsContext events) {
        this.events = events;
    }

    CreateApiDestinationResponse create(CreateApiDestinationRequest in, Call call) {
        checkEndpoint(in.invocationEndpoint());
        Scope scope = EventsContext.scope(call);
        Instant now = events.now();
        Integer rate = in.invocationRateLimitPerSecond();
        DestinationRow row = new DestinationRow(
                in.name(),
                UUID.randomUUID().toString(),
                in.description(),
                in.connectionArn(),
                in.invocationEndpoint(),
                in.httpMethod(),
                rate == null ? DEFAULT_PER_SECOND : rate,
                now,
                now);
        events.store().write(tx -> {
            if (tx.get(EventsTables.DESTINATIONS, scope.key(in.name())).isPresent()) {
                throw EventsFaults.exists("An api-destination '" + in.name() + "' already exists.");
            }
            if (tx.range(EventsTables.DESTINATIONS, scope, "", null, MOST).size() == MOST) {
                throw EventsFaults.limit();
            }
            connection(tx, scope, in.connectionArn());
            tx.put(EventsTables.DESTINATIONS, scope.key(in.name()), row);
        });
        return new CreateApiDestinationResponse()
                .apiDestinationArn(arn(scope, row))
                .apiDestinationState(ApiDestinationState.ACTIVE)
                .creationTime(now)
                .lastModifiedTime(now);
    }

    private static void checkEndpoint(String endpoint) {
        try {
            URI uri = URI.create(endpoint.replace("*", "x"));
            if (uri.getHost() != null && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw EventsFaults.parameter("InvocationEndpoint", "Provided endpoint is not a valid URL.");
    }

    static ConnectionRow connection(ReadTx tx, Scope scope, String arn) {
        String[] parts = arn.split("/", -1);
        String prefix = EventsTables.arn(scope, "connection");
        if (parts.length == 3 && parts[0].equals(prefix)) {
            ConnectionRow row = tx.get(EventsTables.CONNECTIONS, scope.key(parts[1]))
                    .map(Row::value)
                    .orElse(null);
            if (row != null && row.id().equals(parts[2])) {
                return row;
            }
        }
        throw EventsFaults.notFound("Connection '" + arn + "' does not exist.");
    }

    private static String arn(Scope scope, DestinationRow row) {
        return EventsTables.arn(scope, "api-destination/" + row.name() + "/" + row.id());
    }

    private static DestinationRow require(ReadTx tx, Scope scope, String name) {
        return tx.get(EventsTables.DESTINATIONS, scope.key(name))
                .map(Row::value)
                .orElseThrow(
                        () -> EventsFaults.notFound("Failed to describe the api-destination(s). An api-destination '"
                                + name + "' does not exist."));
    }

    UpdateApiDestinationResponse update(UpdateApiDestinationRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        if (in.invocationEndpoint() != null) {
            checkEndpoint(in.invocationEndpoint());
        }
        DestinationRow row = events.store().transact(tx -> {
            DestinationRow now = require(tx, scope, in.name());
            if (in.connectionArn() != null) {
                connection(tx, scope, in.connectionArn());
            }
            DestinationRow changed = new DestinationRow(
                    now.name(),
                    now.id(),
                    in.description() == null ? now.description() : in.description(),
                    in.connectionArn() == null ? now.connectionArn() : in.connectionArn(),
                    in.invocationEndpoint() == null ? now.endpoint() : in.invocationEndpoint(),
                    in.httpMethod() == null ? now.method() : in.httpMethod(),
                    in.invocationRateLimitPerSecond() == null ? now.perSecond() : in.invocationRateLimitPerSecond(),
                    now.created(),
                    events.now());
            tx.put(EventsTables.DESTINATIONS, scope.key(in.name()), changed);
            return changed;
        });
        return new UpdateApiDestinationResponse()
                .apiDestinationArn(arn(scope, row))
                .apiDestinationState(ApiDestinationState.ACTIVE)
                .creationTime(row.created())
                .lastModifiedTime(row.modified());
    }

    void delete(DeleteApiDestinationRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        events.store().write(tx -> {
            DestinationRow row = require(tx, scope, in.name());
            tx.delete(EventsTables.DESTINATIONS, scope.key(row.name()));
        });
    }

    DescribeApiDestinationResponse describe(DescribeApiDestinationRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        DestinationRow row = events.store().read(tx -> require(tx, scope, in.name()));
        return new DescribeApiDestinationResponse()
                .apiDestinationArn(arn(scope, row))
                .name(row.name())
                .description(row.description())
                .apiDestinationState(ApiDestinationState.ACTIVE)
                .connectionArn(row.connectionArn())
                .invocationEndpoint(row.endpoint())
                .httpMethod(row.method())
                .invocationRateLimitPerSecond(row.perSecond())
                .creationTime(row.created())
                .lastModifiedTime(row.modified());
    }

    ListApiDestinationsResponse list(ListApiDestinationsRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        Page<DestinationRow> page = events.page(
                "api destinations",
                EventsTables.DESTINATIONS,
                scope,
                in.namePrefix() == null ? "" : in.namePrefix(),
                row -> in.connectionArn() == null || in.connectionArn().equals(row.connectionArn()),
                in.limit(),
                in.nextToken());
        return new ListApiDestinationsResponse()
                .apiDestinations(page.rows().stream()
                        .map(row -> new ApiDestination()
                                .apiDestinationArn(arn(scope, row))
                                .name(row.name())
                                .apiDestinationState(ApiDestinationState.ACTIVE)
                                .connectionArn(row.connectionArn())
                                .invocationEndpoint(row.endpoint())
                                .httpMethod(row.method())
                                .invocationRateLimitPerSecond(row.perSecond())
                                .creationTime(row.created())
                                .lastModifiedTime(row.modified()))
                        .toList())
                .nextToken(page.nextToken());
    }
}
