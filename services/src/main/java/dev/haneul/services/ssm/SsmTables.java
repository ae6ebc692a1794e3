package dev.haneul.services.ssm;

import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The durable state of parameters. */
final class SsmTables {
    static final Table<ParameterRow> PARAMETERS = Table.of("ssm.parameter", RecordCodecs.of(ParameterRow.class));
    static final Table<VersionRow> VERSIONS = Table.of("ssm.version", RecordCodecs.of(VersionRow.class));
    static final List<Table<?>> ALL = List.of(PARAMETERS, VERSIONS);

    private SsmTables() {}

    /**
     * A parameter, keyed by name: its newest version, and what belongs to none.
     *
     * @param expires null for never
     */
    record ParameterRow(
            VersionRow current,
            Map<String, String> tags,
            @Nullable Instant expires) {}

    /** What a put says of a parameter besides its value. */
    record About(
            String type,
            @Nullable String keyId,
            @Nullable String description,
            @Nullable String allowedPattern,
            String tier,
            String policies,
            String dataType) {}

    /**
     * A version, keyed by {@code name:number}.
     *
     * @param value as clear text, or sealed where it is a SecureString
     */
    record VersionRow(
            String name, long version, String value, About about, Instant modified, String user, List<String> labels) {
        VersionRow labelled(List<String> changed) {
            return new VersionRow(name, version, value, about, modified, user, changed);
        }

        boolean secure() {
            return about.type().equals("SecureString");
        }
    }

    static Key versionKey(Scope scope, String name, long version) {
        return scope.key(name + ":" + "%012d".formatted(version));
    }

    static String arn(Scope scope, String name) {
        return Arn.of(
                        "ssm",
                        scope.region(),
                        scope.account(),
                        "parameter/" + (name.startsWith("/") ? name.substring(1) : name))
                .toString();
    }
}
