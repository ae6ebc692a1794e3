package dev.haneul.services.ssm.session;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.ssm.*;
import dev.haneul.engines.session.SessionTarget;
import dev.haneul.engines.session.SessionTargets;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ssm.session.SessionRow.Pass;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Sessions: their record, those under way, and what ends them. */
public final class Sessions implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Sessions.class.getName());
    private static final Duration TOKEN_LIFE = Duration.ofMinutes(2);
    private static final Duration IDLE = Duration.ofMinutes(20);
    private static final Duration KEPT = Duration.ofDays(30);
    private static final Duration CLOSING = Duration.ofSeconds(5);
    private static final int MOST_OPEN = 200;
    private static final int PAGE = 1000;

    private final Store store;
    private final Clock clock;
    private final Path folder;
    private final Tokens tokens;
    private final Ids ids = new Ids(new SecureRandom());
    private final List<SessionTargets> targets = new CopyOnWriteArrayList<>();
    private final Map<Key, Running> live = new ConcurrentHashMap<>();
    private final SessionListing listing;
    private volatile Driver.@Nullable Waker<Key> waker;

    /** A session and the thread it lives on. */
    private record Running(LiveSession session, Thread thread) {}

    /**
     * Opens the table.
     *
     * @param folder for what sessions print while they last
     */
    public Sessions(Store store, Clock clock, Path folder, byte[] folderKey) {
        this.store = store;
        this.clock = clock;
        this.folder = folder;
        this.tokens = new Tokens(Tokens.derive(folderKey, "ssm sessions"));
        this.listing = new SessionListing(store, tokens);
        store.open(List.of(SessionRow.TABLE), List.of());
    }

    /** Adds somewhere sessions can be held. */
    public void reach(SessionTargets more) {
        targets.add(more);
    }

    /** Where clients open data channels. */
    public DataPlane door() {
        return new DataChannels(this);
    }

    /** Joins the driver, before it starts: sessions of an earlier server are over. */
    public void join(Driver driver) {
        Driver.Waker<Key> made = driver.add(new Watch(), 2);
        waker = made;
        Key after = null;
        List<Row<SessionRow>> rows;
        do {
            Key from = after;
            rows = store.read(tx -> tx.all(SessionRow.TABLE, from, PAGE));
            for (Row<SessionRow> row : rows) {
                made.wake(row.key());
                after = row.key();
            }
        } while (rows.size() == PAGE);
    }

    /** StartSession. */
    public StartSessionResponse start(StartSessionRequest in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        String target = in.target();
        if (find(scope, target).isEmpty()) {
            throw Fault.of(new TargetNotConnected(), target + " is not connected.");
        }
        Documents.Wanted wanted = Documents.of(in);
        Instant now = clock.instant();
        String id = Documents.sessionName(call.principal()) + "-" + ids.hex(17);
        Pass pass = pass(now);
        SessionRow row = new SessionRow(
                id,
                target,
                wanted.kind(),
                wanted.command(),
                "Connecting",
                new SessionRow.About(wanted.document(), Documents.owner(call.principal()), in.reason(), now),
                pass,
                null);
        store.write(tx -> {
            if (tx.findAnywhere(SessionRow.TABLE, SessionRow.OPEN, "yes", null, MOST_OPEN)
                            .size()
                    >= MOST_OPEN) {
                throw Fault.client("ThrottlingException", 400, "Rate exceeded");
            }
            tx.put(SessionRow.TABLE, scope.key(id), row);
        });
        wake(scope.key(id));
        return new StartSessionResponse().sessionId(id).streamUrl(url(call, id)).tokenValue(seal(scope, id, pass));
    }

    private Optional<SessionTarget> find(Scope scope, String name) {
        return targets.stream()
                .flatMap(each -> each.find(scope.account(), scope.region(), name).stream())
                .findFirst();
    }

    private Pass pass(Instant now) {
        return new Pass(ids.hex(32), now.plus(TOKEN_LIFE));
    }

    /** The account and region stand in the token, for the channel's address names neither. */
    private String seal(Scope scope, String id, Pass pass) {
        return tokens.seal("channel/" + id, scope.account() + "/" + scope.region() + "/" + pass.nonce());
    }

    private static String url(Call call, String id) {
        String endpoint = call.origin().endpoint();
        return endpoint.replaceFirst("^http", "ws") + DataChannels.PATH + id + "?role=publish_subscribe";
    }

    /** ResumeSession: a new token for a session whose client lost its connection; none where it is over. */
    public ResumeSessionResponse resume(ResumeSessionRequest in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        String id = in.sessionId();
        Pass pass = pass(clock.instant());
        boolean open = store.transact(tx -> {
            SessionRow row = tx.get(SessionRow.TABLE, scope.key(id))
                    .map(Row::value)
                    .orElseThrow(() -> Fault.of(new DoesNotExistException(), "Session " + id + " does not exist."));
            if (!row.over()) {
                tx.put(SessionRow.TABLE, scope.key(id), row.with(pass));
            }
            return !row.over();
        });
        ResumeSessionResponse answer = new ResumeSessionResponse().sessionId(id);
        return open ? answer.streamUrl(url(call, id)).tokenValue(seal(scope, id, pass)) : answer;
    }

    /** TerminateSession; one that is over already, or was never there, is over. */
    public TerminateSessionResponse terminate(TerminateSessionRequest in, Call call) {
        Key key = new Scope(call.account(), call.region()).key(in.sessionId());
        Running running = live.get(key);
        if (running == null) {
            store.write(tx -> over(tx, key, "Terminated"));
        } else {
            running.session().stop("");
        }
        return new TerminateSessionResponse().sessionId(in.sessionId());
    }

    /** DescribeSessions. */
    public DescribeSessionsResponse describe(DescribeSessionsRequest in, Call call) {
        return listing.describe(in, call);
    }

    private void over(dev.haneul.kernel.store.WriteTx tx, Key key, String how) {
        tx.get(SessionRow.TABLE, key)
                .map(Row::value)
                .filter(row -> !row.over())
                .ifPresent(row -> tx.put(SessionRow.TABLE, key, row.over(how, clock.instant())));
    }

    /** Opens a session's channel by its token, which is used up then; null where it does not open it. */
    @Nullable
    LiveSession open(String id, String token) {
        String[] sealed = tokens.open("channel/" + id, token).orElse("").split("/", -1);
        if (sealed.length != 3) {
            return null;
        }
        Scope scope = new Scope(sealed[0], sealed[1]);
        Key key = scope.key(id);
        Instant now = clock.instant();
        SessionRow row = store.transact(tx -> {
            SessionRow there = tx.get(SessionRow.TABLE, key).map(Row::value).orElse(null);
            Pass pass = there == null ? null : there.pass();
            boolean good = pass != null && pass.nonce().equals(sealed[2]) && now.isBefore(pass.expires());
            if (!good) {
                return null;
            }
            SessionRow opened = Objects.requireNonNull(there).opened();
            tx.put(SessionRow.TABLE, key, opened);
            return opened;
        });
        if (row == null) {
            return null;
        }
        Running running = live.computeIfAbsent(key, it -> begin(scope, key, row));
        wake(key);
        return running.session();
    }

    private Running begin(Scope scope, Key key, SessionRow row) {
        SessionTarget target = find(scope, row.target()).orElse(Documents.GONE);
        Transcript transcript = transcript(row, target);
        LiveSession session = new LiveSession(row, target, clock, ids, transcript);
        Thread thread = Thread.ofVirtual().name("session").start(() -> {
            try (transcript) {
                String how = session.live();
                live.remove(key);
                store.write(tx -> over(tx, key, how));
                Path printed = transcript.finish();
                if (printed != null) {
                    target.ended(row.id(), printed);
                }
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.WARNING, "the end of session " + row.id(), e);
            } finally {
                live.remove(key);
                wake(key);
            }
        });
        return new Running(session, thread);
    }

    private Transcript transcript(SessionRow row, SessionTarget target) {
        if (!target.recorded()) {
            return Transcript.none();
        }
        try {
            return Transcript.in(folder, row.id());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "what session " + row.id() + " prints is not kept", e);
            return Transcript.none();
        }
    }

    /** The client is gone; it may come back. */
    void disconnected(LiveSession session) {
        for (Map.Entry<Key, Running> each : live.entrySet()) {
            if (each.getValue().session() == session && !session.over()) {
                store.write(tx -> tx.get(SessionRow.TABLE, each.getKey())
                        .map(Row::value)
                        .filter(row -> !row.over())
                        .ifPresent(row -> tx.put(SessionRow.TABLE, each.getKey(), row.with("Disconnected"))));
            }
        }
    }

    private void wake(Key key) {
        Driver.Waker<Key> known = waker;
        if (known != null) {
            known.wake(key);
        }
    }

    /** Ends what nobody uses, and forgets what ended long ago. */
    private final class Watch implements Reconciler<Key> {
        @Override
        public String name() {
            return "ssm.session";
        }

        @Override
        public Next reconcile(Key key) {
            SessionRow row = store.read(tx -> tx.get(SessionRow.TABLE, key))
                    .map(Row::value)
                    .orElse(null);
            Running running = live.get(key);
            Instant now = clock.instant();
            if (row == null || row.ended() != null) {
                if (running != null) {
                    running.session().stop("");
                }
                return row == null
                        ? Next.DONE
                        : forget(key, Objects.requireNonNull(row.ended()).plus(KEPT), now);
            }
            if (running != null) {
                Instant due = running.session().active().plus(IDLE);
                if (now.isBefore(due)) {
                    return Next.at(due);
                }
                running.session().stop("Your session timed out due to inactivity.");
                return Next.DONE;
            }
            boolean waits = row.pass() != null && row.status().equals("Connecting");
            if (waits && now.isBefore(Objects.requireNonNull(row.pass()).expires())) {
                return Next.at(row.pass().expires());
            }
            store.write(tx -> {
                boolean still = tx.get(SessionRow.TABLE, key)
                        .map(Row::value)
                        .filter(row::equals)
                        .isPresent();
                if (still && !live.containsKey(key)) {
                    over(tx, key, "Terminated");
                }
            });
            return Next.after(Duration.ofSeconds(1));
        }

        private Next forget(Key key, Instant due, Instant now) {
            if (now.isBefore(due)) {
                return Next.at(due);
            }
            store.write(tx -> tx.delete(SessionRow.TABLE, key));
            return Next.DONE;
        }
    }

    /** Ends all sessions: their programs go with the server. */
    @Override
    public void close() {
        List<Running> all = List.copyOf(live.values());
        all.forEach(each -> each.session().stop("The region stops."));
        try {
            for (Running each : all) {
                each.thread().join(CLOSING);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
