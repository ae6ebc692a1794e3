package dev.haneul.services.ecr;

import dev.haneul.api.ecr.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.secretsmanager.GetSecretValueRequest;
import dev.haneul.api.secretsmanager.SecretsManagerClient;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.Outgoing;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ecr.EcrTables.CacheRow;
import dev.haneul.services.ecr.Upstream.Found;
import dev.haneul.storage.Layers;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Pull-through caches: repositories below a prefix whose images come from another registry when they are first pulled,
 * and whose tags are looked at there again after a day. See AWS, "Sync an upstream registry with an Amazon ECR private
 * registry". Upstreams are those AWS knows and, for trying it out, registries on this host.
 */
final class PullThrough {
    private static final String ROOT = "ROOT";
    private static final int MOST_RULES = 50;
    private static final Duration FRESH = Duration.ofDays(1);
    private static final int MOST_CHECKED = 10_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Map<String, String> KNOWN = Map.of(
            "registry-1.docker.io", "docker-hub",
            "public.ecr.aws", "ecr-public",
            "quay.io", "quay",
            "registry.k8s.io", "k8s",
            "ghcr.io", "github-container-registry",
            "registry.gitlab.com", "gitlab-container-registry",
            "cgr.dev", "chainguard");
    private static final Pattern AZURE = Pattern.compile("[a-zA-Z0-9-]+\\.azurecr\\.io");
    private static final Pattern HERE = Pattern.compile("(?:http://)?(?:localhost|127\\.0\\.0\\.1):\\d{1,5}");

    private final Store store;
    private final Clock clock;
    private final Layers layers;
    private final Pager pager;
    private final Images images;
    private final Uploads uploads;
    private final Registries registries;
    private final Permissions permissions;
    private final SecretsManagerClient secrets;
    private final Outgoing http = new Outgoing(TIMEOUT);
    /** When tags were last looked at upstream; what is not here is looked at. */
    private final Map<Key, Instant> checked = new LinkedHashMap<>();

    PullThrough(
            Store store,
            Clock clock,
            Layers layers,
            Pager pager,
            Images images,
            Uploads uploads,
            Registries registries,
            Permissions permissions,
            Caller neighbours) {
        this.store = store;
        this.clock = clock;
        this.layers = layers;
        this.pager = pager;
        this.images = images;
        this.uploads = uploads;
        this.registries = registries;
        this.permissions = permissions;
        this.secrets = new SecretsManagerClient(neighbours);
    }

    CreatePullThroughCacheRuleResponse create(CreatePullThroughCacheRuleRequest in, Call call) {
        Key key = Repositories.key(in.registryId(), in.ecrRepositoryPrefix(), call);
        String upstream = upstream(in.upstreamRegistryUrl(), in.upstreamRegistry());
        Instant now = clock.instant();
        CacheRow row = new CacheRow(
                in.ecrRepositoryPrefix(),
                in.upstreamRegistryUrl(),
                upstream,
                in.credentialArn(),
                in.customRoleArn(),
                in.upstreamRepositoryPrefix() == null ? ROOT : in.upstreamRepositoryPrefix(),
                now,
                now);
        store.write(tx -> {
            if (tx.get(EcrTables.CACHES, key).isPresent()) {
                throw Fault.of(
                        new PullThroughCacheRuleAlreadyExistsException(),
                        "The pull through cache rule with the repository prefix '" + key.id()
                                + "' already exists in the registry with id '" + key.account() + "'");
            }
            if (tx.range(EcrTables.CACHES, key.scope(), "", null, MOST_RULES).size() == MOST_RULES) {
                throw EcrFaults.limit("A registry has at most " + MOST_RULES + " pull through cache rules");
            }
            tx.put(EcrTables.CACHES, key, row);
        });
        return new CreatePullThroughCacheRuleResponse()
                .ecrRepositoryPrefix(row.prefix())
                .upstreamRegistryUrl(row.url())
                .upstreamRegistry(row.upstream())
                .credentialArn(row.credential())
                .customRoleArn(row.role())
                .upstreamRepositoryPrefix(row.upstreamPrefix())
                .registryId(key.account())
                .createdAt(now);
    }

