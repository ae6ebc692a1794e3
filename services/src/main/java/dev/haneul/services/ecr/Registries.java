package dev.haneul.services.ecr;

import dev.haneul.api.ecr.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.policy.MalformedPolicyException;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ecr.EcrTables.RegistryRow;
import dev.haneul.services.ecr.EcrTables.RepositoryRow;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What holds for a whole registry: its policy, where images are copied to, what is scanned, and account settings. */
final class Registries {
    static final String MOUNTING = "BLOB_MOUNTING";
    private static final Map<String, Set<String>> SETTINGS = Map.of(
            "BASIC_SCAN_TYPE_VERSION",
            Set.of("AWS_NATIVE", "CLAIR"),
            "REGISTRY_POLICY_SCOPE",
            Set.of("V1", "V2"),
            MOUNTING,
            Set.of("ENABLED", "DISABLED"));
    private static final Map<String, String> DEFAULTS =
            Map.of("BASIC_SCAN_TYPE_VERSION", "AWS_NATIVE", "REGISTRY_POLICY_SCOPE", "V2", MOUNTING, "DISABLED");
    private static final int MOST_EXCLUSIONS = 100;
    private static final int MOST_DESTINATIONS = 25;

    private final Store store;
    private final Clock clock;
    private final Templates templates;
    private final Permissions permissions;

    Registries(Store store, Clock clock, Templates templates, Permissions permissions) {
        this.store = store;
        this.clock = clock;
        this.templates = templates;
        this.permissions = permissions;
    }

    private static Scope here(Call call) {
        return new Scope(call.account(), call.region());
    }

    private RegistryRow read(Call call) {
        return store.read(tx -> Images.registry(tx, here(call)));
    }

    private void change(Call call, UnaryOperator<RegistryRow> change) {
        Scope scope = here(call);
        store.write(tx -> put(tx, scope, change.apply(Images.registry(tx, scope))));
    }

    private static void put(WriteTx tx, Scope scope, RegistryRow row) {
        tx.put(EcrTables.REGISTRIES, scope.key(EcrTables.REGISTRY), row);
    }

    /** Whether layers are shared between this registry's repositories when a client asks for it. */
    boolean mounts(Scope scope) {
        return store.read(tx -> Images.registry(tx, scope))
                .settings()
                .getOrDefault(MOUNTING, "DISABLED")
                .equals("ENABLED");
    }

    /** Creates the repository that is pushed to where a template says so, it is missing, and the caller may. */
    void createOnPush(Key repository, Call call) {
        boolean there =
                store.read(tx -> tx.get(EcrTables.REPOSITORIES, repository).isPresent());
        if (there || templates.applied(repository, "CREATE_ON_PUSH").isEmpty()) {
            return;
        }
        permissions.require(call, "ecr:CreateRepository", EcrTables.arn(repository.scope(), repository.id()), Map.of());
        store.write(tx -> create(tx, repository, "CREATE_ON_PUSH"));
    }

    /** Makes a repository as the template for this purpose has it, or with what is usual. */
    void create(WriteTx tx, Key repository, String purpose) {
        if (tx.get(EcrTables.REPOSITORIES, repository).isEmpty()) {
            RepositoryRow row = Templates.row(tx, repository, purpose, clock.instant());
            tx.put(EcrTables.REPOSITORIES, repository, row);
        }
    }

    PutRegistryPolicyResponse putPolicy(PutRegistryPolicyRequest in, Call call) {
        try {
            PolicyDocument.parse(in.policyText(), PolicyKind.RESOURCE);
        } catch (MalformedPolicyException e) {
            throw EcrFaults.parameter(
                    "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid registry"
                            + " policy provided'");
        }
        change(call, row -> row.withPolicy(in.policyText()));
        return new PutRegistryPolicyResponse().registryId(call.account()).policyText(in.policyText());
    }

    private static String policy(RegistryRow row, Call call) {
        if (row.policy() == null) {
            throw Fault.of(
                    new RegistryPolicyNotFoundException(),
                    "Registry policy does not exist in the registry with id '" + call.account() + "'");
        }
        return row.policy();
    }

