package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.MetricAlarm;
import dev.haneul.delivery.Json;
import dev.haneul.services.cloudwatch.AlarmPlan.Missing;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Why an alarm is in its state, in CloudWatch's words. */
final class AlarmReasons {
    private static final DateTimeFormatter SHORT =
            DateTimeFormatter.ofPattern("dd/MM/yy HH:mm:ss").withZone(ZoneOffset.UTC);

    private AlarmReasons() {}

    /** @param data the same as JSON */
    record Reason(String text, String data) {}

    static Reason of(
            MetricAlarm alarm,
            AlarmPlan.Rule rule,
            AlarmPlan.Verdict verdict,
            SortedMap<Long, Double> points,
            long periodMillis,
            Instant now) {
        return new Reason(text(alarm, rule, verdict, points), data(alarm, verdict, points, periodMillis, now));
    }

    private static String text(
            MetricAlarm alarm, AlarmPlan.Rule rule, AlarmPlan.Verdict verdict, SortedMap<Long, Double> points) {
        int filled = verdict.filled();
        if (verdict.state().equals(AlarmPlan.INSUFFICIENT_DATA)) {
            return "Insufficient Data: " + filled + (filled == 1 ? " datapoint was" : " datapoints were") + " unknown.";
        }
        boolean alarming = verdict.state().equals(AlarmPlan.ALARM);
        List<Double> used = verdict.used();
        if (used.isEmpty()) {
            return "Threshold Crossed: no datapoints were received for " + filled
                    + (filled == 1 ? " period" : " periods") + " and " + treated(rule, filled) + ".";
        }
        List<Map.Entry<Long, Double>> newest = new ArrayList<>();
        for (Map.Entry<Long, Double> each : new ArrayList<>(points.entrySet()).reversed()) {
            if (newest.size() < used.size()) {
                newest.add(each);
            }
        }
        List<String> told = new ArrayList<>();
        int telling = 0;
        for (Map.Entry<Long, Double> each : newest) {
            if (rule.breaches(each.getValue()) == alarming) {
                telling++;
                told.add(each.getValue() + " (" + SHORT.format(Instant.ofEpochMilli(each.getKey())) + ")");
            }
        }
        boolean one = telling == 1;
        String text = "Threshold Crossed: " + telling + " out of the last " + rule.periods() + " datapoints ["
                + String.join(", ", told) + "] " + (one ? "was " : "were ") + (alarming ? "" : "not ")
                + words(rule.operator()) + " the threshold (" + rule.threshold() + ")";
        if (filled > 0 && rule.missing() != Missing.MISSING && rule.missing() != Missing.IGNORE) {
            text += " and " + treated(rule, filled);
        }
        int needed = alarming ? rule.datapoints() : rule.periods() - rule.datapoints() + 1;
        return text + " (minimum " + needed + (needed == 1 ? " datapoint" : " datapoints") + " for "
                + (alarming ? "OK -> ALARM" : "ALARM -> OK") + " transition).";
    }

    private static String treated(AlarmPlan.Rule rule, int filled) {
        String as = rule.missing() == Missing.BREACHING ? "Breaching" : "NonBreaching";
        return filled + (filled == 1 ? " missing datapoint was" : " missing datapoints were") + " treated as [" + as
                + "]";
    }

    private static String words(String operator) {
        return switch (operator) {
            case "GreaterThanOrEqualToThreshold" -> "greater than or equal to";
            case "GreaterThanThreshold" -> "greater than";
            case "LessThanThreshold" -> "less than";
            default -> "less than or equal to";
        };
    }

    private static String data(
            MetricAlarm alarm,
            AlarmPlan.Verdict verdict,
            SortedMap<Long, Double> points,
            long periodMillis,
            Instant now) {
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put("version", "1.0");
        out.put("queryDate", AlarmMessages.stamp(now));
        if (!points.isEmpty()) {
            out.put("startDate", AlarmMessages.stamp(Instant.ofEpochMilli(points.firstKey())));
        }
        if (alarm.statistic() != null) {
            out.put("statistic", alarm.statistic());
        }
        if (alarm.unit() != null) {
            out.put("unit", alarm.unit());
        }
        out.put("period", periodMillis / 1000);
        out.put("recentDatapoints", verdict.used().reversed());
        out.put("threshold", alarm.threshold());
        return Json.write(out);
    }
}
