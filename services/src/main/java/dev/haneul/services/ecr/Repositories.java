package dev.haneul.services.ecr;

import dev.haneul.api.ecr.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.policy.MalformedPolicyException;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ecr.EcrTables.ImageRow;
import dev.haneul.services.ecr.EcrTables.LayerRow;
import dev.haneul.services.ecr.EcrTables.RepositoryRow;
import dev.haneul.storage.Layers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Repositories: what they are called and set to. */
final class Repositories implements ResourcePolicies {
    static final int DEFAULT_PAGE = 100;
    private static final int CHUNK = 500;
    private static final int MOST_TAGS = 50;
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");
    private static final String EXCLUSION = "_WITH_EXCLUSION";

    private final Store store;
    private final Clock clock;
    private final Layers layers;
    private final Pager pager;
    private final RegistryNames names;

    Repositories(Store store, Clock clock, Layers layers, Pager pager, RegistryNames names) {
        this.store = store;
        this.clock = clock;
        this.layers = layers;
        this.pager = pager;
        this.names = names;
    }

    /** The registry a request means: the one it names, or the caller's. */
    static Scope scope(@Nullable String registryId, Call call) {
        return new Scope(registryId == null ? call.account() : registryId, call.region());
    }

    static Key key(@Nullable String registryId, String name, Call call) {
        return scope(registryId, call).key(name);
    }

    static RepositoryRow require(ReadTx tx, Key repository) {
        return tx.get(EcrTables.REPOSITORIES, repository)
                .map(Row::value)
                .orElseThrow(() -> EcrFaults.noRepository(repository));
    }

    RepositoryRow require(Key repository) {
        return store.read(tx -> require(tx, repository));
    }

    RepositoryRow change(Key repository, UnaryOperator<RepositoryRow> change) {
        return store.transact(tx -> {
            RepositoryRow row = change.apply(require(tx, repository));
            tx.put(EcrTables.REPOSITORIES, repository, row);
            return row;
        });
    }

    Repository create(CreateRepositoryRequest in, Call call) {
        Key key = key(in.registryId(), in.repositoryName(), call);
        if (!NAME.matcher(in.repositoryName()).matches()) {
            throw EcrFaults.parameter(
                    "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy"
                            + " regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*''");
        }
        String mutability = in.imageTagMutability() == null ? "MUTABLE" : in.imageTagMutability();
        List<String> exclusions = exclusions(mutability, in.imageTagMutabilityExclusionFilters());
        EncryptionConfiguration encryption = in.encryptionConfiguration();
        String type = encryption == null ? "AES256" : encryption.encryptionType();
        String kmsKey = encryption == null ? null : encryption.kmsKey();
        if (kmsKey != null && type.equals("AES256")) {
            throw EcrFaults.parameter("Invalid parameter at 'encryptionConfiguration' failed to satisfy constraint:"
                    + " 'kmsKey may only be given with encryption type KMS or KMS_DSSE'");
        }
        if (kmsKey == null && !type.equals("AES256")) {
            kmsKey = Arn.of("kms", key.region(), key.account(), "alias/aws/ecr").toString();
        }
        RepositoryRow row = new RepositoryRow(
                in.repositoryName(),
                clock.instant(),
                mutability,
                exclusions,
                in.imageScanningConfiguration() != null
                        && Boolean.TRUE.equals(in.imageScanningConfiguration().scanOnPush()),
                type,
                kmsKey,
                tags(Map.of(), in.tags()),
                null,
                null,
                null);
        store.write(tx -> put(tx, key, row));
        return view(key, row, call);
    }

    static void put(WriteTx tx, Key key, RepositoryRow row) {
        if (tx.get(EcrTables.REPOSITORIES, key).isPresent()) {
            throw EcrFaults.repositoryExists(key);
        }
        tx.put(EcrTables.REPOSITORIES, key, row);
    }

    static List<String> exclusions(String mutability, List<ImageTagMutabilityExclusionFilter> filters) {
        if (mutability.endsWith(EXCLUSION) != !filters.isEmpty()) {
            throw EcrFaults.parameter("Invalid parameter at 'imageTagMutabilityExclusionFilters' failed to satisfy"
                    + " constraint: 'must be given with, and only with, IMMUTABLE_WITH_EXCLUSION or"
                    + " MUTABLE_WITH_EXCLUSION'");
        }
        filters.stream()
                .filter(each -> each.filter().chars().filter(c -> c == '*').count() > 2)
                .findAny()
                .ifPresent(each -> {
                    throw EcrFaults.parameter(
                            "Invalid parameter at 'imageTagMutabilityExclusionFilters' failed to satisfy constraint:"
                                    + " 'a filter has at most two wildcards'");
                });
        return filters.stream().map(ImageTagMutabilityExclusionFilter::filter).toList();
    }

    static List<ImageTagMutabilityExclusionFilter> filters(List<String> exclusions) {
        return exclusions.stream()
                .map(each -> new ImageTagMutabilityExclusionFilter()
                        .filterType("WILDCARD")
                        .filter(each))
                .toList();
    }

