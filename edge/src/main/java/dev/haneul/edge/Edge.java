package dev.haneul.edge;

import dev.haneul.edge.facts.Observer;
import dev.haneul.edge.http.Functions;
import dev.haneul.edge.http.Logins;
import dev.haneul.edge.stream.Acceptor;
import dev.haneul.edge.stream.Deadlines;
import dev.haneul.edge.stream.Dialer;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.time.Clock;
import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/** All balancers at work. Safe for many threads. */
public final class Edge implements AutoCloseable {
    private final Means means;
    private final Deadlines deadlines = new Deadlines();
    private final ConcurrentHashMap<String, Balancer> balancers = new ConcurrentHashMap<>();

    /**
     * What the balancers work with.
     *
     * @param tokens seal stickiness cookies
     * @param random may be shared by threads
     */
    public record Means(
            Acceptor acceptor,
            Dialer dialer,
            Functions functions,
            Logins logins,
            Observer observer,
            Tokens tokens,
            Clock clock,
            RandomGenerator random) {}

    /** An edge without balancers. */
    public Edge(Means means) {
        this.means = means;
    }

    /**
     * Makes a balancer work by this table, at once and without dropping a request; a new one where its id is new.
     *
     * @throws IOException where it cannot listen at all its places; what could be done is done, and the same call again
     *     does the rest
     */
    public Balancer apply(RoutingTable table) throws IOException {
        Balancer balancer = balancers.computeIfAbsent(table.id(), id -> new Balancer(means, deadlines));
        balancer.apply(table);
        return balancer;
    }

    /**
     * Makes a balancer work by this table unless it works by one already: for tables that may be older than what is
     * applied meanwhile.
     *
     * @throws IOException where it cannot listen at all its places
     */
    public void resume(RoutingTable table) throws IOException {
        balancers
                .computeIfAbsent(table.id(), id -> new Balancer(means, deadlines))
                .resume(table);
    }

    /** A balancer by its id. */
    public Optional<Balancer> balancer(String id) {
        return Optional.ofNullable(balancers.get(id));
    }

    public Collection<Balancer> balancers() {
        return balancers.values();
    }

    /** Ends a balancer: it listens no more, requests on their way end. */
    public void remove(String id) {
        Balancer balancer = balancers.remove(id);
        if (balancer != null) {
            balancer.close();
        }
    }

    @Override
    public void close() {
        balancers.keySet().forEach(this::remove);
        deadlines.close();
    }
}
