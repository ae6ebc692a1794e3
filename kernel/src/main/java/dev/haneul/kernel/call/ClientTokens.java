package dev.haneul.kernel.call;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Idempotency tokens: a client that repeats a request under the same token gets the same answer, and nothing is made
 * twice; with other parameters it is refused. What a token stands for is kept in the transaction that makes the thing,
 * so neither a crash nor two requests at once come between:
 *
 * <pre>{@code
 * ClientTokens.Claim claim = tokens.claim(operation, input, "ClientToken", call);
 * return store.transact(tx -> {
 *     Optional<String> before = claim.answer(tx);
 *     if (before.isPresent()) {
 *         return describe(tx, before.get());
 *     }
 *     ...
 *     claim.keep(tx, id);
 * });
 * }</pre>
 *
 * <p>Kept per account and region for a while; beyond {@link #MOST} at once the oldest are forgotten.
 *
 * @see <a href="https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html">Ensuring idempotency</a>
 */
public final class ClientTokens {
    /** Tokens of one account and region. */
    public static final int MOST = 10_000;

    /** How many old ones go with each new one. */
    private static final int SWEPT = 4;

    private static final String RING = "ring";

    private final Table<Entry> table;
    private final InstantSource clock;
    private final Duration life;
    private final Function<String, Fault> mismatch;
    private final int most;

    /**
     * The tokens of one room.
     *
     * @param room the prefix of its tables, e.g. {@code ec2}
     * @param life how long a token is known, as the service's documentation says; the same at every start
     * @param mismatch makes the service's own error of a message, e.g. IdempotentParameterMismatch
     */
    public ClientTokens(String room, InstantSource clock, Duration life, Function<String, Fault> mismatch) {
        this(room, clock, life, mismatch, MOST);
    }

    ClientTokens(String room, InstantSource clock, Duration life, Function<String, Fault> mismatch, int most) {
        this.table = Table.of(room + ".client_tokens", RecordCodecs.of(Entry.class));
        this.clock = clock;
        this.life = life;
        this.mismatch = mismatch;
        this.most = most;
    }

    /** What is stored. */
    sealed interface Entry {}

    /** What a token stands for. */
    record Kept(String fingerprint, String answer, Instant until, long number) implements Entry {}

    /** The token of a number: the numbers tell which is the oldest. */
    record Turn(String id) implements Entry {}

    /** The numbers in use: from the oldest, below the next. */
    record Ring(long oldest, long next) implements Entry {}

    /** The table to be opened with the room's others. */
    public Table<?> table() {
        return table;
    }

    /**
     * What a request claims. One without a token has no answer from before and keeps none.
     *
     * @param tokenMember the input's member that holds the token, e.g. {@code ClientToken}
     * @throws IllegalArgumentException where the input has no such member or one that streams
     */
    public Claim claim(OperationShape operation, Struct input, String tokenMember, Call call) {
        Member member = input.shape().member(tokenMember);
        if (member == null) {
            throw new IllegalArgumentException(input.shape().name() + " has no member " + tokenMember);
        }
        Object token = input.get(member.index());
        if (!(token instanceof String text) || text.isEmpty()) {
            return new Claim(new Scope(call.account(), call.region()), null, "");
        }
        String id = "token/" + operation.name() + "/" + Fingerprint.of(text);
        return new Claim(new Scope(call.account(), call.region()), id, Fingerprint.of(input, member));
    }

    /** One request's token. */
    public final class Claim {
        private final Scope scope;
        private final @Nullable String id;
        private final String fingerprint;

        private Claim(Scope scope, @Nullable String id, String fingerprint) {
            this.scope = scope;
            this.id = id;
            this.fingerprint = fingerprint;
        }

        /**
         * What was kept for this token.
         *
         * @throws Fault where the token came with other parameters before
         */
        public Optional<String> answer(ReadTx tx) {
            Kept kept = id == null ? null : kept(tx, scope.key(id));
            if (kept == null || !clock.instant().isBefore(kept.until())) {
                return Optional.empty();
            }
            if (!kept.fingerprint().equals(fingerprint)) {
                throw mismatch.apply(
                        "The request uses the same client token as a previous, but non-identical request.");
            }
            return Optional.of(kept.answer());
        }

        /**
         * Keeps what answers a repetition.
         *
         * @param answer the id of what was made, or the answer itself as text
         */
        public void keep(WriteTx tx, String answer) {
            String token = id;
            if (token == null) {
                return;
            }
            Ring ring = tx.get(table, scope.key(RING))
                    .map(row -> (Ring) row.value())
                    .orElse(new Ring(0, 0));
            long number = ring.next();
            tx.put(
                    table,
                    scope.key(token),
                    new Kept(fingerprint, answer, clock.instant().plus(life), number));
            tx.put(table, turn(scope, number), new Turn(token));
            tx.put(table, scope.key(RING), new Ring(sweep(tx, ring.oldest(), number), number + 1));
        }

        /** Forgets a few that are over or too many; answers which number is the oldest now. */
        private long sweep(WriteTx tx, long oldest, long newest) {
            long first = oldest;
            for (int swept = 0; swept < SWEPT && first < newest; swept++, first++) {
                Key turn = turn(scope, first);
                Key key = tx.get(table, turn)
                        .map(row -> scope.key(((Turn) row.value()).id()))
                        .orElse(null);
                Kept kept = key == null ? null : kept(tx, key);
                boolean current = kept != null && kept.number() == first;
                boolean over = !current || kept == null || !clock.instant().isBefore(kept.until());
                if (!over && newest - first < most) {
                    break;
                }
                if (current && key != null) {
                    tx.delete(table, key);
                }
                tx.delete(table, turn);
            }
            return first;
        }
    }

    private @Nullable Kept kept(ReadTx tx, Key key) {
        return (Kept) tx.get(table, key).map(Row::value).orElse(null);
    }

    private static Key turn(Scope scope, long number) {
        return scope.key(String.format(Locale.ROOT, "turn/%019d", number));
    }
}