    Repository view(Key key, RepositoryRow row, Call call) {
        Repository view = new Repository()
                .repositoryArn(EcrTables.arn(key.scope(), row.name()))
                .registryId(key.account())
                .repositoryName(row.name())
                .repositoryUri(names.repository(key.scope(), call.origin().endpoint(), row.name()))
                .createdAt(row.created())
                .imageTagMutability(row.mutability())
                .imageScanningConfiguration(new ImageScanningConfiguration().scanOnPush(row.scanOnPush()))
                .encryptionConfiguration(new EncryptionConfiguration()
                        .encryptionType(row.encryption())
                        .kmsKey(row.kmsKey()));
        return row.exclusions().isEmpty() ? view : view.imageTagMutabilityExclusionFilters(filters(row.exclusions()));
    }

    DescribeRepositoriesResponse describe(DescribeRepositoriesRequest in, Call call) {
        Scope scope = scope(in.registryId(), call);
        if (!in.repositoryNames().isEmpty()) {
            if (in.nextToken() != null || in.maxResults() != null) {
                throw EcrFaults.parameter("nextToken and maxResults cannot be given with repositoryNames");
            }
            List<Repository> found = store.read(tx -> in.repositoryNames().stream()
                    .map(name -> view(scope.key(name), require(tx, scope.key(name)), call))
                    .toList());
            return new DescribeRepositoriesResponse().repositories(found);
        }
        int limit = in.maxResults() == null ? DEFAULT_PAGE : in.maxResults();
        Page<RepositoryRow> page = store.read(tx -> pager.rows(
                tx, EcrTables.REPOSITORIES, scope, row -> true, "repositories " + scope, in.nextToken(), limit));
        return new DescribeRepositoriesResponse()
                .repositories(page.items().stream()
                        .map(row -> view(scope.key(row.name()), row, call))
                        .toList())
                .nextToken(page.next());
    }

    Repository delete(DeleteRepositoryRequest in, Call call) {
        Key key = key(in.registryId(), in.repositoryName(), call);
        RepositoryRow row = require(key);
        boolean force = Boolean.TRUE.equals(in.force());
        while (!store.<Boolean>transact(tx -> {
            require(tx, key);
            if (!force && !rows(tx, EcrTables.IMAGES, key, "@", 1).isEmpty()) {
                throw EcrFaults.notEmpty(key);
            }
            return emptied(tx, key);
        })) {
            // A large repository goes in steps.
        }
        return view(key, row, call);
    }

    /** Removes some of what a repository has, and the repository once nothing is left; answers whether that was it. */
    private boolean emptied(WriteTx tx, Key key) {
        List<Row<ImageRow>> images = rows(tx, EcrTables.IMAGES, key, "@", CHUNK);
        images.forEach(each -> {
            tx.delete(EcrTables.IMAGES, each.key());
            layers.release(tx, key.account(), each.value().digest());
        });
        var tags = rows(tx, EcrTables.TAGS, key, ":", CHUNK);
        tags.forEach(each -> tx.delete(EcrTables.TAGS, each.key()));
        List<Row<LayerRow>> parts = rows(tx, EcrTables.LAYERS, key, "@", CHUNK);
        parts.forEach(each -> {
            tx.delete(EcrTables.LAYERS, each.key());
            layers.release(tx, key.account(), each.value().digest());
        });
        if (images.size() == CHUNK || tags.size() == CHUNK || parts.size() == CHUNK) {
            return false;
        }
        tx.delete(EcrTables.PREVIEWS, key);
        tx.delete(EcrTables.REPOSITORIES, key);
        return true;
    }

    static <R> List<Row<R>> rows(ReadTx tx, Table<R> table, Key repository, String mark, int limit) {
        String from = repository.id() + mark;
        String to = repository.id() + (char) (mark.charAt(0) + 1);
        return tx.range(table, repository.scope(), from, to, limit);
    }

    /** Tags as they are after adding some. */
    static Map<String, String> tags(Map<String, String> before, List<Tag> added) {
        Map<String, String> after = new LinkedHashMap<>(before);
        for (Tag tag : added) {
            if (tag.key().isEmpty() || tag.key().length() > 128 || tag.key().startsWith("aws:")) {
                throw Fault.of(
                        new InvalidTagParameterException(),
                        "The tag key '" + tag.key() + "' is not valid: 1 to 128 characters, not beginning with aws:");
            }
            if (tag.value() != null && tag.value().length() > 256) {
                throw Fault.of(new InvalidTagParameterException(), "A tag value has at most 256 characters");
            }
            after.put(tag.key(), tag.value() == null ? "" : tag.value());
        }
        if (after.size() > MOST_TAGS) {
            throw Fault.of(new TooManyTagsException(), "A repository has at most " + MOST_TAGS + " tags");
        }
        return after;
    }

