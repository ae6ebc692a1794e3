package dev.haneul.services.events;

import dev.haneul.api.events.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.schedule.ScheduleExpression;
import dev.haneul.services.events.EventsContext.BusRef;
import dev.haneul.services.events.EventsContext.Page;
import dev.haneul.services.events.EventsTables.RuleRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Rules: made, told, switched, removed. */
final class Rules {
    private static final int MOST_RULES = 300;
    private static final int CHUNK = 1000;

    private final EventsContext events;
    private final Consumer<Key> scheduled;

    /** @param scheduled is told of rules whose schedule may have changed */
    Rules(EventsContext events, Consumer<Key> scheduled) {
        this.events = events;
        this.scheduled = scheduled;
    }

    PutRuleResponse put(PutRuleRequest in, Call call) {
        BusRef bus = EventsContext.bus(in.eventBusName(), call);
        String pattern = blankToNull(in.eventPattern());
        String schedule = blankToNull(in.scheduleExpression());
        check(pattern, schedule, bus);
        Key key = EventsTables.ruleKey(bus.scope(), bus.name(), in.name());
        String state = in.state();
        events.store().write(tx -> {
            EventsContext.require(tx, bus);
            RuleRow before = tx.get(EventsTables.RULES, key).map(Row::value).orElse(null);
            if (before == null && EventsContext.rules(tx, bus).size() >= MOST_RULES) {
                throw EventsFaults.limit();
            }
            requireFree(before, call, false);
            boolean byService = call.principal().type() == Principal.Type.SERVICE;
            tx.put(
                    EventsTables.RULES,
                    key,
                    new RuleRow(
                            bus.name(),
                            in.name(),
                            in.description(),
                            pattern,
                            schedule,
                            state == null ? RuleState.ENABLED : state,
                            in.roleArn(),
                            byService ? call.principal().id() : before == null ? null : before.managedBy(),
                            before == null ? call.account() : before.createdBy(),
                            before == null ? events.now() : before.created(),
                            // Tags are given to new rules only.
                            before == null ? EventsContext.tags(Map.of(), in.tags()) : before.tags(),
                            before == null ? List.of() : before.targets()));
        });
        scheduled.accept(key);
        return new PutRuleResponse().ruleArn(EventsTables.ruleArn(bus.scope(), bus.name(), in.name()));
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }

    private static void check(@Nullable String pattern, @Nullable String schedule, BusRef bus) {
        if (pattern == null && schedule == null) {
            throw EventsFaults.validation("Parameter(s) EventPattern or ScheduleExpression must be specified.");
        }
        if (schedule != null) {
            if (!bus.name().equals(EventsTables.DEFAULT_BUS)) {
                throw EventsFaults.validation("ScheduleExpression is supported only on the default event bus.");
            }
            if (schedule.startsWith("at(") || ScheduleExpression.parse(schedule).isEmpty()) {
                throw EventsFaults.parameter("ScheduleExpression", "");
            }
        }
        if (pattern != null) {
            Patterns.check(pattern);
        }
    }

    /** A rule that a service manages is changed by that service, or by force. */
    static void requireFree(@Nullable RuleRow rule, Call call, boolean force) {
        if (rule != null
                && rule.managedBy() != null
                && !force
                && !rule.managedBy().equals(call.principal().id())) {
            throw EventsFaults.managed(rule.name());
        }
    }

    void delete(DeleteRuleRequest in, Call call) {
        BusRef bus = EventsContext.bus(in.eventBusName(), call);
        Key key = EventsTables.ruleKey(bus.scope(), bus.name(), in.name());
        events.store().write(tx -> {
            EventsContext.require(tx, bus);
            RuleRow rule = tx.get(EventsTables.RULES, key).map(Row::value).orElse(null);
            if (rule == null) {
                return; // AWS answers quietly
            }
            requireFree(rule, call, Boolean.TRUE.equals(in.force()));
            if (!rule.targets().isEmpty()) {
                throw EventsFaults.validation("Rule can't be deleted since it has targets.");
            }
            tx.delete(EventsTables.RULES, key);
        });
        scheduled.accept(key);
    }

    DescribeRuleResponse describe(DescribeRuleRequest in, Call call) {
        BusRef bus = EventsContext.bus(in.eventBusName(), call);
        RuleRow rule = events.store().read(tx -> EventsContext.rule(tx, bus, in.name()));
        return new DescribeRuleResponse()
                .name(rule.name())
                .arn(EventsTables.ruleArn(bus.scope(), bus.name(), rule.name()))
                .eventPattern(rule.pattern())
                .scheduleExpression(rule.schedule())
                .state(rule.state())
                .description(rule.description())
                .roleArn(rule.role())
                .managedBy(rule.managedBy())
                .eventBusName(bus.name())
                .createdBy(rule.createdBy());
    }

    void enable(@Nullable String busName, String name, Call call, boolean on) {
        BusRef bus = EventsContext.bus(busName, call);
        Key key = EventsTables.ruleKey(bus.scope(), bus.name(), name);
        events.store().write(tx -> {
            RuleRow rule = EventsContext.rule(tx, bus, name);
            requireFree(rule, call, false);
            tx.put(EventsTables.RULES, key, rule.withState(on ? RuleState.ENABLED : RuleState.DISABLED));
        });
        scheduled.accept(key);
    }

