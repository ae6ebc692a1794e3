package dev.haneul.services.pipes;

import dev.haneul.api.pipes.PipeEnrichmentParameters;
import dev.haneul.api.pipes.PipeLogConfigurationParameters;
import dev.haneul.api.pipes.PipeSourceParameters;
import dev.haneul.api.pipes.PipeTargetParameters;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pipes' durable state. */
final class PipesTables {
    /** How a pipe is made. */
    record Plan(
            @Nullable String description,
            String source,
            PipeSourceParameters sourceParameters,
            @Nullable String enrichment,
            @Nullable PipeEnrichmentParameters enrichmentParameters,
            String target,
            PipeTargetParameters targetParameters,
            String role,
            @Nullable PipeLogConfigurationParameters logs,
            @Nullable String kmsKey) {}

    /** A pipe. */
    record PipeRow(
            String name,
            Plan plan,
            String desired,
            String current,
            @Nullable String reason,
            Map<String, String> tags,
            Instant created,
            Instant modified) {
        PipeRow in(String state, @Nullable String why) {
            return new PipeRow(name, plan, desired, state, why, tags, created, modified);
        }

        PipeRow wanting(String state, String now, Instant moment) {
            return new PipeRow(name, plan, state, now, null, tags, created, moment);
        }

        PipeRow tagged(Map<String, String> other) {
            return new PipeRow(name, plan, desired, current, reason, other, created, modified);
        }
    }

    static final Table<PipeRow> PIPES = Table.of("pipes.pipe", RecordCodecs.of(PipeRow.class));

    private PipesTables() {}

    static String arn(Scope scope, String name) {
        return Arn.of("pipes", scope.region(), scope.account(), "pipe/" + name).toString();
    }
}
