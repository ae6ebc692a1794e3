package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.Tag;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.cloudwatch.CloudWatchTables.AlarmRow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tags of alarms. */
final class Tagging {
    private static final int TAGS = 50;

    private final Store store;

    Tagging(Store store) {
        this.store = store;
    }

    void tag(String arn, List<Tag> tags, Call call) {
        Map<String, String> given = new LinkedHashMap<>();
        tags.forEach(tag -> given.put(tag.key(), tag.value()));
        store.write(tx -> {
            Row<AlarmRow> row = find(tx, arn, call);
            Map<String, String> all = new LinkedHashMap<>(row.value().tags());
            all.putAll(given);
            if (all.size() > TAGS) {
                throw CloudWatchFaults.value("A resource can have at most " + TAGS + " tags.");
            }
            tx.put(CloudWatchTables.ALARMS, row.key(), row.value().withTags(all));
        });
    }

    void untag(String arn, List<String> keys, Call call) {
        store.write(tx -> {
            Row<AlarmRow> row = find(tx, arn, call);
            Map<String, String> left = new LinkedHashMap<>(row.value().tags());
            keys.forEach(left::remove);
            tx.put(CloudWatchTables.ALARMS, row.key(), row.value().withTags(left));
        });
    }

    List<Tag> tags(String arn, Call call) {
        return store.read(tx -> find(tx, arn, call).value().tags()).entrySet().stream()
                .map(each -> new Tag().key(each.getKey()).value(each.getValue()))
                .toList();
    }

    private static Row<AlarmRow> find(ReadTx tx, String arn, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        String prefix = CloudWatchTables.alarmArn(scope, "");
        if (!arn.startsWith(prefix) || arn.length() == prefix.length()) {
            throw CloudWatchFaults.noResource();
        }
        return tx.get(CloudWatchTables.ALARMS, scope.key(arn.substring(prefix.length())))
                .orElseThrow(CloudWatchFaults::noResource);
    }
}
