package dev.haneul.services.events;

import dev.haneul.api.events.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.policy.MalformedPolicyException;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.events.EventsContext.BusRef;
import dev.haneul.services.events.EventsContext.Page;
import dev.haneul.services.events.EventsTables.BusRow;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Buses: made, told, removed, and opened to others by policies. */
final class Buses implements ResourcePolicies {
    private static final int MOST_BUSES = 100;
    private static final int POLICY_BYTES = 10 * 1024;

    private final EventsContext events;

    Buses(EventsContext events) {
        this.events = events;
    }

    CreateEventBusResponse create(CreateEventBusRequest in, Call call) {
        if (in.eventSourceName() != null || in.name().startsWith("aws.partner/")) {
            throw Faults.notImplemented("events", "CreateEventBus for partner event sources");
        }
        if (in.name().indexOf('/') >= 0) {
            throw EventsFaults.validation("Event bus name must not contain '/'.");
        }
        Scope scope = EventsContext.scope(call);
        BusRef bus = new BusRef(scope, in.name());
        Instant now = events.now();
        BusRow row = new BusRow(
                in.name(),
                in.description(),
                in.kmsKeyIdentifier(),
                in.deadLetterConfig(),
                in.logConfig(),
                null,
                EventsContext.tags(Map.of(), in.tags()),
                now,
                now);
        events.store().write(tx -> {
            if (EventsContext.find(tx, bus).isPresent()) {
                throw EventsFaults.exists("Event bus " + in.name() + " already exists.");
            }
            if (tx.range(EventsTables.BUSES, scope, "", null, MOST_BUSES).size() == MOST_BUSES) {
                throw EventsFaults.limit();
            }
            tx.put(EventsTables.BUSES, scope.key(in.name()), row);
        });
        return new CreateEventBusResponse()
                .eventBusArn(bus.arn())
                .description(in.description())
                .kmsKeyIdentifier(in.kmsKeyIdentifier())
                .deadLetterConfig(in.deadLetterConfig())
                .logConfig(in.logConfig());
    }

    UpdateEventBusResponse update(UpdateEventBusRequest in, Call call) {
        BusRef bus = EventsContext.bus(in.name(), call);
        BusRow row = events.store().transact(tx -> {
            BusRow now = EventsContext.require(tx, bus);
            BusRow changed = new BusRow(
                    now.name(),
                    in.description() == null ? now.description() : in.description(),
                    in.kmsKeyIdentifier() == null ? now.kmsKey() : in.kmsKeyIdentifier(),
                    in.deadLetterConfig() == null ? now.deadLetters() : in.deadLetterConfig(),
                    in.logConfig() == null ? now.logConfig() : in.logConfig(),
                    now.policy(),
                    now.tags(),
                    now.created(),
                    events.now());
            tx.put(EventsTables.BUSES, bus.scope().key(bus.name()), changed);
            return changed;
        });
        return new UpdateEventBusResponse()
                .arn(bus.arn())
                .name(row.name())
                .description(row.description())
                .kmsKeyIdentifier(row.kmsKey())
                .deadLetterConfig(row.deadLetters())
                .logConfig(row.logConfig());
    }

    void delete(DeleteEventBusRequest in, Call call) {
        if (in.name().equals(EventsTables.DEFAULT_BUS)) {
            throw EventsFaults.validation("Cannot delete event bus default.");
        }
        BusRef bus = EventsContext.bus(in.name(), call);
        events.store().write(tx -> {
            if (!EventsContext.rules(tx, bus).isEmpty()) {
                throw EventsFaults.validation("Cannot delete event bus " + bus.name() + ". It still has rules.");
            }
            // AWS answers quietly for a bus that is not there.
            tx.delete(EventsTables.BUSES, bus.scope().key(bus.name()));
        });
    }

    DescribeEventBusResponse describe(DescribeEventBusRequest in, Call call) {
        BusRef bus = EventsContext.bus(in.name(), call);
        BusRow row = events.store().read(tx -> EventsContext.require(tx, bus));
        return new DescribeEventBusResponse()
                .name(row.name())
                .arn(bus.arn())
                .description(row.description())
                .kmsKeyIdentifier(row.kmsKey())
                .deadLetterConfig(row.deadLetters())
                .logConfig(row.logConfig())
                .policy(row.policy())
                .creationTime(row.created().equals(Instant.EPOCH) ? null : row.created())
                .lastModifiedTime(row.modified().equals(Instant.EPOCH) ? null : row.modified());
    }

    ListEventBusesResponse list(ListEventBusesRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        String prefix = in.namePrefix() == null ? "" : in.namePrefix();
        Page<BusRow> page =
                events.page("buses", EventsTables.BUSES, scope, prefix, row -> true, in.limit(), in.nextToken());
        List<EventBus> buses = new ArrayList<>();
        boolean known = events.store()
                .<Boolean>read(tx -> tx.get(EventsTables.BUSES, scope.key(EventsTables.DEFAULT_BUS))
                        .isPresent());
        if (!known && in.nextToken() == null && EventsTables.DEFAULT_BUS.startsWith(prefix)) {
            buses.add(new EventBus()
                    .name(EventsTables.DEFAULT_BUS)
                    .arn(EventsTables.busArn(scope, EventsTables.DEFAULT_BUS)));
        }
        page.rows()
                .forEach(row -> buses.add(new EventBus()
                        .name(row.name())
                        .arn(EventsTables.busArn(scope, row.name()))
                        .description(row.description())
                        .policy(row.policy())
                        .creationTime(row.created().equals(Instant.EPOCH) ? null : row.created())
                        .lastModifiedTime(row.modified().equals(Instant.EPOCH) ? null : row.modified())));
        return new ListEventBusesResponse().eventBuses(buses).nextToken(page.nextToken());
    }