    private static @Nullable String upstream(String url, @Nullable String said) {
        if (HERE.matcher(url).matches()) {
            return said;
        }
        String known = KNOWN.get(url);
        if (known == null && AZURE.matcher(url).matches()) {
            known = "azure-container-registry";
        }
        if (known == null && RegistryNames.ofHost(url) != null) {
            throw Fault.server(
                    "NotImplemented", 501, "ecr: caching another ECR private registry is not implemented by Haneul.");
        }
        if (known == null) {
            throw Fault.of(
                    new UnsupportedUpstreamRegistryException(), "The upstream registry '" + url + "' is not supported");
        }
        return known;
    }

    private static CacheRow require(ReadTx tx, Key key) {
        return tx.get(EcrTables.CACHES, key)
                .map(Row::value)
                .orElseThrow(() -> Fault.of(
                        new PullThroughCacheRuleNotFoundException(),
                        "The pull through cache rule with the repository prefix '" + key.id()
                                + "' does not exist in the registry with id '" + key.account() + "'"));
    }

    DeletePullThroughCacheRuleResponse delete(DeletePullThroughCacheRuleRequest in, Call call) {
        Key key = Repositories.key(in.registryId(), in.ecrRepositoryPrefix(), call);
        CacheRow row = store.transact(tx -> {
            CacheRow found = require(tx, key);
            tx.delete(EcrTables.CACHES, key);
            return found;
        });
        return new DeletePullThroughCacheRuleResponse()
                .ecrRepositoryPrefix(row.prefix())
                .upstreamRegistryUrl(row.url())
                .credentialArn(row.credential())
                .customRoleArn(row.role())
                .upstreamRepositoryPrefix(row.upstreamPrefix())
                .registryId(key.account())
                .createdAt(row.created());
    }

    UpdatePullThroughCacheRuleResponse update(UpdatePullThroughCacheRuleRequest in, Call call) {
        Key key = Repositories.key(in.registryId(), in.ecrRepositoryPrefix(), call);
        CacheRow row = store.transact(tx -> {
            CacheRow before = require(tx, key);
            CacheRow after = new CacheRow(
                    before.prefix(),
                    before.url(),
                    before.upstream(),
                    in.credentialArn() == null ? before.credential() : in.credentialArn(),
                    in.customRoleArn() == null ? before.role() : in.customRoleArn(),
                    before.upstreamPrefix(),
                    before.created(),
                    clock.instant());
            tx.put(EcrTables.CACHES, key, after);
            return after;
        });
        return new UpdatePullThroughCacheRuleResponse()
                .ecrRepositoryPrefix(row.prefix())
                .registryId(key.account())
                .updatedAt(row.updated())
                .credentialArn(row.credential())
                .customRoleArn(row.role())
                .upstreamRepositoryPrefix(row.upstreamPrefix());
    }

    DescribePullThroughCacheRulesResponse describe(DescribePullThroughCacheRulesRequest in, Call call) {
        Scope scope = Repositories.scope(in.registryId(), call);
        int limit = in.maxResults() == null ? Repositories.DEFAULT_PAGE : in.maxResults();
        List<String> wanted = in.ecrRepositoryPrefixes();
        Page<CacheRow> page = store.read(tx -> {
            wanted.forEach(each -> require(tx, scope.key(each)));
            return pager.rows(
                    tx,
                    EcrTables.CACHES,
                    scope,
                    row -> wanted.isEmpty() || wanted.contains(row.prefix()),
                    "caches " + scope + wanted,
                    in.nextToken(),
                    limit);
        });
        Function<CacheRow, PullThroughCacheRule> view = row -> new PullThroughCacheRule()
                .ecrRepositoryPrefix(row.prefix())
                .upstreamRegistryUrl(row.url())
                .upstreamRegistry(row.upstream())
                .credentialArn(row.credential())
                .customRoleArn(row.role())
                .upstreamRepositoryPrefix(row.upstreamPrefix())
                .registryId(scope.account())
                .createdAt(row.created())
                .updatedAt(row.updated());
        return new DescribePullThroughCacheRulesResponse()
                .pullThroughCacheRules(page.items().stream().map(view).toList())
                .nextToken(page.next());
    }

