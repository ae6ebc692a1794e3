package dev.haneul.services.logs;

import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.LambdaClient;
import dev.haneul.api.logs.DeleteSubscriptionFilterRequest;
import dev.haneul.api.logs.DescribeSubscriptionFiltersRequest;
import dev.haneul.api.logs.DescribeSubscriptionFiltersResponse;
import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.logs.PutSubscriptionFilterRequest;
import dev.haneul.api.logs.SubscriptionFilter;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.delivery.DeliveryPolicy;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.Parcel;
import dev.haneul.delivery.Sender;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.logs.FilterTables.SubscriptionRow;
import dev.haneul.services.logs.LogsTables.StreamRow;
import dev.haneul.services.logs.pattern.FilterPattern;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;

/**
 * Subscription filters to functions: what matches is put into a durable queue, in batches that fit an asynchronous
 * event, and handed over as {@code logs.amazonaws.com}.
 */
final class Subscriptions {
    private static final int PAGE = 50;
    private static final int MOST = 2;
    private static final int BATCH_CHARS = 600_000;
    private static final int DELIVERIES = 16;

    private final LogsContext logs;
    private final Pager pager;
    private final Targets targets;
    private final Caller neighbours;
    private final DeliveryQueue deliveries;

    Subscriptions(LogsContext logs, Pager pager, Targets targets, Caller neighbours) {
        this.logs = logs;
        this.pager = pager;
        this.targets = targets;
        this.neighbours = neighbours;
        this.deliveries = new DeliveryQueue("logs.subscription", logs.store(), logs.clock(), targets::send, 1);
    }

    void join(dev.haneul.kernel.reconcile.Driver driver) {
        deliveries.join(driver, DELIVERIES);
    }

    private static Sender sender(Scope scope, String group) {
        return Sender.service("logs.amazonaws.com", scope.account(), LogsTables.groupArn(scope, group) + ":*");
    }

    void put(PutSubscriptionFilterRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        FilterPattern unused = LogsContext.pattern(in.filterPattern());
        logs.store().read(tx -> LogsContext.group(tx, scope, in.logGroupName()));
        requireFunction(in, scope);
        SubscriptionFilter filter = new SubscriptionFilter()
                .filterName(in.filterName())
                .logGroupName(in.logGroupName())
                .filterPattern(in.filterPattern())
                .destinationArn(in.destinationArn())
                .distribution(in.distribution() == null ? "ByLogStream" : in.distribution())
                .applyOnTransformedLogs(Boolean.TRUE.equals(in.applyOnTransformedLogs()))
                .creationTime(logs.nowMillis());
        logs.store().write(tx -> {
            LogsContext.group(tx, scope, in.logGroupName());
            List<SubscriptionFilter> others = of(tx, scope, in.logGroupName());
            boolean known = others.stream().anyMatch(each -> in.filterName().equals(each.filterName()));
            if (!known && others.size() >= MOST) {
                throw LogsFaults.limit("Resource limit exceeded.");
            }
            tx.put(
                    FilterTables.SUBSCRIPTIONS,
                    FilterTables.key(scope, in.logGroupName(), in.filterName()),
                    new SubscriptionRow(filter));
        });
    }

    private void requireFunction(PutSubscriptionFilterRequest in, Scope scope) {
        Arn arn = Arn.parse(in.destinationArn())
                .orElseThrow(() -> LogsFaults.invalid("destinationArn is not an ARN: " + in.destinationArn()));
        if (!arn.service().equals("lambda")) {
            throw LogsFaults.invalid("Destinations of " + arn.service()
                    + " are not implemented by Haneul yet: only Lambda functions are.");
        }
        if (in.roleArn() != null) {
            throw LogsFaults.invalid("destinationArn for vendor lambda cannot be used with roleArn");
        }
        try {
            Call asLogs = targets.call(sender(scope, in.logGroupName()), arn.account(), arn.region());
            new LambdaClient(neighbours)
                    .invoke_(
                            new InvocationRequest()
                                    .functionName(in.destinationArn())
                                    .invocationType("DryRun"),
                            asLogs);
        } catch (Fault fault) {
            System.getLogger(Subscriptions.class.getName())
                    .log(System.Logger.Level.DEBUG, "a subscription's function refuses", fault);
            throw LogsFaults.invalid("Could not execute the lambda function. Make sure you have given CloudWatch Logs"
                    + " permission to execute your function.");
        }
    }

    void delete(DeleteSubscriptionFilterRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        logs.store().write(tx -> {
            LogsContext.group(tx, scope, in.logGroupName());
            if (!tx.delete(FilterTables.SUBSCRIPTIONS, FilterTables.key(scope, in.logGroupName(), in.filterName()))) {
                throw LogsFaults.notFound("The specified subscription filter does not exist.");
            }
        });
    }

    DescribeSubscriptionFiltersResponse describe(DescribeSubscriptionFiltersRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        String prefix = in.filterNamePrefix() == null ? "" : in.filterNamePrefix();
        int limit = in.limit() == null ? PAGE : Math.min(in.limit(), PAGE);
        Page<SubscriptionRow> page = logs.store().read(tx -> {
            LogsContext.group(tx, scope, in.logGroupName());
            return pager.rows(
                    tx,
                    FilterTables.SUBSCRIPTIONS,
                    scope,
                    row -> in.logGroupName().equals(row.filter().logGroupName())
                            && Objects.requireNonNull(row.filter().filterName()).startsWith(prefix),
                    "subscriptions " + scope + in.logGroupName() + "|" + prefix,
                    in.nextToken(),
                    limit);
        });
        return new DescribeSubscriptionFiltersResponse()
                .subscriptionFilters(
                        page.items().stream().map(SubscriptionRow::filter).toList())
                .nextToken(page.next());
    }

    /** A group's filters. */
    static List<SubscriptionFilter> of(ReadTx tx, Scope scope, String group) {
        return tx.range(FilterTables.SUBSCRIPTIONS, scope, group + ":", group + ";", MOST).stream()
                .map(Row::value)
                .map(SubscriptionRow::filter)
                .toList();
    }

    /** Takes what was just put. What matches is on disk when this returns. */
    void offer(Scope scope, List<SubscriptionFilter> filters, StreamRow stream, List<InputLogEvent> events) {
        for (SubscriptionFilter filter : filters) {
            FilterPattern pattern = FilterPattern.parse(filter.filterPattern());
            List<Map<String, Object>> batch = new ArrayList<>();
            int chars = 0;
            for (int i = 0; i < events.size(); i++) {
                InputLogEvent event = events.get(i);
                if (!pattern.matches(event.message())) {
                    continue;
                }
                if (chars > 0 && chars + event.message().length() > BATCH_CHARS) {
                    send(scope, filter, stream, batch);
                    batch = new ArrayList<>();
                    chars = 0;
                }
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("id", "%019d%018d%019d".formatted(event.timestamp(), logs.nowMillis(), (long) i));
                one.put("timestamp", event.timestamp());
                one.put("message", event.message());
                batch.add(one);
                chars += event.message().length();
            }
            if (!batch.isEmpty()) {
                send(scope, filter, stream, batch);
            }
        }
    }

    private void send(Scope scope, SubscriptionFilter filter, StreamRow stream, List<Map<String, Object>> batch) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("messageType", "DATA_MESSAGE");
        data.put("owner", scope.account());
        data.put("logGroup", stream.group());
        data.put("logStream", stream.name());
        data.put("subscriptionFilters", List.of(filter.filterName()));
        data.put("logEvents", batch);
        String packed = Base64.getEncoder().encodeToString(zipped(Json.write(data)));
        String payload = Json.write(Map.of("awslogs", Map.of("data", packed)));
        deliveries.add(
                scope,
                Parcel.of(Objects.requireNonNull(filter.destinationArn()), payload, sender(scope, stream.group())),
                DeliveryPolicy.DAY);
    }

    private static byte[] zipped(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
