package dev.haneul.services.elbv2;

import dev.haneul.api.runtime.Fault;
import dev.haneul.edge.Edge;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.elbv2.ClassicTables.ClassicRow;
import dev.haneul.services.elbv2.ElbTables.BalancerRow;
import dev.haneul.services.elbv2.ElbTables.GroupRow;
import dev.haneul.services.elbv2.ElbTables.HealthRow;
import dev.haneul.services.elbv2.ElbTables.ListenerRow;
import dev.haneul.services.elbv2.ElbTables.Place;
import dev.haneul.services.elbv2.ElbTables.RuleRow;
import dev.haneul.services.elbv2.ElbTables.StoreRow;
import dev.haneul.services.elbv2.ElbTables.TargetRow;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Keeps a load balancer in step with its records: interfaces, listeners, tables. */
final class BalancerReconciler implements Reconciler<Key> {
    private static final System.Logger LOG = System.getLogger(BalancerReconciler.class.getName());
    /** How often it is looked where instances are. */
    private static final Duration INSTANCES = Duration.ofSeconds(5);
    /** How often it is tried to listen at an interface that the networks do not have yet. */
    private static final Duration LISTENING = Duration.ofMillis(100);

    private final Elbv2Service.Ground ground;
    private final Neighbours neighbours;
    private final Edge edge;
    private final Certificates certificates;
    /** The groups each interface has, as far as this server set them. */
    private final Map<String, List<String>> groups = new ConcurrentHashMap<>();

    private final Set<String> complained = ConcurrentHashMap.newKeySet();

    BalancerReconciler(Elbv2Service.Ground ground, Neighbours neighbours, Edge edge) {
        this.ground = ground;
        this.neighbours = neighbours;
        this.edge = edge;
        this.certificates = new Certificates(ground.certificates());
    }

    @Override
    public String name() {
        return "elbv2.balancers";
    }

    @Override
    public Next reconcile(Key key) {
        Scope scope = key.scope();
        String arn = ElbTables.balancerArn(scope, key.id());
        BalancerRow row = row(key).orElse(null);
        if (row == null || !row.alive()) {
            edge.remove(arn);
            if (row != null) {
                remove(scope, row);
            }
            return Next.DONE;
        }
        if (!interfaces(scope, row)) {
            return Next.after(INSTANCES);
        }
        Instant drained = drained(scope);
        if (row.classic()) {
            ClassicRow classic = ground.store()
                    .read(tx -> tx.get(ClassicTables.CLASSICS, key))
                    .map(Row::value)
                    .orElse(null);
            return classic == null
                    ? Next.DONE
                    : apply(scope, key, classic(scope, row.id(), classic), Next.after(INSTANCES));
        }
        Tables.View view = view(scope, key);
        if (view == null) {
            return Next.after(Duration.ZERO);
        }
        return apply(scope, key, Tables.of(scope, view), next(view, drained));
    }

