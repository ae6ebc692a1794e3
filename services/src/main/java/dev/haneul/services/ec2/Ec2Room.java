package dev.haneul.services.ec2;

import dev.haneul.api.ec2.Ec2Model;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.ClientTokens;
import dev.haneul.kernel.call.Permissions;
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
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What every story of EC2 stands on. */
public final class Ec2Room {
    /** Who EC2 is to its neighbours. */
    public static final String HOST = "ec2.amazonaws.com";

    private static final Duration TOKEN_LIFE = Duration.ofHours(24);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Ground ground;
    private final Ids ids = new Ids(new SecureRandom());
    private final Pager pager;
    private final ClientTokens tokens;
    private final Tags tags = new Tags();

    /**
     * What the region lends the room.
     *
     * @param caller reaches the neighbours
     * @param permissions asks about single resources while an operation runs
     * @param folderKey the data folder's key, under which page tokens are sealed
     * @param usage where hours and bytes are told
     */
    public record Ground(
            Store store, Clock clock, Caller caller, Permissions permissions, byte[] folderKey, Usage usage) {}

    /** Opens the shared tables; stories open their own. */
    public Ec2Room(Ground ground) {
        this.ground = ground;
        this.pager = new Pager(new Tokens(Tokens.derive(ground.folderKey(), "ec2")), Ec2Faults::invalidToken);
        this.tokens = new ClientTokens(
                "ec2", ground.clock(), TOKEN_LIFE, message -> Ec2Faults.of("IdempotentParameterMismatch", message));
        List<Table<?>> tables = new ArrayList<>();
        tables.add(Tags.TABLE);
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

    public Permissions permissions() {
        return ground.permissions();
    }

    public Usage usage() {
        return ground.usage();
    }

    public Ids ids() {
        return ids;
    }

    public Pager pager() {
        return pager;
    }

    /** Tags of every resource, and the kinds that can carry them. */
    public Tags tags() {
        return tags;
    }

    /** The region's time, to the millisecond, as EC2 tells it. */
    public Instant now() {
        return Instant.ofEpochMilli(ground.clock().instant().toEpochMilli());
    }

    /** Where a call's resources are kept. */
    public static Scope scope(Call call) {
        return new Scope(call.account(), call.region());
    }

    /** The ARN of a resource, e.g. {@code vpc/vpc-0…}. */
    public static String arn(Scope scope, String resource) {
        return Arn.of("ec2", scope.region(), scope.account(), resource).toString();
    }

    public <T> T read(Function<ReadTx, T> body) {
        return ground.store().read(body);
    }

    /**
     * Changes state in one transaction; a dry run does all of it and rolls it back.
     *
     * @param in the request, whose {@code DryRun} counts
     * @throws dev.haneul.api.runtime.Fault DryRunOperation where it would have gone well
     */
    public <T> T change(Struct in, Function<WriteTx, T> body) {
        return ground.store().transact(tx -> {
            T result = body.apply(tx);
            refuseDryRun(in);
            return result;
        });
    }

    /**
     * Like {@link #change} for requests with a client token: a repetition does nothing.
     *
     * @param make makes the resource and answers its id
     * @return the id, of now or of the first time
     */
    public String once(String operation, Struct in, Call call, Function<WriteTx, String> make) {
        ClientTokens.Claim claim = tokens.claim(shape(operation), in, "ClientToken", call);
        return change(
                in,
                tx -> claim.answer(tx).orElseGet(() -> {
                    String id = make.apply(tx);
                    claim.keep(tx, id);
                    return id;
                }));
    }

    /** Ends a dry run that found nothing to refuse. */
    public static void refuseDryRun(Struct in) {
        if (Boolean.TRUE.equals(member(in, "DryRun"))) {
            throw Ec2Faults.dryRun();
        }
    }

    /** The value of a member by the model's name; null where the structure has none or it is not set. */
    public static @Nullable Object member(Struct in, String name) {
        Member member = in.shape().member(name);
        return member == null ? null : in.get(member.index());
    }

    private static OperationShape shape(String operation) {
        return Objects.requireNonNull(Ec2Model.SHAPE.operation(operation), operation);
    }

    /** A call EC2 makes of a neighbour for an account. */
    public Call inside(Scope scope) {
        return new Call(
                Principal.service(HOST),
                scope.account(),
                scope.region(),
                ids.uuid(),
                ground.clock().instant().plus(PATIENCE),
                Call.Origin.inside(HOST));
    }
}