    void permit(PutPermissionRequest in, Call call) {
        BusRef bus = EventsContext.bus(in.eventBusName(), call);
        if (in.policy() != null && (in.action() != null || in.principal() != null || in.statementId() != null)) {
            throw EventsFaults.validation(
                    "Parameter(s) Policy cannot be specified with Action, Principal, StatementId or Condition.");
        }
        events.store().write(tx -> {
            BusRow row = EventsContext.require(tx, bus);
            String policy = in.policy() != null ? in.policy() : withStatement(row.policy(), statement(in, bus), in);
            put(tx, bus, row, check(policy));
        });
    }

    private void put(WriteTx tx, BusRef bus, BusRow row, @Nullable String policy) {
        tx.put(EventsTables.BUSES, bus.scope().key(bus.name()), row.withPolicy(policy, events.now()));
    }

    private static String check(String policy) {
        if (policy.getBytes(StandardCharsets.UTF_8).length > POLICY_BYTES) {
            throw Fault.of(new PolicyLengthExceededException(), "Event bus policy length exceeded.");
        }
        try {
            PolicyDocument unused = PolicyDocument.parse(policy, PolicyKind.RESOURCE);
            return policy;
        } catch (MalformedPolicyException e) {
            throw EventsFaults.validation("Policy is not valid: " + e.getMessage());
        }
    }

    private static Map<String, Object> statement(PutPermissionRequest in, BusRef bus) {
        String principal = in.principal();
        if (principal == null || in.statementId() == null) {
            throw EventsFaults.validation("Parameter(s) Principal and StatementId must be specified.");
        }
        if (in.action() == null || !in.action().equals("events:PutEvents")) {
            throw EventsFaults.validation("Provided value in parameter 'action' is not supported.");
        }
        if (!principal.equals("*") && !principal.matches("\\d{12}")) {
            throw EventsFaults.validation("Provided value in parameter 'principal' is not supported.");
        }
        Map<String, Object> statement = new LinkedHashMap<>();
        statement.put("Sid", in.statementId());
        statement.put("Effect", "Allow");
        statement.put("Principal", principal.equals("*") ? "*" : Map.of("AWS", "arn:aws:iam::" + principal + ":root"));
        statement.put("Action", "events:PutEvents");
        statement.put("Resource", bus.arn());
        Condition condition = in.condition();
        if (condition != null) {
            statement.put("Condition", Map.of(condition.type(), Map.of(condition.key(), condition.value())));
        }
        return statement;
    }

    private static String withStatement(
            @Nullable String policy, Map<String, Object> statement, PutPermissionRequest in) {
        List<Object> statements = new ArrayList<>(statements(policy));
        statements.removeIf(one -> sid(one, in.statementId()));
        statements.add(statement);
        return document(statements);
    }

    private static boolean sid(Object statement, @Nullable String sid) {
        return statement instanceof Map<?, ?> map && Objects.equals(map.get("Sid"), sid);
    }

    private static List<Object> statements(@Nullable String policy) {
        Object list = policy == null
                ? null
                : Json.object(policy).map(document -> document.get("Statement")).orElse(null);
        List<Object> statements = new ArrayList<>();
        if (list instanceof List<?> several) {
            several.forEach(one -> statements.add(Objects.requireNonNullElse(one, Map.of())));
        } else if (list != null) {
            statements.add(list);
        }
        return statements;
    }

    private static String document(List<Object> statements) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("Version", "2012-10-17");
        document.put("Statement", statements);
        return Json.write(document);
    }

    void forbid(RemovePermissionRequest in, Call call) {
        BusRef bus = EventsContext.bus(in.eventBusName(), call);
        events.store().write(tx -> {
            BusRow row = EventsContext.require(tx, bus);
            if (row.policy() == null) {
                throw EventsFaults.notFound("EventBus does not have a policy.");
            }
            if (Boolean.TRUE.equals(in.removeAllPermissions())) {
                put(tx, bus, row, null);
                return;
            }
            List<Object> statements = statements(row.policy());
            if (!statements.removeIf(one -> sid(one, in.statementId()))) {
                throw EventsFaults.notFound("Statement with the provided id does not exist.");
            }
            put(tx, bus, row, statements.isEmpty() ? null : document(statements));
        });
    }

    /** A bus and its policy, for the authorizer. */
    @Override
    public Optional<Owned> find(String resourceArn) {
        String[] parts = resourceArn.split(":", 6);
        if (parts.length < 6 || !parts[5].startsWith("event-bus/")) {
            return Optional.empty();
        }
        Scope scope = new Scope(parts[4], parts[3]);
        String name = parts[5].substring("event-bus/".length());
        return name.isEmpty() ? Optional.empty() : events.store().read(tx -> owned(tx, scope, name));
    }

    private static Optional<Owned> owned(ReadTx tx, Scope scope, String name) {
        return tx.get(EventsTables.BUSES, scope.key(name))
                .map(Row::value)
                .map(row -> new Owned(scope.account(), row.policy(), row.tags()));
    }
}
