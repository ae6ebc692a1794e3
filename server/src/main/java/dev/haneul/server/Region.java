package dev.haneul.server;

import dev.haneul.api.Catalog;
import dev.haneul.api.runtime.Api;
import dev.haneul.engines.Engine;
import dev.haneul.kernel.call.AccountRules;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.store.StoreException;
import dev.haneul.kernel.time.SystemClock;
import dev.haneul.services.cloudtrail.Recorder;
import dev.haneul.services.iam.IamAuthorizer;
import dev.haneul.services.iam.IamCredentials;
import dev.haneul.services.iam.IamState;
import dev.haneul.services.sts.StsCredentials;
import dev.haneul.storage.DiskBlobs;
import dev.haneul.storage.DiskSegments;
import dev.haneul.wire.gateway.Backend;
import dev.haneul.wire.gateway.Gateway;
import dev.haneul.wire.gateway.GatewaySettings;
import dev.haneul.wire.router.VirtualHosting;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One region: the list of everything it is made of, from the floor up. */
public final class Region implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Region.class.getName());
    private static final int TOKEN_BYTES = 16;

    /** What to close, last opened first. */
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private final DataFolder folder;
    private final RegionClock time;
    private final SystemClock clock;
    private final SqliteStore store;
    private final DiskBlobs blobs;
    private final DiskSegments segments;
    private final ReconcileDriver driver;
    private final Engines engines;
    private final RootKey rootKey;
    private final LateIngress ingress = new LateIngress();
    private final ResourcePolicies.Registry policies = new ResourcePolicies.Registry();
    private final AccountRules accounts = new AccountRules();
    private final boolean enforced;
    private final IamState iam;
    private final Dispatcher dispatcher;
    private final Rooms rooms;
    private final Gateway gateway;
    private final RunningFile running;

    /**
     * Starts a region; when this returns it serves.
     *
     * @param onStop called once when the launcher's {@code down} asks the region to stop
     * @throws StartFailure with the one line the user should read
     */
    public static Region start(Settings settings, Runnable onStop) {
        try {
            return new Region(settings, onStop);
        } catch (StoreException e) {
            throw new StartFailure(e.getMessage() == null ? "the store does not open" : e.getMessage(), e);
        } catch (IOException e) {
            throw new StartFailure(problem(settings, e), e);
        }
    }

    private Region(Settings settings, Runnable onStop) throws IOException {
        boolean started = false;
        try {
            folder = keep(settings.ephemeral() ? DataFolder.temporary() : DataFolder.open(settings.data()));
            time = keep(RegionClock.open(folder));
            clock = time.clock();
            engines = keep(new Engines(folder.folder("engines"), settings.engine()));
            store = keep(SqliteStore.open(folder));
            blobs = keep(DiskBlobs.open(folder, store));
            segments = keep(DiskSegments.open(folder));
            driver = keep(new ReconcileDriver(store.feed(), clock, new SplittableRandom()));
            rootKey = RootKey.of(settings.loopback(), folder.path());
            iam = new IamState(store, clock, folder.key());
            Credentials credentials = Credentials.firstOf(
                    List.of(rootKey.keys(), new StsCredentials(folder.key(), clock), new IamCredentials(iam)));
            enforced = settings.enforced();
            IamAuthorizer authorizer = new IamAuthorizer(iam, clock, policies, accounts, enforced);
            if (!enforced) {
                LOG.log(System.Logger.Level.WARNING, Welcome.UNENFORCED.strip());
            }
            Recorder recorder = keep(new Recorder(store, segments, clock));
            dispatcher = new Dispatcher(authorizer, recorder);
            String token = HexFormat.of().formatHex(SecureRandom.getSeed(TOKEN_BYTES));
            List<DataPlane> planes = new ArrayList<>();
            planes.add(new ControlPlane(
                    token, this::status, this::reset, time, this::ssh, this::exec, this::interrupt, onStop));
            rooms = keep(new Rooms(
                    new Rooms.Ground(
                            store,
                            blobs,
                            segments,
                            clock,
                            driver,
                            folder,
                            iam,
                            credentials,
                            authorizer,
                            dispatcher,
                            recorder),
                    policies,
                    accounts,
                    settings,
                    engines.chosen(),
                    ingress));
            planes.addAll(rooms.planes());
            gateway = keep(gateway(settings, credentials, planes));
            ingress.hang(gateway);
            gateway.start();
            driver.start();
            rooms.start(engines.recover());
            Thread.ofVirtual().name("sweep").start(this::sweep);
            running = new RunningFile(
                    ProcessHandle.current().pid(),
                    settings.endpoint(gateway.port()),
                    token,
                    rootKey.accessKeyId(),
                    rootKey.secretKey());
            keep(() -> RunningFile.remove(settings.data()));
            running.write(settings.data());
            started = true;
        } finally {
            if (!started) {
                close();
            }
        }
    }

    private Gateway gateway(Settings settings, Credentials credentials, List<DataPlane> planes) throws IOException {
        return new Gateway(
                // On loopback there are keys that everyone knows, see RootKey.
                new GatewaySettings(
                        settings.bind(),
                        settings.port(),
                        folder.path(),
                        settings.loopback() ? GatewaySettings.Origins.LOCAL : GatewaySettings.Origins.ANY),
                new Backend(
                        // Those without a room too: the dispatcher answers NotImplemented for them.
                        Catalog.SERVICES,
                        dispatcher,
                        credentials,
                        clock,
                        InstantSource.system(),
                        planes,
                        new VirtualHosting("s3", "s3", "AmazonS3"),
                        rooms.origins()));
    }

    private static String problem(Settings settings, IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                String reason = String.valueOf(cause.getMessage());
                return reason.contains("in use")
                        ? "port " + settings.port() + " is in use by another program; choose one with --port"
                        : "cannot listen on " + settings.bind() + ":" + settings.port() + ": " + reason;
            }
        }
        return String.valueOf(e.getMessage());
    }

    private String status() {
        return """
                Haneul at %s, process %d, data in %s
                %s%s%s
                """.formatted(
                        running.endpoint(),
                        running.pid(),
                        folder.path(),
                        enforced ? "" : Welcome.UNENFORCED,
                        engines.describe(),
                        String.join("\n", rooms.status()));
    }

    private String ssh(String instance) {
        return rooms.ssh(instance);
    }

    private String exec(String words) {
        return rooms.exec(words);
    }

    private String interrupt(String task) {
        return rooms.interrupt(task);
    }

    /** Empties an account, or all of them (null): what it has and what runs for it. */
    public void reset(@Nullable String account) {
        store.reset(account);
        iam.forget();
        rooms.reset(account);
        sweep();
    }

    /** Removes contents that no record names: what a crash or a reset left. */
    private void sweep() {
        try {
            blobs.sweep();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "contents that nobody names stay until the next start", e);
        }
    }

    /** Where it listens, and the keys that open it. */
    public RunningFile running() {
        return running;
    }

    /** The engine that runs functions. */
    public Engine engine() {
        return engines.chosen();
    }

    /** Whether permissions are checked. */
    public boolean enforced() {
        return enforced;
    }

    /** Every service of the region. */
    public List<Api> services() {
        return dispatcher.services();
    }

    /** The certificate authority to trust. */
    public Path caCertificate() {
        return gateway.authorityFile();
    }

    private <C extends AutoCloseable> C keep(C part) {
        open.push(part);
        return part;
    }

    /** Stops everything, last started first. State stays; running it again goes on where it was. */
    @Override
    public synchronized void close() {
        Closing.all(open);
    }
}