    /** The repository an ARN names. */
    static Key ofArn(String arn) {
        return Arn.parse(arn)
                .filter(each -> each.service().equals("ecr")
                        && each.resource().startsWith("repository/")
                        && each.resource().length() > "repository/".length())
                .map(each ->
                        new Key(each.account(), each.region(), each.resource().substring("repository/".length())))
                .orElseThrow(
                        () -> EcrFaults.parameter(
                                "Invalid parameter at 'resourceArn' failed to satisfy constraint: 'must be a repository's ARN'"));
    }

    List<Tag> listTags(String arn) {
        return require(ofArn(arn)).tags().entrySet().stream()
                .map(each -> new Tag().key(each.getKey()).value(each.getValue()))
                .toList();
    }

    SetRepositoryPolicyResponse setPolicy(SetRepositoryPolicyRequest in, Call call) {
        Key key = key(in.registryId(), in.repositoryName(), call);
        checkPolicy(in.policyText());
        change(key, row -> row.withPolicy(in.policyText()));
        return new SetRepositoryPolicyResponse()
                .registryId(key.account())
                .repositoryName(key.id())
                .policyText(in.policyText());
    }

    static void checkPolicy(String text) {
        try {
            PolicyDocument.parse(everywhere(text, null), PolicyKind.RESOURCE);
        } catch (MalformedPolicyException e) {
            throw EcrFaults.parameter(
                    "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'");
        }
    }

    /**
     * Repositories' policies name no resource, for they stand on it; what evaluates them wants one.
     *
     * @param more a policy whose statements hold as well
     */
    private static String everywhere(String policy, @Nullable String more) {
        Map<String, @Nullable Object> root = Json.object(policy).orElse(null);
        if (root == null) {
            return policy;
        }
        List<Object> all = new ArrayList<>();
        for (Object each : statements(root)) {
            if (each instanceof Map<?, ?> statement
                    && !statement.containsKey("Resource")
                    && !statement.containsKey("NotResource")) {
                Map<Object, @Nullable Object> open = new LinkedHashMap<>(statement);
                open.put("Resource", "*");
                all.add(open);
            } else {
                all.add(each);
            }
        }
        if (more != null) {
            Json.object(more).ifPresent(other -> all.addAll(statements(other)));
        }
        Map<String, @Nullable Object> merged = new LinkedHashMap<>(root);
        merged.put("Statement", all);
        return Json.write(merged);
    }

    private static List<Object> statements(Map<String, @Nullable Object> policy) {
        Object statements = policy.get("Statement");
        List<Object> found = new ArrayList<>();
        if (statements instanceof List<?> list) {
            list.forEach(found::add);
        } else if (statements != null) {
            found.add(statements);
        }
        return found;
    }

    GetRepositoryPolicyResponse policy(GetRepositoryPolicyRequest in, Call call) {
        Key key = key(in.registryId(), in.repositoryName(), call);
        return new GetRepositoryPolicyResponse()
                .registryId(key.account())
                .repositoryName(key.id())
                .policyText(policyOf(key, require(key)));
    }

    DeleteRepositoryPolicyResponse deletePolicy(DeleteRepositoryPolicyRequest in, Call call) {
        Key key = key(in.registryId(), in.repositoryName(), call);
        String before = store.transact(tx -> {
            RepositoryRow row = require(tx, key);
            String policy = policyOf(key, row);
            tx.put(EcrTables.REPOSITORIES, key, row.withPolicy(null));
            return policy;
        });
        return new DeleteRepositoryPolicyResponse()
                .registryId(key.account())
                .repositoryName(key.id())
                .policyText(before);
    }

    private static String policyOf(Key key, RepositoryRow row) {
        if (row.policy() == null) {
            throw Fault.of(
                    new RepositoryPolicyNotFoundException(),
                    "Repository policy does not exist for the repository with name '" + key.id()
                            + "' in the registry with id '" + key.account() + "'");
        }
        return row.policy();
    }

    /**
     * Who a repository belongs to, and what opens it: its own policy and its registry's together. Where the registry has
     * a policy, that holds for repositories too which are not there yet.
     */
    @Override
    public Optional<Owned> find(String resourceArn) {
        Optional<Arn> arn =
                Arn.parse(resourceArn).filter(each -> each.resource().startsWith("repository/"));
        if (arn.isEmpty() || arn.get().resource().length() == "repository/".length()) {
            return Optional.empty();
        }
        Key key = ofArn(resourceArn);
        return store.read(tx -> {
            String registry = Images.registry(tx, key.scope()).policy();
            Optional<RepositoryRow> row = tx.get(EcrTables.REPOSITORIES, key).map(Row::value);
            if (row.isEmpty()) {
                return registry == null ? Optional.empty() : Optional.of(new Owned(key.account(), registry));
            }
            String own = row.get().policy();
            return Optional.of(new Owned(
                    key.account(),
                    own == null ? registry : everywhere(own, registry),
                    row.get().tags()));
        });
    }
}
