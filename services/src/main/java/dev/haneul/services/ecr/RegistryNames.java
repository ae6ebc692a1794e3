package dev.haneul.services.ecr;

import dev.haneul.kernel.store.Scope;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How registries and repositories are called, so that clients which know nothing of this region reach them. See the
 * package for the forms and why there are several.
 */
final class RegistryNames {
    private static final String REGISTRY = "(\\d{12})\\.dkr\\.ecr\\.([a-z]{2}(?:-[a-z]+)+-\\d)";
    private static final Pattern HOST = Pattern.compile(REGISTRY + "\\.(?:localhost|amazonaws\\.com)");
    private static final Pattern PREFIX = Pattern.compile(REGISTRY + "/(.+)");
    private static final String AWS = ".amazonaws.com";

    private final boolean namesResolve;

    RegistryNames(boolean namesResolve) {
        this.namesResolve = namesResolve;
    }

    /** Finds out whether this host resolves names below {@code localhost}, as many do and many do not. */
    static RegistryNames ofHost() {
        try {
            return new RegistryNames(InetAddress.getByName("000000000000.dkr.ecr.us-east-1.localhost")
                    .isLoopbackAddress());
        } catch (UnknownHostException e) {
            return new RegistryNames(false);
        }
    }

    private static String name(Scope scope) {
        return scope.account() + ".dkr.ecr." + scope.region();
    }

    /** The registry's endpoint, scheme and all, without a path. */
    String endpoint(Scope scope, String clientEndpoint) {
        URI client = URI.create(clientEndpoint.isEmpty() ? "https://" + AWS.substring(1) : clientEndpoint);
        return client.getScheme() + "://" + authority(scope, client);
    }

    /** What images are called by: the registry, and where its host does not say whose it is, that too. */
    String repository(Scope scope, String clientEndpoint, String repository) {
        URI client = URI.create(clientEndpoint.isEmpty() ? "https://" + AWS.substring(1) : clientEndpoint);
        String authority = authority(scope, client);
        String prefix = authority.startsWith(name(scope)) ? "" : name(scope) + "/";
        return authority + "/" + prefix + repository;
    }

    private String authority(Scope scope, URI client) {
        String host = client.getHost() == null ? "localhost" : client.getHost();
        String port = client.getPort() < 0 ? "" : ":" + client.getPort();
        if (host.endsWith(AWS) || host.equals(AWS.substring(1))) {
            return name(scope) + AWS + port;
        }
        boolean local = host.equals("localhost") || host.endsWith(".localhost") || host.equals("127.0.0.1");
        if (!local) {
            return host + port;
        }
        return (namesResolve ? name(scope) + ".localhost" : "127.0.0.1") + port;
    }

    /** Whose registry a host is; null where it is any's. */
    static @Nullable Scope ofHost(String host) {
        Matcher found = HOST.matcher(host);
        return found.matches() ? new Scope(found.group(1), found.group(2)) : null;
    }

    /**
     * A repository as a path names it.
     *
     * @param registry whose it is; null where the path does not say
     */
    record Named(@Nullable Scope registry, String repository) {}

    static Named ofPath(String name) {
        Matcher found = PREFIX.matcher(name);
        return found.matches()
                ? new Named(new Scope(found.group(1), found.group(2)), found.group(3))
                : new Named(null, name);
    }
}
