package dev.haneul.services.ecs.service;

import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.InstanceRow;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.service.ServiceTables.MemberRow;
import dev.haneul.services.ecs.service.ServiceTables.Place;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import dev.haneul.services.ecs.service.ServiceTurn.Outside;
import dev.haneul.services.ecs.service.Sight.Plans;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Keeps services as they are wanted: looks, plans, takes the plan's steps in one transaction, then does outside what
 * that asks for. Everything it does outside is noted before and may be done again, so that a crash at any point neither
 * loses a task nor starts one twice, and leaves no target behind.
 */
final class ServiceReconciler implements Reconciler<Key> {
    private static final int CONCURRENCY = 16;
    /** How often targets and alarms are looked at while something goes on, and while all is well. */
    private static final Duration SOON = Duration.ofSeconds(1);

    private static final Duration LATER = Duration.ofSeconds(10);
    /** How long an INACTIVE service can be described. */
    private static final Duration REMEMBERED = Duration.ofHours(1);

    private final Services services;
    private final EcsRoom room;
    private final Hooks hooks;
    private Driver.Waker<Key> waker = key -> {};

    ServiceReconciler(Services services) {
        this.services = services;
        this.room = services.room();
        this.hooks = new Hooks(services);
    }

    /** Joins the driver; every service is looked at once. */
    Driver.Waker<Key> join(Driver driver) {
        waker = driver.add(this, CONCURRENCY);
        driver.follow(
                "ecs.services",
                Set.of(EcsTables.TASKS.name(), EcsTables.INSTANCES.name(), ServiceTables.SERVICES.name()),
                this::changed);
        room.read(tx -> EcsTables.everywhere(tx, ServiceTables.SERVICES, ServiceTables.KEPT, "yes"))
                .forEach(waker::wake);
        return waker;
    }

    private void changed(Change change) {
        Scope scope = change.key().scope();
        if (change.source().equals(ServiceTables.SERVICES.name())) {
            waker.wake(change.key());
        } else if (change.source().equals(EcsTables.TASKS.name())) {
            either(change.after(EcsTables.TASKS.codec()), change.before(EcsTables.TASKS.codec()))
                    .ifPresent(task -> wake(scope, task));
        } else {
            either(change.after(EcsTables.INSTANCES.codec()), change.before(EcsTables.INSTANCES.codec()))
                    .ifPresent(instance -> wake(scope, instance));
        }
    }

    private static <R> Optional<R> either(Optional<R> one, Optional<R> other) {
        return one.isPresent() ? one : other;
    }

    private void wake(Scope scope, TaskRow task) {
        String service = task.means().service();
        if (service != null) {
            waker.wake(scope.key(ServiceTables.serviceId(task.cluster(), service)));
        }
    }

    /** What was waiting for room may have it now. */
    private void wake(Scope scope, InstanceRow instance) {
        room.read(tx -> Services.of(tx, scope, instance.cluster())).stream()
                .filter(each -> !ServiceSpec.fargate(each.told()))
                .forEach(each -> waker.wake(scope.key(each.id())));
    }

    @Override
    public String name() {
        return "ecs.service";
    }

    @Override
    public Next reconcile(Key key) throws InterruptedException {
        ServiceView seen = room.read(tx -> ServiceView.read(tx, key)).orElse(null);
        if (seen == null) {
            return Next.DONE;
        }
        if (seen.row().status().equals("INACTIVE")) {
            return rest(key, seen.row());
        }
        Sight sight = Sight.of(seen, services.neighbours());
        Plans plans = sight.plan(seen, room.now());
        if (!plans.busy()) {
            return next(seen, plans);
        }
        List<Outside> outside = room.change(tx -> ServiceView.read(tx, key)
                .map(view -> {
                    Instant now = room.now();
                    return new ServiceTurn(services, tx, view, sight, now).take(sight.plan(view, now));
                })
                .orElse(List.of()));
        for (Outside each : outside) {
            act(key, each);
        }
        return Next.after(Duration.ZERO);
    }