    /**
     * Makes a balancer that was complete carry traffic again, by its records alone. Whatever it lacks is left to {@link
     * #reconcile}, and so are those with functions behind them, which are not there before the region is.
     */
    void resume(Key key) {
        BalancerRow row = row(key).orElse(null);
        if (row == null
                || row.classic()
                || !row.state().equals(ElbTables.ACTIVE)
                || row.places().stream().anyMatch(each -> each.eni() == null || each.leaving())
                || !ground.networks().getAsBoolean()) {
            return;
        }
        Tables.View view = view(key.scope(), key);
        if (view == null || view.groups().values().stream().anyMatch(GroupRow::lambda)) {
            return;
        }
        try {
            edge.resume(Tables.of(key.scope(), view));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, key.id() + " is taken up later", e);
        }
        // Its deletion may have been carried out between the look at its records and here.
        if (row(key).filter(BalancerRow::alive).isEmpty()) {
            edge.remove(ElbTables.balancerArn(key.scope(), key.id()));
        }
    }

    private Optional<BalancerRow> row(Key key) {
        return ground.store().read(tx -> tx.get(ElbTables.BALANCERS, key)).map(Row::value);
    }

    private RoutingTable classic(Scope scope, String id, ClassicRow classic) {
        BalancerRow row = row(scope.key(id)).orElseThrow();
        Map<String, Listener.Identity> identities = new HashMap<>();
        classic.ports().stream()
                .map(ClassicTables.PortRow::certificate)
                .filter(each -> each != null)
                .forEach(arn -> certificates.find(scope, arn).ifPresent(each -> identities.put(arn, each)));
        Map<String, Neighbours.Found> instances =
                classic.instances().isEmpty() ? Map.of() : neighbours.instances(scope, classic.instances());
        return ClassicTable.of(scope, row, classic, instances, identities);
    }

    private Next apply(Scope scope, Key key, RoutingTable table, Next next) {
        String arn = table.id();
        try {
            edge.apply(ground.networks().getAsBoolean() ? table : nodeless(table));
            complained.remove(arn);
        } catch (IOException e) {
            if (complained.add(arn)) {
                LOG.log(System.Logger.Level.DEBUG, arn + " cannot listen everywhere yet", e);
            }
            return Next.after(LISTENING);
        }
        left(scope, key);
        settle(scope, key);
        return next;
    }

    private static RoutingTable nodeless(RoutingTable table) {
        return new RoutingTable(
                table.id(), table.application(), List.of(), table.settings(), table.listeners(), table.groups());
    }

    private Next next(Tables.View view, @Nullable Instant drained) {
        boolean instances =
                view.groups().values().stream().anyMatch(each -> each.type().matches("instance|alb"));
        Instant then = instances ? ground.clock().instant().plus(INSTANCES) : null;
        if (drained != null && (then == null || drained.isBefore(then))) {
            then = drained;
        }
        return then == null ? Next.DONE : Next.at(then);
    }

    /** Makes what interfaces are missing, and gives all the right groups; false where it cannot be done now. */
    private boolean interfaces(Scope scope, BalancerRow row) {
        boolean network = row.network();
        for (Place place : row.places()) {
            try {
                String eni = place.eni();
                if (eni == null && !place.leaving()) {
                    Neighbours.Made made = neighbours.createInterface(
                            scope,
                            "ELB " + (row.classic() ? row.name() : row.id()),
                            network,
                            place,
                            row.securityGroups(),
                            !row.internal());
                    groups.put(made.eni(), row.securityGroups());
                    place(scope, row, place, made);
                } else if (eni != null
                        && !row.securityGroups().isEmpty()
                        && !row.securityGroups().equals(groups.get(eni))) {
                    neighbours.setGroups(scope, eni, row.securityGroups());
                    groups.put(eni, row.securityGroups());
                }
            } catch (Fault e) {
                String why = e.code() + ": " + e.message();
                LOG.log(System.Logger.Level.WARNING, row.id() + " in " + place.subnet() + ": " + why);
                fail(scope, row, why);
                return false;
            }
        }
        return true;
    }

    private void fail(Scope scope, BalancerRow row, String why) {
        ground.store()
                .write(tx -> tx.get(ElbTables.BALANCERS, scope.key(row.id()))
                        .map(Row::value)
                        .filter(now -> now.state().equals(ElbTables.PROVISIONING))
                        .ifPresent(now ->
                                tx.put(ElbTables.BALANCERS, scope.key(row.id()), now.in(ElbTables.FAILED, why))));
    }

    private void place(Scope scope, BalancerRow row, Place place, Neighbours.Made made) {
        ground.store().write(tx -> {
            BalancerRow now = tx.get(ElbTables.BALANCERS, scope.key(row.id()))
                    .orElseThrow()
                    .value();
            List<Place> places = now.places().stream()
                    .map(each ->
                            each.equals(place) ? each.made(made.eni(), made.address(), made.publicAddress()) : each)
                    .toList();
            tx.put(ElbTables.BALANCERS, scope.key(row.id()), now.at(places));
        });
    }

    /** Interfaces of zones that were left go, once nothing listens there. */
    private void left(Scope scope, Key key) {
        BalancerRow row = row(key).orElse(null);
        if (row == null || row.places().stream().noneMatch(Place::leaving)) {
            return;
        }
        row.places().stream()
                .filter(Place::leaving)
                .filter(each -> each.eni() != null)
                .forEach(each -> neighbours.deleteInterface(scope, String.valueOf(each.eni())));
        ground.store()
                .write(tx -> tx.get(ElbTables.BALANCERS, key)
                        .map(Row::value)
                        .ifPresent(now -> tx.put(
                                ElbTables.BALANCERS,
                                key,
                                now.at(now.places().stream()
                                        .filter(each -> !each.leaving())
                                        .toList()))));
    }

    private void settle(Scope scope, Key key) {
        ground.store()
                .write(tx -> tx.get(ElbTables.BALANCERS, key)
                        .map(Row::value)
                        .filter(now -> now.state().equals(ElbTables.PROVISIONING)
                                || now.state().equals(ElbTables.FAILED))
                        .ifPresent(now -> tx.put(ElbTables.BALANCERS, key, now.in(ElbTables.ACTIVE, null))));
    }

    private void remove(Scope scope, BalancerRow row) {
        for (Place each : row.places()) {
            if (each.eni() != null) {
                neighbours.deleteInterface(scope, each.eni());
                groups.remove(each.eni());
            }
        }
        ground.store().write(tx -> tx.delete(ElbTables.BALANCERS, scope.key(row.id())));
    }

    /** Forgets targets whose delay is over; tells when the next one's is. */
    private @Nullable Instant drained(Scope scope) {
        Instant now = ground.clock().instant();
        List<TargetRow> draining = ground.store().read(tx -> Rows.all(tx, scope, ElbTables.TARGETS)).stream()
                .filter(each -> each.drainedAt() != null)
                .toList();
        List<TargetRow> over =
                draining.stream().filter(each -> !now.isBefore(drainedAt(each))).toList();
        if (!over.isEmpty()) {
            ground.store()
                    .write(tx -> over.forEach(each -> {
                        boolean still = tx.get(ElbTables.TARGETS, scope.key(each.id()))
                                .filter(row -> each.drainedAt() != null
                                        && each.drainedAt().equals(row.value().drainedAt()))
                                .isPresent();
                        if (still) {
                            tx.delete(ElbTables.TARGETS, scope.key(each.id()));
                            tx.delete(ElbTables.HEALTH, scope.key(each.id()));
                        }
                    }));
        }
        return draining.stream()
                .map(BalancerReconciler::drainedAt)
                .filter(now::isBefore)
                .min(Instant::compareTo)
                .orElse(null);
    }

    private static Instant drainedAt(TargetRow row) {
        return row.drainedAt() == null ? Instant.MAX : row.drainedAt();
    }

    private Tables.@Nullable View view(Scope scope, Key key) {
        Tables.View bare = ground.store().read(tx -> bare(tx, scope, key));
        if (bare == null) {
            return null;
        }
        Set<String> ids = bare.groups().values().stream()
                .filter(each -> each.type().equals("instance"))
                .flatMap(each -> bare.targets().getOrDefault(each.id(), List.of()).stream())
                .map(TargetRow::target)
                .collect(Collectors.toSet());
        Map<String, Neighbours.Found> instances = ids.isEmpty() ? Map.of() : neighbours.instances(scope, ids);
        Map<String, Listener.Identity> identities = new HashMap<>();
        for (ListenerRow listener : bare.listeners()) {
            for (String arn : listener.certificates()) {
                certificates.find(scope, arn).ifPresent(each -> identities.put(arn, each));
            }
        }
        return new Tables.View(
                bare.balancer(),
                bare.listeners(),
                bare.rules(),
                bare.groups(),
                bare.targets(),
                bare.health(),
                bare.stores(),
                identities,
                instances,
                bare.balancers());
    }

    private static Tables.@Nullable View bare(ReadTx tx, Scope scope, Key key) {
        BalancerRow row = tx.get(ElbTables.BALANCERS, key).map(Row::value).orElse(null);
        if (row == null) {
            return null;
        }
        List<ListenerRow> listeners = Rows.listeners(tx, scope, row.id());
        Map<String, List<RuleRow>> rules = new HashMap<>();
        Map<String, GroupRow> groups = new HashMap<>();
        Map<String, List<TargetRow>> targets = new HashMap<>();
        Map<String, HealthRow> health = new HashMap<>();
        Map<String, StoreRow> stores = new HashMap<>();
        Map<String, String> balancers = new HashMap<>();
        List<String> named = new ArrayList<>();
        for (ListenerRow listener : listeners) {
            List<RuleRow> own = Rows.rules(tx, scope, listener.id());
            rules.put(listener.id(), own);
            own.forEach(rule -> named.addAll(Actions.groups(rule.actions())));
            String store = listener.mutual() == null ? null : listener.mutual().trustStoreArn();
            if (store != null) {
                tx.get(ElbTables.STORES, scope.key(Rows.idOf(store)))
                        .ifPresent(each -> stores.put(store, each.value()));
            }
        }
        for (String arn : named) {
            String id = Rows.idOf(arn);
            tx.get(ElbTables.GROUPS, scope.key(id)).ifPresent(each -> groups.put(id, each.value()));
            targets.computeIfAbsent(id, each -> Rows.targets(tx, scope, each));
        }
        targets.values()
                .forEach(all -> all.forEach(each -> {
                    tx.get(ElbTables.HEALTH, scope.key(each.id()))
                            .ifPresent(found -> health.put(each.id(), found.value()));
                    if (each.target().contains(":loadbalancer/")) {
                        tx.get(ElbTables.BALANCERS, scope.key(Rows.idOf(each.target())))
                                .flatMap(found -> found.value().places().stream()
                                        .map(Place::address)
                                        .filter(address -> address != null)
                                        .findFirst())
                                .ifPresent(address -> balancers.put(each.target(), address));
                    }
                }));
        return new Tables.View(row, listeners, rules, groups, targets, health, stores, Map.of(), Map.of(), balancers);
    }
}
