package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Tags of everything that has an ARN. */
final class Tagging {
    private static final int MOST = 50;

    private final Store store;

    Tagging(Store store) {
        this.store = store;
    }

    /** Tags as they are kept. */
    static Map<String, String> checked(List<Tag> tags) {
        Map<String, String> kept = new LinkedHashMap<>();
        for (Tag tag : tags) {
            String key = String.valueOf(tag.key());
            if (key.startsWith("aws:")) {
                throw ElbFaults.validation("The tag key '" + key + "' is reserved: it begins with 'aws:'");
            }
            if (kept.put(key, tag.value() == null ? "" : tag.value()) != null) {
                throw Fault.of(new DuplicateTagKeysException(), "Tag keys must be unique: '" + key + "'");
            }
        }
        return limited(kept);
    }

    private static Map<String, String> limited(Map<String, String> tags) {
        if (tags.size() > MOST) {
            throw Fault.of(new TooManyTagsException(), "The maximum number of tags is " + MOST);
        }
        return tags;
    }

    AddTagsOutput add(AddTagsInput in, Call call) {
        Map<String, String> more = checked(in.tags());
        change(in.resourceArns(), call, before -> {
            Map<String, String> after = new LinkedHashMap<>(before);
            after.putAll(more);
            return limited(after);
        });
        return new AddTagsOutput();
    }

    RemoveTagsOutput remove(RemoveTagsInput in, Call call) {
        change(in.resourceArns(), call, before -> {
            Map<String, String> after = new LinkedHashMap<>(before);
            in.tagKeys().forEach(after::remove);
            return after;
        });
        return new RemoveTagsOutput();
    }

    private void change(List<String> arns, Call call, UnaryOperator<Map<String, String>> how) {
        Scope scope = Rows.scope(call);
        store.write(tx -> arns.forEach(arn -> one(tx, scope, arn, how)));
    }

    private static void one(WriteTx tx, Scope scope, String arn, UnaryOperator<Map<String, String>> how) {
        switch (kind(arn)) {
            case "loadbalancer" -> {
                var row = Rows.balancer(tx, scope, arn);
                tx.put(ElbTables.BALANCERS, scope.key(row.id()), row.tagged(how.apply(row.tags())));
            }
            case "targetgroup" -> {
                var row = Rows.group(tx, scope, arn);
                tx.put(ElbTables.GROUPS, scope.key(row.id()), row.tagged(how.apply(row.tags())));
            }
            case "listener" -> {
                var row = Rows.listener(tx, scope, arn);
                tx.put(ElbTables.LISTENERS, scope.key(row.id()), row.tagged(how.apply(row.tags())));
            }
            case "listener-rule" -> {
                var row = Rows.rule(tx, scope, arn);
                tx.put(ElbTables.RULES, scope.key(row.id()), row.tagged(how.apply(row.tags())));
            }
            case "truststore" -> {
                var row = Rows.store(tx, scope, arn);
                tx.put(ElbTables.STORES, scope.key(row.id()), row.tagged(how.apply(row.tags())));
            }
            default -> throw ElbFaults.validation("'" + arn + "' is not a valid ARN");
        }
    }

    private static String kind(String arn) {
        return dev.haneul.kernel.Arn.parse(arn)
                .map(dev.haneul.kernel.Arn::resourceType)
                .orElse("");
    }

    /** The tags of what an ARN names. */
    static Map<String, String> of(ReadTx tx, Scope scope, String arn) {
        return switch (kind(arn)) {
            case "loadbalancer" -> Rows.balancer(tx, scope, arn).tags();
            case "targetgroup" -> Rows.group(tx, scope, arn).tags();
            case "listener" -> Rows.listener(tx, scope, arn).tags();
            case "listener-rule" -> Rows.rule(tx, scope, arn).tags();
            case "truststore" -> Rows.store(tx, scope, arn).tags();
            default -> throw ElbFaults.validation("'" + arn + "' is not a valid ARN");
        };
    }

    DescribeTagsOutput describe(DescribeTagsInput in, Call call) {
        Scope scope = Rows.scope(call);
        return new DescribeTagsOutput()
                .tagDescriptions(store.read(tx -> in.resourceArns().stream()
                        .map(arn -> new TagDescription()
                                .resourceArn(arn)
                                .tags(of(tx, scope, arn).entrySet().stream()
                                        .map(each ->
                                                new Tag().key(each.getKey()).value(each.getValue()))
                                        .toList()))
                        .toList()));
    }
}
