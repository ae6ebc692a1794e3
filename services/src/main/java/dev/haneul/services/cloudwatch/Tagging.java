package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.Tag;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.cloudwatch.CloudWatchTables.AlarmRow;
import dev.haneul.services.cloudwatch.CloudWatchTables.MuteRow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The tags of alarms, and of the rules that mute them. */
final class Tagging {
    private static final int TAGS = 50;

    private final Store store;

    Tagging(Store store) {
        this.store = store;
    }

    void tag(String arn, List<Tag> tags, Call call) {
        Map<String, String> given = new LinkedHashMap<>();
        tags.forEach(tag -> given.put(tag.key(), tag.value()));
        change(arn, call, before -> {
            Map<String, String> all = new LinkedHashMap<>(before);
            all.putAll(given);
            if (all.size() > TAGS) {
                throw CloudWatchFaults.value("A resource can have at most " + TAGS + " tags.");
            }
            return all;
        });
    }

    void untag(String arn, List<String> keys, Call call) {
        change(arn, call, before -> {
            Map<String, String> left = new LinkedHashMap<>(before);
            keys.forEach(left::remove);
            return left;
        });
    }

    private void change(String arn, Call call, UnaryOperator<Map<String, String>> how) {
        store.write(tx -> {
            if (isMute(arn, call)) {
                Row<MuteRow> row = mute(tx, arn, call);
                MuteRow changed = row.value().withTags(how.apply(row.value().tags()));
                tx.put(CloudWatchTables.MUTES, row.key(), changed);
            } else {
                Row<AlarmRow> row = find(tx, arn, call);
                AlarmRow changed = row.value().withTags(how.apply(row.value().tags()));
                tx.put(CloudWatchTables.ALARMS, row.key(), changed);
            }
        });
    }

    private static boolean isMute(String arn, Call call) {
        return arn.startsWith(CloudWatchTables.muteArn(new Scope(call.account(), call.region()), ""));
    }

    private static Row<MuteRow> mute(ReadTx tx, String arn, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        String prefix = CloudWatchTables.muteArn(scope, "");
        return tx.get(CloudWatchTables.MUTES, scope.key(arn.substring(prefix.length())))
                .orElseThrow(CloudWatchFaults::noResource);
    }

    List<Tag> tags(String arn, Call call) {
        return store
                .read(tx -> isMute(arn, call)
                        ? mute(tx, arn, call).value().tags()
                        : find(tx, arn, call).value().tags())
                .entrySet()
                .stream()
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
