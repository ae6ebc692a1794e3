package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.DashboardEntry;
import dev.haneul.api.cloudwatch.DashboardValidationMessage;
import dev.haneul.api.cloudwatch.GetDashboardOutput;
import dev.haneul.api.cloudwatch.ListDashboardsInput;
import dev.haneul.api.cloudwatch.ListDashboardsOutput;
import dev.haneul.api.cloudwatch.PutDashboardInput;
import dev.haneul.api.cloudwatch.PutDashboardOutput;
import dev.haneul.api.runtime.Call;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Regions;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudwatch.CloudWatchTables.DashboardRow;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Dashboards: kept and told; their widgets' outline is checked. They belong to an account and no region. */
final class Dashboards {
    private static final int PAGE = 1000;
    private static final int WIDGETS = 500;
    private static final Set<String> TYPES = Set.of("metric", "text", "log", "alarm", "explorer", "custom");

    private final Store store;
    private final Clock clock;
    private final Pager pager;

    Dashboards(Store store, Clock clock, Pager pager) {
        this.store = store;
        this.clock = clock;
        this.pager = pager;
    }

    private static Scope scope(Call call) {
        return new Scope(call.account(), "");
    }

    private static String arn(Call call, String name) {
        return new Arn(Regions.partition(call.region()), "cloudwatch", "", call.account(), "dashboard/" + name)
                .toString();
    }

    PutDashboardOutput put(PutDashboardInput in, Call call) {
        if (!in.dashboardName().matches("[A-Za-z0-9_-]{1,255}")) {
            throw CloudWatchFaults.dashboard(
                    "The value " + in.dashboardName() + " for field DashboardName contains invalid characters. It can"
                            + " only contain alphanumerics, dash (-) and underscore (_).",
                    List.of());
        }
        List<DashboardValidationMessage> found = check(in.dashboardBody());
        if (!found.isEmpty()) {
            throw CloudWatchFaults.dashboard("The dashboard body is invalid, there are validation errors", found);
        }
        store.write(tx -> {
            Map<String, String> tags = tx.get(
                            CloudWatchTables.DASHBOARDS, scope(call).key(in.dashboardName()))
                    .map(row -> row.value().tags())
                    .orElse(Map.of());
            tx.put(
                    CloudWatchTables.DASHBOARDS,
                    scope(call).key(in.dashboardName()),
                    new DashboardRow(in.dashboardName(), in.dashboardBody(), clock.instant(), tags));
        });
        return new PutDashboardOutput().dashboardValidationMessages(List.of());
    }

    private static List<DashboardValidationMessage> check(String body) {
        Map<String, ?> tree = Json.object(body).orElse(null);
        if (tree == null) {
            return List.of(message("", "The dashboard body is not a JSON object"));
        }
        if (!(tree.get("widgets") instanceof List<?> widgets)) {
            return List.of(message("/", "Should have required property 'widgets'"));
        }
        List<DashboardValidationMessage> found = new ArrayList<>();
        if (widgets.size() > WIDGETS) {
            found.add(message("/widgets", "Should NOT have more than " + WIDGETS + " items"));
        }
        for (int i = 0; i < widgets.size() && found.size() < 100; i++) {
            String at = "/widgets/" + i;
            if (!(widgets.get(i) instanceof Map<?, ?> widget)) {
                found.add(message(at, "Should be object"));
            } else if (!(widget.get("type") instanceof String type) || !TYPES.contains(type)) {
                found.add(message(at + "/type", "Should match exactly one schema in oneOf"));
            } else if (!(widget.get("properties") instanceof Map<?, ?>)) {
                found.add(message(at, "Should have required property 'properties'"));
            }
        }
        return found;
    }

    private static DashboardValidationMessage message(String at, String text) {
        return new DashboardValidationMessage().dataPath(at).message(text);
    }

    GetDashboardOutput get(String name, Call call) {
        DashboardRow row = store.read(
                        tx -> tx.get(CloudWatchTables.DASHBOARDS, scope(call).key(name)))
                .map(Row::value)
                .orElseThrow(() -> CloudWatchFaults.noDashboard(name));
        return new GetDashboardOutput()
                .dashboardName(row.name())
                .dashboardArn(arn(call, row.name()))
                .dashboardBody(row.body());
    }

    ListDashboardsOutput list(ListDashboardsInput in, Call call) {
        String prefix = in.dashboardNamePrefix() == null ? "" : in.dashboardNamePrefix();
        Page<DashboardRow> page = store.read(tx -> pager.rows(
                tx,
                CloudWatchTables.DASHBOARDS,
                scope(call),
                row -> row.name().startsWith(prefix),
                "dashboards " + call.account() + prefix,
                in.nextToken(),
                PAGE));
        return new ListDashboardsOutput()
                .dashboardEntries(page.items().stream()
                        .map(row -> new DashboardEntry()
                                .dashboardName(row.name())
                                .dashboardArn(arn(call, row.name()))
                                .lastModified(row.lastModified())
                                .size((long) row.body().getBytes(StandardCharsets.UTF_8).length))
                        .toList())
                .nextToken(page.next());
    }

    void delete(List<String> names, Call call) {
        store.write(tx -> {
            for (String name : names) {
                if (tx.get(CloudWatchTables.DASHBOARDS, scope(call).key(name)).isEmpty()) {
                    throw CloudWatchFaults.noDashboard(name);
                }
            }
            names.forEach(
                    name -> tx.delete(CloudWatchTables.DASHBOARDS, scope(call).key(name)));
        });
    }
}