    /**
     * Whether a rule's upstream lets its secret in, found by asking it. What is wrong is told in the answer, as on AWS:
     * only a rule that does not exist is an error.
     */
    ValidatePullThroughCacheRuleResponse validate(ValidatePullThroughCacheRuleRequest in, Call call) {
        Key key = Repositories.key(in.registryId(), in.ecrRepositoryPrefix(), call);
        CacheRow rule = store.read(tx -> require(tx, key));
        String failure = null;
        try {
            new Upstream(http, address(rule), login(rule, call)).greet();
        } catch (IOException e) {
            failure = "The upstream registry '" + rule.url() + "' could not be reached or refused its credentials: "
                    + e.getMessage();
        } catch (Fault fault) {
            failure = fault.message();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Fault.server("ServerException", 500, "The region stops.");
        }
        return new ValidatePullThroughCacheRuleResponse()
                .ecrRepositoryPrefix(rule.prefix())
                .registryId(key.account())
                .upstreamRegistryUrl(rule.url())
                .credentialArn(rule.credential())
                .customRoleArn(rule.role())
                .upstreamRepositoryPrefix(rule.upstreamPrefix())
                .isValid(failure == null)
                .failure(failure);
    }

    /** The rule a repository falls under, the longest prefix first, and what the repository is called upstream. */
    private record Cached(CacheRow rule, String upstreamName) {}

    private Optional<Cached> rule(Key repository) {
        return store.read(tx -> tx.range(EcrTables.CACHES, repository.scope(), "", null, MOST_RULES).stream()
                .map(Row::value)
                .filter(row -> row.prefix().equals(ROOT)
                        || repository.id().startsWith(row.prefix().replaceFirst("/$", "") + "/"))
                .max((one, other) -> Integer.compare(weight(one), weight(other)))
                .map(row -> new Cached(row, upstreamName(row, repository.id()))));
    }

    private static int weight(CacheRow row) {
        return row.prefix().equals(ROOT) ? 0 : row.prefix().length();
    }

    private static String upstreamName(CacheRow row, String repository) {
        String rest = row.prefix().equals(ROOT)
                ? repository
                : repository.substring(row.prefix().replaceFirst("/$", "").length() + 1);
        String prefix = row.upstreamPrefix();
        return prefix == null || prefix.equals(ROOT) ? rest : prefix.replaceFirst("/$", "") + "/" + rest;
    }

    /** Before images are read: has what a cache lacks, or has not looked at for a day, brought here. */
    void refresh(Key repository, List<ImageIdentifier> ids, Call call) {
        Optional<Cached> cached = rule(repository);
        if (cached.isEmpty()) {
            return;
        }
        for (ImageIdentifier id : ids) {
            if (Images.malformed(id) == null && due(repository, id)) {
                refresh(repository, cached.get(), id, call);
            }
        }
    }

    private boolean due(Key repository, ImageIdentifier id) {
        boolean there = store.<Boolean>read(tx ->
                Images.find(tx, repository, id.imageDigest(), id.imageTag()).isPresent());
        String tag = id.imageTag();
        if (!there || id.imageDigest() != null || tag == null) {
            return !there;
        }
        synchronized (checked) {
            Instant last = checked.get(EcrTables.tag(repository, tag));
            return last == null || last.isBefore(clock.instant().minus(FRESH));
        }
    }

