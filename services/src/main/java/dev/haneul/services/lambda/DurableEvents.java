package dev.haneul.services.lambda;

import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.lambda.DurableTables.End;
import dev.haneul.services.lambda.DurableTables.Start;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What EventBridge hears of durable executions: that each began, and how it ended.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/durable-monitoring.html">Monitoring durable functions</a>
 */
final class DurableEvents {
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

    private DurableEvents() {}

    static void started(WriteTx tx, Key key, Start start) {
        tell(tx, key, start, null);
    }

    static void ended(WriteTx tx, Key key, Start start, End end) {
        tell(tx, key, start, end);
    }

    private static void tell(WriteTx tx, Key key, Start start, @Nullable End end) {
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("durableExecutionArn", start.arn(key.scope()));
        detail.put("durableExecutionName", start.name());
        detail.put("functionArn", start.functionArn(key.scope()) + ":" + start.version());
        detail.put("status", end == null ? DurableTables.RUNNING : end.status());
        detail.put("startTimestamp", MOMENT.format(start.at()));
        if (end != null) {
            detail.put("endTimestamp", MOMENT.format(end.at()));
        }
        Instant now = end == null ? start.at() : end.at();
        ServiceEvent.of("aws.lambda", "Durable Execution Status Change", now, List.of(), Json.write(detail))
                .emit(tx, key.scope());
    }
}
