package dev.haneul.services.elbv2;

import dev.haneul.edge.Edge;
import dev.haneul.edge.facts.Observer;
import dev.haneul.edge.table.TargetGroup;
import dev.haneul.fabric.vpc.NameSource;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.elbv2.ElbTables.BalancerRow;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What runs: the data plane, who keeps it in step with the records, who counts. */
final class Works implements AutoCloseable {
    private static final int CHUNK = 1000;
    private static final String LOGS = "logs";
    /** {@code LABEL.REGION.elb.DOMAIN} and {@code LABEL.elb.REGION.DOMAIN}. */
    private static final Pattern APPLICATION =
            Pattern.compile("([a-z0-9-]+)\\.([a-z0-9-]+)\\.elb\\.(localhost|amazonaws\\.com)");

    private static final Pattern NETWORK =
            Pattern.compile("([a-z0-9-]+)\\.elb\\.([a-z0-9-]+)\\.(localhost|amazonaws\\.com)");

    private final Elbv2Service.Ground ground;
    private final Edge edge;
    private final BalancerReconciler reconciler;
    private final Tallies tallies;
    private final AccessLogs logs;
    private final ClaimSigner signer;

    Works(Elbv2Service.Ground ground, Neighbours neighbours) {
        this.ground = ground;
        this.tallies = new Tallies(ground.store(), ground.metrics(), ground.usage(), ground.clock());
        this.logs = new AccessLogs(ground.store(), ground.neighbours(), ground.clock());
        Observer observer = new Watching(ground.store(), ground.clock(), tallies, logs);
        Tokens sealing = new Tokens(Tokens.derive(ground.folderKey(), "elbv2 logins"));
        this.signer = new ClaimSigner(ground.store(), sealing);
        this.edge = new Edge(new Edge.Means(
                ground.acceptor(),
                ground.dialer(),
                new LambdaTargets(ground.neighbours(), ground.clock()),
                new OidcLogins(sealing, ground.clock(), signer),
                observer,
                new Tokens(Tokens.derive(ground.folderKey(), "elbv2 cookies")),
                ground.clock(),
                new SecureRandom()));
        this.reconciler = new BalancerReconciler(ground, neighbours, edge);
        this.tallies.follow(edge);
    }

    void join(Driver driver) {
        Driver.Waker<Key> waker = driver.add(reconciler, 4);
        Driver.Waker<String> logging = driver.add(logs, 1);
        Set<String> sources = new HashSet<>(ElbTables.SOURCES);
        sources.addAll(ground.certificates().changes()); // a certificate that is renewed is presented at once
        driver.follow("elbv2.balancers", sources, change -> {
            if (change.source().equals(ElbTables.BALANCERS.name())) {
                waker.wake(change.key());
                logging.wake(LOGS); // who asks for logs gets them from now on
            } else {
                of(change.key().scope()).forEach(waker::wake);
            }
        });
        all().forEach(row -> waker.wake(row.key()));
        driver.add(tallies, 1).wake("count");
        logging.wake(LOGS);
    }

    /** Carries traffic again as far as that takes nobody else; before the driver starts. */
    void resume() {
        all().forEach(row -> reconciler.resume(row.key()));
    }

    private List<Row<BalancerRow>> all() {
        List<Row<BalancerRow>> all = new ArrayList<>();
        Key after = null;
        while (true) {
            Key from = after;
            List<Row<BalancerRow>> page = ground.store().read(tx -> tx.all(ElbTables.BALANCERS, from, CHUNK));
            all.addAll(page);
            if (page.size() < CHUNK) {
                return all;
            }
            after = page.getLast().key();
        }
    }

    private List<Key> of(Scope scope) {
        return ground.store().read(tx -> Rows.all(tx, scope, ElbTables.BALANCERS)).stream()
                .map(row -> scope.key(row.id()))
                .toList();
    }

    /** What is known of a target of a balancer; null for nothing. */
    TargetGroup.@Nullable Health health(String balancer, String target) {
        return edge.balancer(balancer).map(each -> each.health(target)).orElse(null);
    }

    DataPlane plane() {
        return new BalancerPlane(
                edge,
                host -> find(host)
                        .map(row -> ElbTables.balancerArn(
                                row.key().scope(), row.value().id())),
                signer::published);
    }

    /** The balancer with this DNS name. */
    private Optional<Row<BalancerRow>> find(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        Matcher one = APPLICATION.matcher(name);
        Matcher other = NETWORK.matcher(name);
        String label = one.matches() ? one.group(1) : other.matches() ? other.group(1) : null;
        if (label == null) {
            return Optional.empty();
        }
        String region = one.matches() ? one.group(2) : other.group(2);
        return ground.store().read(tx -> tx.findAnywhere(ElbTables.BALANCERS, "dns", label, null, CHUNK)).stream()
                .filter(row -> row.key().region().equals(region) && row.value().alive())
                .findFirst();
    }

    /**
     * Where a balancer is: at its nodes' own addresses for its network and where it is internal, else at the public ones.
     */
    Optional<NameSource.Answer> answer(@Nullable String vpc, String name) {
        return find(name).map(row -> {
            BalancerRow balancer = row.value();
            boolean inside = balancer.internal() || balancer.vpc().equals(vpc);
            List<String> addresses = balancer.places().stream()
                    .filter(each -> !each.leaving())
                    .flatMap(each -> Stream.ofNullable(inside ? each.address() : each.publicAddress()))
                    .toList();
            return NameSource.Answer.ofAddresses(name, addresses);
        });
    }

    void forget() {
        List<String> known = all().stream()
                .map(row -> ElbTables.balancerArn(row.key().scope(), row.value().id()))
                .toList();
        edge.balancers().stream()
                .map(each -> each.table().id())
                .filter(id -> !known.contains(id))
                .toList()
                .forEach(edge::remove);
    }

    @Override
    public void close() {
        edge.close();
    }
}