    private void refresh(Key repository, Cached cached, ImageIdentifier id, Call call) {
        permissions.require(
                call, "ecr:BatchImportUpstreamImage", EcrTables.arn(repository.scope(), repository.id()), Map.of());
        boolean there = store.<Boolean>read(tx ->
                Images.find(tx, repository, id.imageDigest(), id.imageTag()).isPresent());
        try {
            bring(repository, cached, id, call);
        } catch (IOException e) {
            if (!there) {
                throw Fault.of(
                        new UnableToGetUpstreamImageException(),
                        "The image could not be had from '" + cached.rule().url() + "': " + e.getMessage());
            }
            // What is here serves on while the upstream does not answer.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Fault.server("ServerException", 500, "The region stops.");
        }
    }

    private void bring(Key repository, Cached cached, ImageIdentifier id, Call call)
            throws IOException, InterruptedException {
        CacheRow rule = cached.rule();
        Upstream upstream = new Upstream(http, address(rule), login(rule, call));
        String reference = id.imageDigest() == null ? Objects.requireNonNull(id.imageTag()) : id.imageDigest();
        Optional<Found> found = upstream.manifest(cached.upstreamName(), reference);
        if (found.isEmpty()) {
            return;
        }
        Manifest manifest = Images.read(found.get().text(), found.get().mediaType());
        store.write(tx -> registries.create(tx, repository, "PULL_THROUGH_CACHE"));
        for (String part : manifest.index() ? List.<String>of() : manifest.parts()) {
            bring(repository, upstream, cached.upstreamName(), part);
        }
        String tag = id.imageTag() == null ? "" : id.imageTag();
        images.store(repository, found.get().text(), manifest, id.imageDigest(), tag, true, false);
        if (!tag.isEmpty()) {
            note(EcrTables.tag(repository, tag));
        }
    }

    private static URI address(CacheRow rule) {
        return URI.create(
                rule.url().startsWith("http://")
                        ? rule.url()
                        : (HERE.matcher(rule.url()).matches() ? "http://" : "https://") + rule.url());
    }

    private void note(Key tag) {
        synchronized (checked) {
            checked.remove(tag);
            checked.put(tag, clock.instant());
            if (checked.size() > MOST_CHECKED) {
                checked.remove(checked.keySet().iterator().next());
            }
        }
    }

    private void bring(Key repository, Upstream upstream, String name, String digest)
            throws IOException, InterruptedException {
        if (uploads.size(repository, digest).isPresent()) {
            return;
        }
        Optional<dev.haneul.storage.Layer> known = layers.find(digest);
        if (known.isPresent()) {
            store.write(tx -> uploads.has(tx, repository, known.get()));
            return;
        }
        try (InputStream in = upstream.blob(name, digest)) {
            layers.add(in, Uploads.MAX_LAYER_BYTES, digest, (tx, layer) -> uploads.has(tx, repository, layer));
        }
    }

    /** The rule's secret holds {@code username} and {@code accessToken}. */
    private Upstream.@Nullable Login login(CacheRow rule, Call call) {
        if (rule.credential() == null) {
            return null;
        }
        try {
            String secret = secrets.getSecretValue(new GetSecretValueRequest().secretId(rule.credential()), call)
                    .secretString();
            Map<String, @Nullable Object> pair =
                    Json.object(secret == null ? "" : secret).orElse(Map.of());
            if (pair.get("username") instanceof String user && pair.get("accessToken") instanceof String password) {
                return new Upstream.Login(user, password);
            }
            throw Fault.of(new UnableToDecryptSecretValueException(), "The secret has no username and accessToken");
        } catch (Fault fault) {
            if (fault.code().equals("ResourceNotFoundException")) {
                throw Fault.of(new SecretNotFoundException(), "The secret '" + rule.credential() + "' does not exist");
            }
            throw fault.code().equals("UnableToDecryptSecretValueException")
                    ? fault
                    : Fault.of(new UnableToAccessSecretException(), fault.message());
        }
    }
}
