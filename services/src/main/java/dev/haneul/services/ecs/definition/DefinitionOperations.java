package dev.haneul.services.ecs.definition;

import dev.haneul.api.ecs.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.DefinitionRow;
import dev.haneul.services.ecs.EcsTables.FamilyRow;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.cluster.ClusterOperations;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Task definitions and their families. */
public interface DefinitionOperations extends EcsApi {
    String FAMILY_NAME = "[a-zA-Z0-9_-]{1,255}";
    int MOST_PAGE = 100;
    int MOST_DELETED = 10;

    EcsRoom room();

    @Override
    default RegisterTaskDefinitionResponse registerTaskDefinition(RegisterTaskDefinitionRequest in, Call call) {
        String family = String.valueOf(in.family());
        if (!family.matches(FAMILY_NAME)) {
            throw EcsFaults.client("Invalid family name '" + family
                    + "'. Up to 255 letters, numbers, hyphens and underscores are allowed.");
        }
        TaskDefinition checked = DefinitionChecks.check(in);
        Map<String, String> tags = EcsTags.check(in.tags());
        Scope scope = EcsRoom.scope(call);
        return room().change(tx -> {
            int number = 1
                    + tx.get(EcsTables.FAMILIES, scope.key(family))
                            .map(row -> row.value().last())
                            .orElse(0);
            tx.put(EcsTables.FAMILIES, scope.key(family), new FamilyRow(number));
            TaskDefinition told = Copies.of(checked)
                    .family(family)
                    .revision(number)
                    .taskDefinitionArn(EcsRoom.arn(scope, "task-definition/" + family + ":" + number))
                    .status("ACTIVE")
                    .registeredAt(room().now())
                    .registeredBy(call.principal().arn());
            put(tx, scope, told);
            EcsTags.put(tx, scope, "task-definition/" + family + ":" + number, tags);
            return new RegisterTaskDefinitionResponse().taskDefinition(told).tags(EcsTables.told(tags));
        });
    }

    private static void put(WriteTx tx, Scope scope, TaskDefinition told) {
        DefinitionRow row = new DefinitionRow(told);
        tx.put(EcsTables.DEFINITIONS, scope.key(EcsTables.definition(row.family(), row.revision())), row);
    }

    @Override
    default DescribeTaskDefinitionResponse describeTaskDefinition(DescribeTaskDefinitionRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        return room().read(tx -> {
            DefinitionRow row = described(tx, scope, in.taskDefinition());
            return new DescribeTaskDefinitionResponse()
                    .taskDefinition(row.told())
                    .tags(
                            in.include().contains("TAGS")
                                    ? EcsTables.told(EcsTags.of(
                                            tx, scope, "task-definition/" + row.family() + ":" + row.revision()))
                                    : List.of());
        });
    }

    private static DefinitionRow described(ReadTx tx, Scope scope, @Nullable String reference) {
        return Definitions.find(tx, scope, String.valueOf(reference))
                .orElseThrow(() -> EcsFaults.client("Unable to describe task definition."));
    }

    @Override
    default DeregisterTaskDefinitionResponse deregisterTaskDefinition(DeregisterTaskDefinitionRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        String reference = String.valueOf(in.taskDefinition());
        if (!reference.substring(reference.lastIndexOf('/') + 1).contains(":")) {
            throw EcsFaults.client("You must provide a revision of the task definition to deregister.");
        }
        return room().change(tx -> {
            DefinitionRow row = described(tx, scope, reference);
            if (!row.active()) {
                return new DeregisterTaskDefinitionResponse().taskDefinition(row.told());
            }
            TaskDefinition gone = Copies.of(row.told()).status("INACTIVE").deregisteredAt(room().now());
            put(tx, scope, gone);
            return new DeregisterTaskDefinitionResponse().taskDefinition(gone);
        });
    }

    @Override
    default DeleteTaskDefinitionsResponse deleteTaskDefinitions(DeleteTaskDefinitionsRequest in, Call call) {
        if (in.taskDefinitions().size() > MOST_DELETED) {
            throw EcsFaults.invalid("The maximum number of task definitions to delete is " + MOST_DELETED + ".");
        }
        Scope scope = EcsRoom.scope(call);
        return room().change(tx -> {
            List<TaskDefinition> gone = new ArrayList<>();
            List<Failure> failures = new ArrayList<>();
            for (String reference : in.taskDefinitions()) {
                DefinitionRow row = Definitions.find(tx, scope, reference).orElse(null);
                if (row == null) {
                    failures.add(new Failure().arn(reference).reason("The specified task definition does not exist."));
                } else if (row.active()) {
                    failures.add(new Failure()
                            .arn(row.arn())
                            .reason("The specified task definition is still in ACTIVE status. Please deregister the "
                                    + "target and try again."));
                } else {
                    TaskDefinition told =
                            Copies.of(row.told()).status("DELETE_IN_PROGRESS").deleteRequestedAt(room().now());
                    gone.add(told);
                    if (used(tx, scope, row.arn())) {
                        put(tx, scope, told);
                    } else {
                        forget(tx, scope, row);
                    }
                }
            }
            return new DeleteTaskDefinitionsResponse().taskDefinitions(gone).failures(failures);
        });
    }

