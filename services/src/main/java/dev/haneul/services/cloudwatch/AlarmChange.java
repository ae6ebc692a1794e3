package dev.haneul.services.cloudwatch;

import dev.haneul.delivery.DeliveryPolicy;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.Parcel;
import dev.haneul.delivery.Sender;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.cloudwatch.AlarmMessages.Before;
import dev.haneul.services.cloudwatch.CloudWatchTables.AlarmRow;
import dev.haneul.services.cloudwatch.CloudWatchTables.HistoryRow;
import dev.haneul.services.cloudwatch.CloudWatchTables.Suppression;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A change of an alarm's state: the new row, its history, its event and its actions, in one transaction. Actions of a
 * muted alarm are held back until nothing mutes it any more.
 */
final class AlarmChange {
    private final DeliveryQueue deliveries;

    AlarmChange(DeliveryQueue deliveries) {
        this.deliveries = deliveries;
    }

    /** Writes the state that {@code wanted} is in, after {@code row}; gives the row as it is then. */
    AlarmRow state(WriteTx tx, Scope scope, AlarmRow row, AlarmRow wanted, Instant now, boolean act) {
        AlarmView old = AlarmView.of(row);
        AlarmView alarm = AlarmView.of(wanted);
        boolean same = old.state().equals(alarm.state());
        AlarmRow changed = same ? wanted : wanted.muting(null);
        tx.put(CloudWatchTables.ALARMS, scope.key(alarm.name()), changed);
        if (same) {
            return changed;
        }
        Before before = new Before(old.state(), old.reason(), old.updated());
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("version", "1.0");
        data.put("oldState", Map.of("stateValue", old.state(), "stateReason", old.reason()));
        data.put("newState", Map.of("stateValue", alarm.state(), "stateReason", alarm.reason()));
        String summary = "Alarm updated from " + old.state() + " to " + alarm.state();
        AlarmHistory.add(
                tx,
                scope,
                new HistoryRow(alarm.name(), alarm.kind(), now, AlarmHistory.STATE, summary, Json.write(data)));
        ServiceEvent.of(
                        "aws.cloudwatch",
                        "CloudWatch Alarm State Change",
                        now,
                        List.of(alarm.arn()),
                        AlarmMessages.event(changed, before))
                .emit(tx, scope);
        return act ? actions(tx, scope, changed, before, now) : changed;
    }

    /** Has the actions of the state an alarm is in carried out, or held back; gives the row as it is then. */
    AlarmRow actions(WriteTx tx, Scope scope, AlarmRow row, Before before, Instant now) {
        AlarmView alarm = AlarmView.of(row);
        if (!alarm.actionsEnabled()) {
            return row;
        }
        if (Mutes.muted(tx, scope, alarm.name(), now)) {
            AlarmRow held = row.muting(new Suppression(now, before.state()));
            tx.put(CloudWatchTables.ALARMS, scope.key(alarm.name()), held);
            return held;
        }
        for (String action : alarm.actions(alarm.state())) {
            String kind = Arn.parse(action).map(Arn::service).orElse("");
            Sender sender = Sender.service(
                    kind.equals("lambda") ? "lambda.alarms.cloudwatch.amazonaws.com" : "cloudwatch.amazonaws.com",
                    scope.account(),
                    alarm.arn());
            String summary;
            switch (kind) {
                case "sns" -> {
                    Parcel parcel = Parcel.of(action, AlarmMessages.topic(row, before, scope), sender)
                            .in(Parcel.Manner.PLAIN.about(AlarmMessages.subject(alarm, scope.region())));
                    deliveries.put(tx, scope, parcel, DeliveryPolicy.DAY, null);
                    summary = "Successfully executed action " + action;
                }
                case "lambda" -> {
                    Parcel parcel = Parcel.of(action, AlarmMessages.function(row, before, scope, now), sender);
                    deliveries.put(tx, scope, parcel, DeliveryPolicy.DAY, null);
                    summary = "Successfully executed action " + action;
                }
                // Scaling policies hear of the alarm's event, and look at it as long as it lasts.
                case "autoscaling" ->
                    summary = action.contains(":resource/ecs/")
                            ? "Successfully executed action " + action
                            : "Failed to execute action " + action + ": not implemented by Haneul yet";
                default -> summary = "Failed to execute action " + action + ": not implemented by Haneul yet";
            }
            Map<String, Object> data = new LinkedHashMap<>();
            data.put("actionState", summary.startsWith("Success") ? "Succeeded" : "Failed");
            data.put("stateUpdateTimestamp", alarm.updated().toEpochMilli());
            data.put("notificationResource", action);
            AlarmHistory.add(
                    tx,
                    scope,
                    new HistoryRow(alarm.name(), alarm.kind(), now, AlarmHistory.ACTION, summary, Json.write(data)));
        }
        return row;
    }

    /** Has what was put in handed over soon; after the transaction. */
    void wake(Scope scope, AlarmRow row) {
        AlarmView alarm = AlarmView.of(row);
        alarm.actions(alarm.state()).forEach(action -> deliveries.wake(scope, action));
    }
}
