package dev.haneul.services.logs;

import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.logs.LogsTables.GroupRow;
import dev.haneul.services.logs.LogsTables.StreamRow;
import dev.haneul.services.logs.pattern.FilterPattern;
import dev.haneul.services.logs.pattern.InvalidPatternException;
import dev.haneul.storage.Segments;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What every operation works with, and how groups and streams are found. */
record LogsContext(Store store, Segments segments, Clock clock, Tokens tokens) {
    private static final int CHUNK = 1000;

    static Scope scope(Call call) {
        return new Scope(call.account(), call.region());
    }

    long nowMillis() {
        return clock.instant().toEpochMilli();
    }

    /**
     * The group an operation names by name or by identifier (a name, or an ARN of this account and region).
     *
     * @throws dev.haneul.api.runtime.Fault where both or neither are given
     */
    static String groupName(@Nullable String name, @Nullable String identifier, Call call) {
        if ((name == null) == (identifier == null)) {
            throw LogsFaults.invalid(
                    name == null
                            ? "LogGroup name or LogGroupIdentifier must be specified"
                            : "LogGroup name and LogGroupIdentifier cannot both be specified");
        }
        return name != null ? name : groupOf(identifier == null ? "" : identifier, call);
    }

    /** A group's name from its name or its ARN. */
    static String groupOf(String identifier, Call call) {
        if (!identifier.startsWith("arn:")) {
            return identifier;
        }
        String prefix = LogsTables.groupArn(scope(call), "");
        if (!identifier.startsWith(prefix)) {
            throw LogsFaults.noGroup();
        }
        String name = identifier.substring(prefix.length());
        return name.endsWith(":*") ? name.substring(0, name.length() - 2) : name;
    }

    static GroupRow group(ReadTx tx, Scope scope, String name) {
        return tx.get(LogsTables.GROUPS, scope.key(name)).map(Row::value).orElseThrow(LogsFaults::noGroup);
    }

    static StreamRow stream(ReadTx tx, Scope scope, String group, String name) {
        return tx.get(LogsTables.STREAMS, LogsTables.streamKey(scope, group, name))
                .map(Row::value)
                .orElseThrow(LogsFaults::noStream);
    }

    /** A group's streams whose names begin so, in order of name. */
    static List<StreamRow> streams(ReadTx tx, Scope scope, String group, String namePrefix) {
        List<StreamRow> found = new ArrayList<>();
        String from = LogsTables.firstStream(group) + namePrefix;
        while (true) {
            List<Row<StreamRow>> rows = tx.range(LogsTables.STREAMS, scope, from, LogsTables.pastStreams(group), CHUNK);
            for (Row<StreamRow> row : rows) {
                if (!row.value().name().startsWith(namePrefix)) {
                    return found;
                }
                found.add(row.value());
            }
            if (rows.size() < CHUNK) {
                return found;
            }
            from = rows.getLast().key().id() + "\u0000";
        }
    }

    static FilterPattern pattern(@Nullable String text) {
        try {
            return FilterPattern.parse(text);
        } catch (InvalidPatternException e) {
            throw LogsFaults.invalid(e.message());
        }
    }
}