    /** Whether tasks of it are told of, which keeps it. */
    private static boolean used(ReadTx tx, Scope scope, String arn) {
        return EcsTables.every(tx, EcsTables.TASKS, scope).stream()
                .anyMatch(task -> arn.equals(task.told().taskDefinitionArn()));
    }

    private static void forget(WriteTx tx, Scope scope, DefinitionRow row) {
        tx.delete(EcsTables.DEFINITIONS, scope.key(EcsTables.definition(row.family(), row.revision())));
        EcsTags.forget(tx, scope, "task-definition/" + row.family() + ":" + row.revision());
    }

    @Override
    default ListTaskDefinitionsResponse listTaskDefinitions(ListTaskDefinitionsRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        String status = Objects.requireNonNullElse(in.status(), "ACTIVE");
        boolean newest = "DESC".equals(in.sort());
        String family = Objects.requireNonNullElse(in.familyPrefix(), "");
        List<DefinitionRow> all = room().read(tx -> family.isEmpty()
                ? EcsTables.every(tx, EcsTables.DEFINITIONS, scope)
                : EcsTables.every(tx, EcsTables.DEFINITIONS, scope, EcsTables.FAMILY, family));
        Comparator<DefinitionRow> order =
                Comparator.comparing(DefinitionRow::family).thenComparing(DefinitionRow::revision);
        List<DefinitionRow> found = all.stream()
                .filter(row -> status.equals(row.told().status()))
                .sorted(newest ? order.reversed() : order)
                .toList();
        // Places in the order, so that a page begins where the last one ended.
        Map<String, String> places = new TreeMap<>();
        for (int i = 0; i < found.size(); i++) {
            places.put(String.format(Locale.ROOT, "%08d", i), found.get(i).arn());
        }
        Page<Map.Entry<String, String>> page = room().pager()
                .list(
                        places.entrySet(),
                        Map.Entry::getKey,
                        "ListTaskDefinitions/" + scope + status + newest + family,
                        in.nextToken(),
                        ClusterOperations.limit(in.maxResults(), MOST_PAGE));
        return new ListTaskDefinitionsResponse()
                .taskDefinitionArns(
                        page.items().stream().map(Map.Entry::getValue).toList())
                .nextToken(page.next());
    }

    @Override
    default ListTaskDefinitionFamiliesResponse listTaskDefinitionFamilies(
            ListTaskDefinitionFamiliesRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        String status = Objects.requireNonNullElse(in.status(), "ALL");
        String prefix = Objects.requireNonNullElse(in.familyPrefix(), "");
        List<String> found = room().read(tx -> families(tx, scope, prefix, status));
        Page<String> page = room().pager()
                .list(
                        found,
                        name -> name,
                        "ListTaskDefinitionFamilies/" + scope + status + prefix,
                        in.nextToken(),
                        ClusterOperations.limit(in.maxResults(), MOST_PAGE));
        return new ListTaskDefinitionFamiliesResponse().families(page.items()).nextToken(page.next());
    }

    private static List<String> families(ReadTx tx, Scope scope, String prefix, String status) {
        List<String> found = new ArrayList<>();
        String from = prefix;
        while (true) {
            List<Row<FamilyRow>> rows = tx.range(EcsTables.FAMILIES, scope, from, null, MOST_PAGE);
            for (Row<FamilyRow> row : rows) {
                String name = row.key().id();
                if (!name.startsWith(prefix)) {
                    return found;
                }
                boolean active = Definitions.latest(tx, scope, name).isPresent();
                boolean any = active
                        || !tx.range(EcsTables.DEFINITIONS, scope, name + "/", name + "0", 1)
                                .isEmpty();
                boolean wanted = switch (status) {
                    case "ACTIVE" -> active;
                    case "INACTIVE" -> any && !active;
                    case "ALL" -> any;
                    default -> throw Fault.of(new InvalidParameterException(), "Invalid status: " + status);
                };
                if (wanted) {
                    found.add(name);
                }
            }
            if (rows.size() < MOST_PAGE) {
                return found;
            }
            from = rows.getLast().key().id() + "\u0000";
        }
    }
}
