package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.CompositeAlarm;
import dev.haneul.api.cloudwatch.MetricAlarm;
import dev.haneul.api.runtime.Struct;
import dev.haneul.services.cloudwatch.CloudWatchTables.AlarmRow;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * What metric alarms and composite alarms have in common.
 *
 * @param kind as the API names it
 */
record AlarmView(
        String kind,
        String name,
        String arn,
        String description,
        String state,
        String reason,
        Instant updated,
        boolean actionsEnabled,
        List<String> okActions,
        List<String> alarmActions,
        List<String> insufficientDataActions) {
    static final String METRIC = "MetricAlarm";
    static final String COMPOSITE = "CompositeAlarm";

    static AlarmView of(AlarmRow row) {
        MetricAlarm metric = row.metric();
        if (metric != null) {
            return new AlarmView(
                    METRIC,
                    Objects.requireNonNull(metric.alarmName()),
                    Objects.requireNonNull(metric.alarmArn()),
                    orEmpty(metric.alarmDescription()),
                    Objects.requireNonNull(metric.stateValue()),
                    orEmpty(metric.stateReason()),
                    Objects.requireNonNull(metric.stateUpdatedTimestamp()),
                    !Boolean.FALSE.equals(metric.actionsEnabled()),
                    metric.okActions(),
                    metric.alarmActions(),
                    metric.insufficientDataActions());
        }
        CompositeAlarm composite = row.composite();
        if (composite == null) {
            throw new IllegalStateException("an alarm of no kind");
        }
        return new AlarmView(
                COMPOSITE,
                Objects.requireNonNull(composite.alarmName()),
                Objects.requireNonNull(composite.alarmArn()),
                orEmpty(composite.alarmDescription()),
                Objects.requireNonNull(composite.stateValue()),
                orEmpty(composite.stateReason()),
                Objects.requireNonNull(composite.stateUpdatedTimestamp()),
                !Boolean.FALSE.equals(composite.actionsEnabled()),
                composite.okActions(),
                composite.alarmActions(),
                composite.insufficientDataActions());
    }

    /** What is done on entering a state. */
    List<String> actions(String newState) {
        return switch (newState) {
            case AlarmPlan.OK -> okActions;
            case AlarmPlan.ALARM -> alarmActions;
            default -> insufficientDataActions;
        };
    }

    /** A row in another state; the same moment for both time stamps where the state changed. */
    static AlarmRow inState(AlarmRow row, String state, String reason, String data, Instant now) {
        MetricAlarm metric = row.metric();
        if (metric != null) {
            MetricAlarm changed = copy(metric)
                    .stateValue(state)
                    .stateReason(reason)
                    .stateReasonData(data.isEmpty() ? null : data)
                    .stateUpdatedTimestamp(now);
            return row.with(state.equals(metric.stateValue()) ? changed : changed.stateTransitionedTimestamp(now));
        }
        CompositeAlarm composite = row.composite();
        if (composite == null) {
            throw new IllegalStateException("an alarm of no kind");
        }
        CompositeAlarm changed = copy(composite)
                .stateValue(state)
                .stateReason(reason)
                .stateReasonData(data.isEmpty() ? null : data)
                .stateUpdatedTimestamp(now);
        return row.with(state.equals(composite.stateValue()) ? changed : changed.stateTransitionedTimestamp(now));
    }

    /** A copy that may be changed. */
    @SuppressWarnings("unchecked")
    static <S extends Struct> S copy(S from) {
        S to = (S) from.fresh();
        for (int i = 0; i < from.shape().members().size(); i++) {
            if (from.has(i)) {
                to.set(i, from.get(i));
            }
        }
        return to;
    }

    private static String orEmpty(@org.jspecify.annotations.Nullable String text) {
        return text == null ? "" : text;
    }
}
