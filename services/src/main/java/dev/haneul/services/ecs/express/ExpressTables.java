package dev.haneul.services.ecs.express;

import dev.haneul.api.ecs.ExpressGatewayServiceConfiguration;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is kept of Express services; all else is with the services that they are made of. */
final class ExpressTables {
    /** Those that are not forgotten. */
    static final String KEPT = "kept";
    /** Those that use a balancer, or may still, by the balancer's name. */
    static final String GATEWAY = "gateway";
    /** By the first label of the endpoint's name. */
    static final String LABEL = "label";

    static final String ACTIVE = "ACTIVE";
    static final String DRAINING = "DRAINING";
    static final String INACTIVE = "INACTIVE";

    private static final int MOST_VERSIONS = 10;

    private ExpressTables() {}

    /** By {@code cluster/name}, as services are. */
    static final Table<ExpressRow> EXPRESS = Table.of(
            "ecs.express_service",
            RecordCodecs.of(ExpressRow.class),
            new Table.Index<>(KEPT, row -> List.of("yes")),
            new Table.Index<>(GATEWAY, row -> row.ended() ? List.of() : List.of(row.gateway())),
            new Table.Index<>(LABEL, row -> row.ended() ? List.of() : List.of(row.label())));

    /**
     * Where the service's tasks and its balancer are.
     *
     * @param subnets the tasks'
     * @param fronts the balancer's: one a zone
     * @param cidr who reaches the balancer
     */
    record Place(String vpc, boolean internal, List<String> subnets, List<String> fronts, String cidr) {}

    /** What a task definition was made of. */
    record Version(String definition, ExpressGatewayServiceConfiguration told) {}

    /**
     * An Express service.
     *
     * @param id tells its resources from those of others of the same name
     * @param status ACTIVE, DRAINING or INACTIVE
     * @param reason what it waits for or why it cannot go on; empty for nothing
     * @param gateway the balancer's name, shared with up to 24 others
     * @param versions oldest first; the last one is wanted
     * @param wanted counts what was asked for; {@code made} what was brought about of it
     * @param balancer the balancer's DNS name; empty before it is known
     */
    record ExpressRow(
            String cluster,
            String name,
            String id,
            String role,
            String status,
            String reason,
            String gateway,
            Place place,
            List<Version> versions,
            int wanted,
            int made,
            String balancer,
            Map<String, String> tags,
            Instant created,
            Instant updated,
            @Nullable Instant endedAt) {
        String key() {
            return cluster + "/" + name;
        }

        boolean active() {
            return status.equals(ACTIVE);
        }

        boolean ended() {
            return status.equals(INACTIVE);
        }

        /** What is wanted now. */
        ExpressGatewayServiceConfiguration told() {
            return versions.getLast().told();
        }

        String definition() {
            return versions.getLast().definition();
        }

        /** The version that runs by a task definition. */
        Optional<Version> of(@Nullable String definition) {
            return versions.reversed().stream()
                    .filter(each -> each.definition().equals(definition))
                    .findFirst();
        }

        String label() {
            return ExpressSpec.label(name, id);
        }

        int port() {
            return Objects.requireNonNull(
                    Objects.requireNonNull(told().primaryContainer()).containerPort());
        }

        ExpressRow status(String next, String why, @Nullable Instant at) {
            return new ExpressRow(
                    cluster, name, id, role, next, why, gateway, place, versions, wanted, made, balancer, tags, created,
                    updated, at);
        }

        ExpressRow reason(String why) {
            return status(status, why, endedAt);
        }

        ExpressRow balancer(String next) {
            return new ExpressRow(
                    cluster, name, id, role, status, reason, gateway, place, versions, wanted, made, next, tags,
                    created, updated, endedAt);
        }

        /** This much was brought about. */
        ExpressRow made(int next) {
            return new ExpressRow(
                    cluster, name, id, role, status, "", gateway, place, versions, wanted, next, balancer, tags,
                    created, updated, endedAt);
        }

        /** Something else is wanted from now on. */
        ExpressRow wants(Version next, Instant now) {
            List<Version> all = new ArrayList<>(versions);
            all.removeIf(each -> each.definition().equals(next.definition()));
            all.add(next);
            List<Version> last = List.copyOf(all.subList(Math.max(0, all.size() - MOST_VERSIONS), all.size()));
            return new ExpressRow(
                    cluster,
                    name,
                    id,
                    role,
                    status,
                    reason,
                    gateway,
                    place,
                    last,
                    wanted + 1,
                    made,
                    balancer,
                    tags,
                    created,
                    now,
                    endedAt);
        }
    }
}