    GetRegistryPolicyResponse policy(Call call) {
        return new GetRegistryPolicyResponse().registryId(call.account()).policyText(policy(read(call), call));
    }

    DeleteRegistryPolicyResponse deletePolicy(Call call) {
        Scope scope = here(call);
        String before = store.transact(tx -> {
            RegistryRow row = Images.registry(tx, scope);
            String policy = policy(row, call);
            put(tx, scope, row.withPolicy(null));
            return policy;
        });
        return new DeleteRegistryPolicyResponse().registryId(call.account()).policyText(before);
    }

    DescribeRegistryResponse describe(Call call) {
        ReplicationConfiguration replication = read(call).replication();
        return new DescribeRegistryResponse()
                .registryId(call.account())
                .replicationConfiguration(
                        replication == null ? new ReplicationConfiguration().rules(List.of()) : replication);
    }

    PutReplicationConfigurationResponse replicate(PutReplicationConfigurationRequest in, Call call) {
        ReplicationConfiguration configuration = in.replicationConfiguration();
        long destinations = configuration.rules().stream()
                .flatMap(rule -> rule.destinations().stream())
                .distinct()
                .count();
        if (destinations > MOST_DESTINATIONS) {
            throw EcrFaults.parameter("Invalid parameter at 'replicationConfiguration' failed to satisfy constraint:"
                    + " 'at most " + MOST_DESTINATIONS + " unique destinations'");
        }
        boolean itself = configuration.rules().stream()
                .flatMap(rule -> rule.destinations().stream())
                .anyMatch(each ->
                        each.region().equals(call.region()) && each.registryId().equals(call.account()));
        if (itself) {
            throw EcrFaults.parameter("Invalid parameter at 'replicationConfiguration' failed to satisfy constraint:"
                    + " 'Replication destination cannot be the same as source registry'");
        }
        change(call, row -> row.replicating(configuration));
        return new PutReplicationConfigurationResponse().replicationConfiguration(configuration);
    }

    RegistryScanningConfiguration scanning(Call call) {
        return scanning(read(call));
    }

    static RegistryScanningConfiguration scanning(RegistryRow row) {
        RegistryScanningConfiguration scanning = row.scanning();
        return scanning == null
                ? new RegistryScanningConfiguration().scanType("BASIC").rules(List.of())
                : scanning;
    }

    RegistryScanningConfiguration scan(PutRegistryScanningConfigurationRequest in, Call call) {
        String type = in.scanType() == null ? "BASIC" : in.scanType();
        if (type.equals("ENHANCED")) {
            throw Fault.server(
                    "NotImplemented", 501, "ecr: enhanced scanning (Amazon Inspector) is not implemented by Haneul.");
        }
        if (in.rules().stream().anyMatch(rule -> rule.scanFrequency().equals("CONTINUOUS_SCAN"))) {
            throw EcrFaults.parameter("Invalid parameter at 'rules' failed to satisfy constraint: 'CONTINUOUS_SCAN is"
                    + " only supported for ENHANCED scan type'");
        }
        RegistryScanningConfiguration configuration =
                new RegistryScanningConfiguration().scanType(type).rules(in.rules());
        change(call, row -> row.scanning(configuration));
        return configuration;
    }

    /** Whether a push into a repository is scanned, by its own setting or the registry's. */
    static boolean scansOnPush(ReadTx tx, Scope scope, RepositoryRow repository) {
        return repository.scanOnPush()
                || scanning(Images.registry(tx, scope)).rules().stream()
                        .filter(rule -> rule.scanFrequency().equals("SCAN_ON_PUSH"))
                        .flatMap(rule -> rule.repositoryFilters().stream())
                        .anyMatch(filter -> Wildcards.matches(filter.filter(), repository.name()));
    }