    ListRulesResponse list(ListRulesRequest in, Call call) {
        BusRef bus = EventsContext.bus(in.eventBusName(), call);
        events.store().read(tx -> EventsContext.require(tx, bus));
        String prefix = bus.name() + "|" + (in.namePrefix() == null ? "" : in.namePrefix());
        Page<RuleRow> page =
                events.page("rules", EventsTables.RULES, bus.scope(), prefix, row -> true, in.limit(), in.nextToken());
        return new ListRulesResponse()
                .rules(page.rows().stream()
                        .map(rule -> new Rule()
                                .name(rule.name())
                                .arn(EventsTables.ruleArn(bus.scope(), bus.name(), rule.name()))
                                .eventPattern(rule.pattern())
                                .scheduleExpression(rule.schedule())
                                .state(rule.state())
                                .description(rule.description())
                                .roleArn(rule.role())
                                .managedBy(rule.managedBy())
                                .eventBusName(bus.name()))
                        .toList())
                .nextToken(page.nextToken());
    }

    ListRuleNamesByTargetResponse byTarget(ListRuleNamesByTargetRequest in, Call call) {
        BusRef bus = EventsContext.bus(in.eventBusName(), call);
        String context = "events by target " + bus.arn() + " " + in.targetArn();
        String after = in.nextToken() == null
                ? ""
                : events.tokens().open(context, in.nextToken()).orElseThrow(EventsFaults::badToken);
        int limit = in.limit() == null ? 100 : in.limit();
        return events.store().read(tx -> {
            EventsContext.require(tx, bus);
            List<String> names = new ArrayList<>();
            List<Row<RuleRow>> rows = tx.find(EventsTables.RULES, bus.scope(), "target", in.targetArn(), after, CHUNK);
            String last = after;
            for (Row<RuleRow> row : rows) {
                if (names.size() == limit) {
                    return new ListRuleNamesByTargetResponse()
                            .ruleNames(names)
                            .nextToken(events.tokens().seal(context, last));
                }
                if (row.value().bus().equals(bus.name())) {
                    names.add(row.value().name());
                }
                last = row.key().id();
            }
            return new ListRuleNamesByTargetResponse().ruleNames(names);
        });
    }

    PutTargetsResponse putTargets(PutTargetsRequest in, Call call) {
        BusRef bus = EventsContext.bus(in.eventBusName(), call);
        Key key = EventsTables.ruleKey(bus.scope(), bus.name(), in.rule());
        in.targets().forEach(TargetChecks::check);
        events.store().write(tx -> {
            RuleRow rule = EventsContext.rule(tx, bus, in.rule());
            requireFree(rule, call, false);
            List<Target> targets = new ArrayList<>(rule.targets());
            for (Target target : in.targets()) {
                int at = indexOf(targets, target.id());
                if (at < 0) {
                    targets.add(target);
                } else {
                    targets.set(at, target);
                }
            }
            if (targets.size() > TargetChecks.MOST_TARGETS) {
                throw EventsFaults.limit();
            }
            tx.put(EventsTables.RULES, key, rule.withTargets(targets));
        });
        return new PutTargetsResponse().failedEntryCount(0).failedEntries(List.of());
    }

    private static int indexOf(List<Target> targets, String id) {
        for (int i = 0; i < targets.size(); i++) {
            if (targets.get(i).id().equals(id)) {
                return i;
            }
        }
        return -1;
    }

    RemoveTargetsResponse removeTargets(RemoveTargetsRequest in, Call call) {
        BusRef bus = EventsContext.bus(in.eventBusName(), call);
        Key key = EventsTables.ruleKey(bus.scope(), bus.name(), in.rule());
        List<RemoveTargetsResultEntry> failed = events.store().transact(tx -> {
            RuleRow rule = EventsContext.rule(tx, bus, in.rule());
            requireFree(rule, call, Boolean.TRUE.equals(in.force()));
            List<Target> targets = new ArrayList<>(rule.targets());
            List<RemoveTargetsResultEntry> missing = new ArrayList<>();
            for (String id : in.ids()) {
                if (!targets.removeIf(target -> target.id().equals(id))) {
                    missing.add(new RemoveTargetsResultEntry()
                            .targetId(id)
                            .errorCode("ResourceNotFoundException")
                            .errorMessage("Rule " + in.rule() + " does not have a target with the Id " + id + "."));
                }
            }
            tx.put(EventsTables.RULES, key, rule.withTargets(targets));
            return missing;
        });
        return new RemoveTargetsResponse().failedEntryCount(failed.size()).failedEntries(failed);
    }

    ListTargetsByRuleResponse targets(ListTargetsByRuleRequest in, Call call) {
        BusRef bus = EventsContext.bus(in.eventBusName(), call);
        RuleRow rule = events.store().read(tx -> EventsContext.rule(tx, bus, in.rule()));
        String context = "events targets " + bus.arn() + " " + in.rule();
        int from = in.nextToken() == null
                ? 0
                : Integer.parseInt(events.tokens().open(context, in.nextToken()).orElseThrow(EventsFaults::badToken));
        int limit = in.limit() == null ? 100 : in.limit();
        int start = Math.min(from, rule.targets().size());
        int end = Math.min(start + limit, rule.targets().size());
        return new ListTargetsByRuleResponse()
                .targets(rule.targets().subList(start, end))
                .nextToken(end < rule.targets().size() ? events.tokens().seal(context, Integer.toString(end)) : null);
    }

    /** The tags of a rule or bus. */
    Map<String, String> tags(String arn, Call call) {
        return events.store().read(tx -> Tagged.of(arn, call).tags(tx));
    }

    void tag(TagResourceRequest in, Call call) {
        events.store().write(tx -> {
            Tagged tagged = Tagged.of(in.resourceARN(), call);
            tagged.put(tx, EventsContext.tags(tagged.tags(tx), in.tags()));
        });
    }

    void untag(UntagResourceRequest in, Call call) {
        events.store().write(tx -> {
            Tagged tagged = Tagged.of(in.resourceARN(), call);
            Map<String, String> tags = new HashMap<>(tagged.tags(tx));
            in.tagKeys().forEach(tags::remove);
            tagged.put(tx, tags);
        });
    }
}
