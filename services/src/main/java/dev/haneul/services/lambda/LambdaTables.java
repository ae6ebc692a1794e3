package dev.haneul.services.lambda;

import dev.haneul.api.lambda.AliasConfiguration;
import dev.haneul.api.lambda.CodeSigningConfig;
import dev.haneul.api.lambda.Cors;
import dev.haneul.api.lambda.EventSourceMappingConfiguration;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.Topic;
import dev.haneul.services.lambda.code.CodeStore;
import dev.haneul.storage.BlobRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Durable state of the room: records and the tables they are in. */
final class LambdaTables {
    static final String CODE_INDEX = "code";
    static final String URL_INDEX = "url";
    static final String SOURCE_INDEX = "source";
    static final String RESERVED_INDEX = "reserved";
    static final String RESERVED = "yes";
    static final String SIGNING_INDEX = "signing";

    /** By function name. */
    static final Table<Function> FUNCTIONS = Table.of(
            "lambda.function",
            RecordCodecs.of(Function.class),
            new Table.Index<>(CODE_INDEX, function -> function.code.folders()),
            new Table.Index<>(
                    RESERVED_INDEX, function -> function.reservedConcurrency == null ? List.of() : List.of(RESERVED)));

    /** By {@link #versionId}. */
    static final Table<Version> VERSIONS = Table.of(
            "lambda.version",
            RecordCodecs.of(Version.class),
            new Table.Index<>(CODE_INDEX, version -> version.code.folders()));

    /** By name. */
    static final Table<Layer> LAYERS = Table.of("lambda.layer", RecordCodecs.of(Layer.class));

    /** By {@link #versionId}. */
    static final Table<LayerVersion> LAYER_VERSIONS = Table.of(
            "lambda.layer_version",
            RecordCodecs.of(LayerVersion.class),
            new Table.Index<>(CODE_INDEX, version -> version.code.folders()));

    /** By {@code name:alias}. */
    static final Table<Alias> ALIASES = Table.of("lambda.alias", RecordCodecs.of(Alias.class));

    /** By {@code name} or {@code name:qualifier}. */
    static final Table<Policy> POLICIES = Table.of("lambda.policy", RecordCodecs.of(Policy.class));

    /** By {@code name:qualifier}. */
    static final Table<InvokeConfig> INVOKE_CONFIGS =
            Table.of("lambda.invoke_config", RecordCodecs.of(InvokeConfig.class));

    /** Function URLs, by {@code name:} or {@code name:alias}; found by their id too. */
    static final Table<Url> URLS =
            Table.of("lambda.url", RecordCodecs.of(Url.class), new Table.Index<>(URL_INDEX, url -> List.of(url.id)));

    /** Event source mappings, by UUID; found by their source too. */
    static final Table<Mapping> MAPPINGS = Table.of(
            "lambda.mapping",
            RecordCodecs.of(Mapping.class),
            new Table.Index<>(
                    SOURCE_INDEX, mapping -> List.of(String.valueOf(mapping.configuration.eventSourceArn()))));

    /** Provisioned concurrency, by {@code name:qualifier}. */
    static final Table<Reservation> PROVISIONED = Table.of("lambda.provisioned", RecordCodecs.of(Reservation.class));

    /** What is set beside configurations, by function name; found by the code signing configuration too. */
    static final Table<FunctionSettings> SETTINGS = Table.of(
            "lambda.settings",
            RecordCodecs.of(FunctionSettings.class),
            new Table.Index<>(
                    SIGNING_INDEX, settings -> settings.signing == null ? List.of() : List.of(settings.signing)));

    /** The interfaces that functions share in VPCs, by {@code subnet:groups}. */
    static final Table<SharedInterface> INTERFACES =
            Table.of("lambda.interface", RecordCodecs.of(SharedInterface.class));

    /** Code signing configurations, by id. */
    static final Table<SigningConfig> SIGNING_CONFIGS =
            Table.of("lambda.signing_config", RecordCodecs.of(SigningConfig.class));

    /** Accepted asynchronous events, by {@link #eventId}: in the order they are due. */
    static final Table<Event> EVENTS = Table.of("lambda.event", RecordCodecs.of(Event.class));

    /** What every invocation used and how it ended, for meters and demonstrations. */
    static final Topic<InvocationFact> INVOCATIONS =
            new Topic<>("lambda.invocation", RecordCodecs.of(InvocationFact.class));

    /** What every environment used, told at its end. */
    static final Topic<WorkloadFact> WORKLOADS = new Topic<>("lambda.workload", RecordCodecs.of(WorkloadFact.class));