    private Next rest(Key key, ServiceRow row) {
        Instant ended = row.endedAt();
        Instant until = (ended == null ? room.now() : ended).plus(REMEMBERED);
        if (until.isAfter(room.now())) {
            return Next.at(until);
        }
        room.change(tx -> {
            ServiceView.read(tx, key)
                    .filter(view -> view.row().status().equals("INACTIVE"))
                    .ifPresent(view -> {
                        Services.forgetHistory(tx, key.scope(), view.row());
                        tx.delete(ServiceTables.SERVICES, key);
                    });
            return Boolean.TRUE;
        });
        return Next.DONE;
    }

    /** Targets and alarms tell nobody that they changed: they are looked at from time to time. */
    private Next next(ServiceView view, Plans plans) {
        Instant next = plans.next();
        boolean watched =
                view.members().stream().anyMatch(each -> !each.places().isEmpty())
                        || view.row().primary().filter(Rollout::going).isPresent();
        if (watched) {
            boolean settled = view.row().steady()
                    && view.members().stream().allMatch(each -> each.proved() && each.departure() == null);
            Instant look = room.now().plus(settled ? LATER : SOON);
            next = next == null || look.isBefore(next) ? look : next;
        }
        return next == null ? Next.DONE : Next.at(next);
    }

    private void act(Key key, Outside action) throws InterruptedException {
        switch (action) {
            case Outside.Register register -> register(key, register.task());
            case Outside.Deregister deregister -> deregister(key, deregister.task());
            case Outside.Weigh weigh -> weigh(key, weigh.step());
            case Outside.Hook hook -> hooks.call(key, hook.step());
        }
    }

    private Optional<MemberRow> member(Key key, String task) {
        return room.read(tx -> tx.get(ServiceTables.MEMBERS, key.scope().key(key.id() + "/" + task)))
                .map(row -> row.value());
    }

    private void register(Key key, String task) {
        MemberRow member = member(key, task).orElse(null);
        if (member == null || member.departure() != null) {
            return;
        }
        member.places().forEach(place -> services.neighbours().register(key.scope(), place));
        change(key, task, "registered", "in", each -> each.registered(true));
    }

    private void deregister(Key key, String task) {
        MemberRow member = member(key, task).orElse(null);
        if (member == null || member.departure() == null) {
            return;
        }
        Duration longest = Duration.ZERO;
        for (Place place : member.places()) {
            Duration delay = services.neighbours().deregister(key.scope(), place);
            longest = delay.compareTo(longest) > 0 ? delay : longest;
        }
        Instant by = room.now().plus(longest);
        change(key, task, "deregistered", "in", each -> {
            var departure = each.departure();
            return departure == null ? each : each.departing(departure.out(by));
        });
    }

    private void change(Key key, String task, String did, String where, UnaryOperator<MemberRow> how) {
        room.change(tx -> {
            Key id = key.scope().key(key.id() + "/" + task);
            MemberRow member =
                    tx.get(ServiceTables.MEMBERS, id).map(row -> row.value()).orElse(null);
            ServiceRow row = tx.get(ServiceTables.SERVICES, key)
                    .map(found -> found.value())
                    .orElse(null);
            if (member == null || row == null) {
                return Boolean.FALSE;
            }
            tx.put(ServiceTables.MEMBERS, id, how.apply(member));
            ServiceRow told = row;
            for (var each : ServiceTurn.byGroup(member.places()).entrySet()) {
                told = services.say(
                        tx,
                        key.scope(),
                        told,
                        did + " " + each.getValue() + " targets " + where + " (target-group " + each.getKey() + ")");
            }
            services.put(tx, key.scope(), told);
            return Boolean.TRUE;
        });
    }

    private void weigh(Key key, Step.Weigh step) {
        ServiceView view = room.read(tx -> ServiceView.read(tx, key)).orElse(null);
        var revision = view == null ? null : view.revisions().get(step.rollout());
        if (revision == null) {
            return;
        }
        services.neighbours()
                .balancers()
                .weigh(key.scope(), revision.told().loadBalancers(), revision.slot(), step.production(), step.test());
        services.change(
                key,
                row -> row.with(step.rollout(), each -> {
                    Rollout.Shift shift = each.shift();
                    return shift == null
                            ? each
                            : each.shift(shift.weighing(step.production(), step.test(), room.now()), room.now());
                }));
    }
}
