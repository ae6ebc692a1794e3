package dev.haneul.services.ecs;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.ClientTokens;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.kernel.usage.Usage;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What every story of ECS stands on. */
public final class EcsRoom {
    /** Who ECS is to its neighbours. */
    public static final String HOST = "ecs.amazonaws.com";
    /** Who assumes the roles of tasks. */
    public static final String TASKS_HOST = "ecs-tasks.amazonaws.com";

    private static final Duration TOKEN_LIFE = Duration.ofHours(24);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Ground ground;
    private final Ids ids = new Ids(new SecureRandom());
    private final Pager pager;
    private final ClientTokens tokens;

    /**
     * What the region lends the room.
     *
     * @param caller reaches the neighbours
     * @param credentials finds the principal of an access key, for sessions of roles
     * @param permissions asks about single resources while an operation runs
     * @param folderKey the data folder's key, under which page tokens are sealed
     * @param usage where hours and bytes are told
     * @param metrics where measurements are told
     */
    public record Ground(
            Store store,
            Clock clock,
            Caller caller,
            Credentials credentials,
            Permissions permissions,
            byte[] folderKey,
            Usage usage,
            Metrics metrics) {}

    /** Opens the room's tables. */
    public EcsRoom(Ground ground) {
        this.ground = ground;
        this.pager = new Pager(
                new Tokens(Tokens.derive(ground.folderKey(), "ecs")),
                () -> EcsFaults.invalid("Invalid token. Please check the value of nextToken."));
        this.tokens = new ClientTokens("ecs", ground.clock(), TOKEN_LIFE, EcsFaults::conflict);
        List<Table<?>> tables = new ArrayList<>(EcsTables.all());
        tables.add(tokens.table());
        ground.store().open(tables, List.of());
    }

    public Store store() {
        return ground.store();
    }

    public Clock clock() {
        return ground.clock();
    }

    public Caller caller() {
        return ground.caller();
    }

    public Credentials credentials() {
        return ground.credentials();
    }

    public Permissions permissions() {
        return ground.permissions();
    }

    public Usage usage() {
        return ground.usage();
    }

    public Metrics metrics() {
        return ground.metrics();
    }

    public Ids ids() {
        return ids;
    }

    public Pager pager() {
        return pager;
    }

    public ClientTokens tokens() {
        return tokens;
    }

    /** The region's time, to the millisecond, as ECS tells it. */
    public Instant now() {
        return Instant.ofEpochMilli(ground.clock().instant().toEpochMilli());
    }

    /** Where a call's resources are kept. */
    public static Scope scope(Call call) {
        return new Scope(call.account(), call.region());
    }

    /** The ARN of a resource, e.g. {@code task/default/0123…}. */
    public static String arn(Scope scope, String resource) {
        return Arn.of("ecs", scope.region(), scope.account(), resource).toString();
    }

    public <T> T read(Function<ReadTx, T> body) {
        return ground.store().read(body);
    }

    public <T> T change(Function<WriteTx, T> body) {
        return ground.store().transact(body);
    }

    /** A call ECS makes of a neighbour for an account. */
    public Call inside(Scope scope) {
        return as(Principal.service(HOST), scope);
    }

    /** A call somebody makes of a neighbour through ECS. */
    public Call as(Principal who, Scope scope) {
        return new Call(
                who,
                scope.account(),
                scope.region(),
                ids.uuid(),
                ground.clock().instant().plus(PATIENCE),
                Call.Origin.inside(HOST));
    }
}