    private static final List<Table<?>> OWN = List.of(
            FUNCTIONS,
            VERSIONS,
            LAYERS,
            LAYER_VERSIONS,
            ALIASES,
            POLICIES,
            INVOKE_CONFIGS,
            URLS,
            MAPPINGS,
            PROVISIONED,
            SETTINGS,
            SIGNING_CONFIGS,
            INTERFACES,
            EVENTS);
    static final List<Table<?>> TABLES =
            Stream.concat(OWN.stream(), DurableTables.TABLES.stream()).toList();
    static final List<Topic<?>> TOPICS = List.of(INVOCATIONS, WORKLOADS);

    private LambdaTables() {}

    /**
     * A package.
     *
     * @param id names its content; see {@link dev.haneul.services.lambda.code.CodeStore}
     * @param blob its zip
     * @param layers what stands beside it at {@code /opt}, in order; they have no layers of their own
     * @param image what is known of a container image; null for zips
     */
    record Code(
            String id,
            BlobRef blob,
            @Nullable List<Code> layers,
            @Nullable Image image) {
        /** A zip. */
        Code(String id, BlobRef blob, @Nullable List<Code> layers) {
            this(id, blob, layers, null);
        }

        Code {
            layers = layers == null ? List.of() : List.copyOf(layers);
        }

        @Override
        public List<Code> layers() {
            return layers == null ? List.of() : layers;
        }

        Code withLayers(List<Code> others) {
            return new Code(id, blob, others, image);
        }

        /** Every unpacked folder that this needs. */
        List<String> folders() {
            List<String> folders = new ArrayList<>(List.of(id));
            List<String> beside = layers().stream().map(Code::id).toList();
            folders.addAll(beside);
            if (beside.size() > 1) {
                folders.add(CodeStore.mergedId(beside));
            }
            return folders;
        }
    }

    /**
     * A container image.
     *
     * @param uri as it was named
     * @param resolved with its digest
     */
    record Image(
            String uri,
            String resolved,
            List<String> entryPoint,
            List<String> command,
            String workingDirectory,
            List<String> environment) {}

    /** A layer. @param lastVersion the highest number given so far; numbers are never given twice */
    record Layer(long lastVersion) {}

    /** A version of a layer: all but its policy never changes. */
    record LayerVersion(
            String description,
            List<String> runtimes,
            List<String> architectures,
            String license,
            Code code,
            String sha256,
            long bytes,
            Instant createdAt,
            String policyRevision,
            List<Statement> statements) {
        LayerVersion with(String newRevision, List<Statement> newStatements) {
            return new LayerVersion(
                    description,
                    runtimes,
                    architectures,
                    license,
                    code,
                    sha256,
                    bytes,
                    createdAt,
                    newRevision,
                    newStatements);
        }
    }

    /**
     * A function: its unpublished state, and what all its versions share.
     *
     * @param latest as GetFunctionConfiguration answers it, with the unqualified ARN
     * @param lastVersion the highest number published so far, 0 for none
     * @param reservedConcurrency null where it shares the account's
     * @param sealed its variables, encrypted; null where they stand in the configuration
     */
    record Function(
            FunctionConfiguration latest,
            Code code,
            long lastVersion,
            Map<String, String> tags,
            @Nullable Integer reservedConcurrency,
            Instant createdAt,
            @Nullable String sealed) {
        Function with(FunctionConfiguration configuration, Code newCode) {
            return new Function(configuration, newCode, lastVersion, tags, reservedConcurrency, createdAt, sealed);
        }

        Function withLastVersion(FunctionConfiguration configuration, long version) {
            return new Function(configuration, code, version, tags, reservedConcurrency, createdAt, sealed);
        }

        Function withTags(Map<String, String> newTags) {
            return new Function(latest, code, lastVersion, newTags, reservedConcurrency, createdAt, sealed);
        }

        Function withReserved(@Nullable Integer reserved) {
            return new Function(latest, code, lastVersion, tags, reserved, createdAt, sealed);
        }

        Function withSealed(@Nullable String variables) {
            return new Function(latest, code, lastVersion, tags, reservedConcurrency, createdAt, variables);
        }
    }

    /** A published version; it never changes. */
    record Version(
            FunctionConfiguration configuration,
            Code code,
            @Nullable String sealed) {}

    /**
     * What is set beside a function's configuration; null for AWS's defaults.
     *
     * @param signing the ARN of its code signing configuration
     * @param runtimes by version
     */
    record FunctionSettings(
            @Nullable String recursiveLoop, @Nullable String signing, Map<String, RuntimeManagement> runtimes) {
        FunctionSettings withRecursiveLoop(String wanted) {
            return new FunctionSettings(wanted, signing, runtimes);
        }

        FunctionSettings withSigning(@Nullable String arn) {
            return new FunctionSettings(recursiveLoop, arn, runtimes);
        }

        FunctionSettings withRuntimes(Map<String, RuntimeManagement> all) {
            return new FunctionSettings(recursiveLoop, signing, all);
        }
    }

    /**
     * An interface in a VPC.
     *
     * @param function that it was made for
     * @param token tells a call that makes it again from a new one
     * @param id empty until it is made
     */
    record SharedInterface(String function, String token, String id) {}