    BatchGetRepositoryScanningConfigurationResponse scanning(
            BatchGetRepositoryScanningConfigurationRequest in, Call call) {
        Scope scope = here(call);
        return store.read(tx -> {
            List<RepositoryScanningConfiguration> found = new java.util.ArrayList<>();
            List<RepositoryScanningConfigurationFailure> failures = new java.util.ArrayList<>();
            for (String name : in.repositoryNames()) {
                RepositoryRow row = tx.get(EcrTables.REPOSITORIES, scope.key(name))
                        .map(each -> each.value())
                        .orElse(null);
                if (row == null) {
                    failures.add(new RepositoryScanningConfigurationFailure()
                            .repositoryName(name)
                            .failureCode("REPOSITORY_NOT_FOUND")
                            .failureReason(
                                    EcrFaults.noRepository(scope.key(name)).message()));
                    continue;
                }
                boolean onPush = scansOnPush(tx, scope, row);
                found.add(new RepositoryScanningConfiguration()
                        .repositoryArn(EcrTables.arn(scope, name))
                        .repositoryName(name)
                        .scanOnPush(onPush)
                        .scanFrequency(onPush ? "SCAN_ON_PUSH" : "MANUAL")
                        .appliedScanFilters(List.of()));
            }
            return new BatchGetRepositoryScanningConfigurationResponse()
                    .scanningConfigurations(found)
                    .failures(failures);
        });
    }

    private static String known(String name) {
        if (!SETTINGS.containsKey(name)) {
            throw EcrFaults.parameter("Invalid parameter at 'name' failed to satisfy constraint: 'Member must satisfy"
                    + " enum value set: " + SETTINGS.keySet().stream().sorted().toList() + "'");
        }
        return name;
    }

    GetAccountSettingResponse setting(GetAccountSettingRequest in, Call call) {
        String name = known(in.name());
        return new GetAccountSettingResponse()
                .name(name)
                .value(read(call).settings().getOrDefault(name, DEFAULTS.getOrDefault(name, "")));
    }

    PutAccountSettingResponse set(PutAccountSettingRequest in, Call call) {
        Set<String> values = SETTINGS.getOrDefault(known(in.name()), Set.of());
        if (!values.contains(in.value())) {
            throw EcrFaults.parameter("Invalid parameter at 'value' failed to satisfy constraint: 'Member must satisfy"
                    + " enum value set: " + values.stream().sorted().toList() + "'");
        }
        change(call, row -> {
            Map<String, String> settings = new LinkedHashMap<>(row.settings());
            settings.put(in.name(), in.value());
            return row.with(settings);
        });
        return new PutAccountSettingResponse().name(in.name()).value(in.value());
    }

    RegisterPullTimeUpdateExclusionResponse exclude(RegisterPullTimeUpdateExclusionRequest in, Call call) {
        Instant now = clock.instant();
        change(call, row -> {
            if (row.pullExclusions().containsKey(in.principalArn())) {
                throw Fault.of(
                        new ExclusionAlreadyExistsException(),
                        "An exclusion for the principal '" + in.principalArn() + "' already exists");
            }
            if (row.pullExclusions().size() >= MOST_EXCLUSIONS) {
                throw EcrFaults.limit("A registry has at most " + MOST_EXCLUSIONS + " pull time update exclusions");
            }
            Map<String, Instant> all = new LinkedHashMap<>(row.pullExclusions());
            all.put(in.principalArn(), now);
            return row.excluding(all);
        });
        return new RegisterPullTimeUpdateExclusionResponse()
                .principalArn(in.principalArn())
                .createdAt(now);
    }

    void include(@Nullable String principal, Call call) {
        change(call, row -> {
            Map<String, Instant> all = new LinkedHashMap<>(row.pullExclusions());
            if (principal == null || all.remove(principal) == null) {
                throw Fault.of(
                        new ExclusionNotFoundException(),
                        "There is no exclusion for the principal '" + principal + "'");
            }
            return row.excluding(all);
        });
    }

    List<String> exclusions(Call call) {
        return read(call).pullExclusions().keySet().stream().sorted().toList();
    }
}