    /** When the runtime of a version is updated. */
    record RuntimeManagement(
            String updateRuntimeOn, @Nullable String runtimeVersionArn) {}

    /** A code signing configuration. */
    record SigningConfig(CodeSigningConfig configuration, Map<String, String> tags) {}

    /** A name for a version. */
    record Alias(AliasConfiguration configuration) {}

    /**
     * Who else may use a function.
     *
     * @param statements in the order they were added
     */
    record Policy(String revisionId, List<Statement> statements) {}

    /**
     * A statement of a policy.
     *
     * @param json as AWS forms it
     */
    record Statement(String sid, String json) {}

    /** How asynchronous events are treated; null for AWS's default. */
    record InvokeConfig(
            @Nullable Integer maximumRetryAttempts,
            @Nullable Integer maximumEventAgeSeconds,
            Instant lastModified,
            @Nullable String onSuccess,
            @Nullable String onFailure) {
        /** Without destinations. */
        InvokeConfig(
                @Nullable Integer maximumRetryAttempts,
                @Nullable Integer maximumEventAgeSeconds,
                Instant lastModified) {
            this(maximumRetryAttempts, maximumEventAgeSeconds, lastModified, null, null);
        }
    }

    /**
     * A function URL.
     *
     * @param id the first label of its host
     * @param qualifier an alias; empty for none
     */
    record Url(
            String id,
            String function,
            String qualifier,
            String authType,
            String invokeMode,
            @Nullable Cors cors,
            Instant createdAt,
            Instant modifiedAt) {}

    /**
     * An event source mapping.
     *
     * @param qualifier a version or an alias; empty for none
     * @param enabled what it shall be
     */
    record Mapping(
            EventSourceMappingConfiguration configuration,
            String function,
            String qualifier,
            boolean enabled,
            Map<String, String> tags) {
        Mapping with(EventSourceMappingConfiguration other) {
            return new Mapping(other, function, qualifier, enabled, tags);
        }

        Mapping withTags(Map<String, String> others) {
            return new Mapping(configuration, function, qualifier, enabled, others);
        }

        FunctionRef ref(Key key) {
            return new FunctionRef(key.account(), key.region(), function, qualifier.isEmpty() ? null : qualifier);
        }
    }

    /** How many environments of a version or an alias are kept ready. */
    record Reservation(int requested, Instant lastModified) {}

    /**
     * An event that was accepted and not yet dealt with.
     *
     * @param qualifier as invoked, empty for none
     * @param payload null for none
     * @param clientContext JSON, null for none
     * @param failures how often the function failed with it
     * @param throttles how often it could not be run, since the function last failed with it
     * @param tenant whom it is for; null where tenants are not told apart
     */
    record Event(
            String function,
            String qualifier,
            String requestId,
            @Nullable BlobRef payload,
            @Nullable String clientContext,
            String traceId,
            Instant acceptedAt,
            Instant dueAt,
            int failures,
            int throttles,
            @Nullable String tenant) {}

    /**
     * One invocation, when it was over.
     *
     * @param type {@code RequestResponse} or {@code Event}
     * @param start {@code cold} or {@code warm}; empty where no environment was reached
     * @param outcome {@code success}, {@code error}, {@code timeout}, {@code exit}, {@code out_of_memory}, {@code
     *     throttle}, {@code refused}
     * @param attempt 1 for the first
     * @param dropped whether the event was given up after it
     * @param extensionsMicros how long extensions worked on after it
     */
    record InvocationFact(
            String functionArn,
            String version,
            String requestId,
            String type,
            String start,
            String outcome,
            int attempt,
            boolean dropped,
            Instant at,
            long durationMicros,
            long initMicros,
            long billedMillis,
            int memoryMib,
            long peakMemoryMib,
            String architecture,
            String logGroup,
            long extensionsMicros) {}

    /**
     * What one environment has used from its start to its end.
     *
     * @param workload the engine's name for it
     * @param start {@code cold}, or {@code ahead} where its runtime was booted before its function was known
     * @param wallMillis from the runtime's start to its end
     * @param bytesIn what it was sent over the Runtime API and the region's endpoint
     * @param bytesOut what it sent there
     */
    record WorkloadFact(
            String function,
            String version,
            String workload,
            String start,
            Instant startedAt,
            long wallMillis,
            long cpuMicros,
            long peakMemoryBytes,
            long bytesIn,
            long bytesOut,
            int memoryMib) {}

    /** Versions of a function in the order of their numbers. */
    static String versionId(String function, long version) {
        return function + ":" + String.format("%012d", version);
    }

    /** Events of a function in the order they are due. */
    static String eventId(String function, Instant dueAt, String requestId) {
        return function + ":" + String.format("%015d", dueAt.toEpochMilli()) + ":" + requestId;
    }
}
