package dev.haneul.services.lambda;

import dev.haneul.api.lambda.CreateFunctionRequest;
import dev.haneul.api.lambda.EnvironmentResponse;
import dev.haneul.api.lambda.EphemeralStorage;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.LoggingConfig;
import dev.haneul.api.lambda.RuntimeVersionConfig;
import dev.haneul.api.lambda.TracingConfigResponse;
import dev.haneul.api.lambda.VpcConfigResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.LambdaTables.Code;
import dev.haneul.services.lambda.LambdaTables.Function;
import dev.haneul.services.lambda.code.CodeStore.Staged;
import dev.haneul.services.lambda.image.OciImage;
import dev.haneul.services.lambda.run.JavaTrainer;
import dev.haneul.services.lambda.runtimes.RuntimeName;
import dev.haneul.services.lambda.runtimes.Runtimes;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code lambda:CreateFunction}. The package is fetched, checked and unpacked before the function exists, so it is
 * {@code Active} from the start and never half-made.
 */
final class CreateFunction {
    /** Parameters that stand in the API and are not built. */
    static final Set<String> UNBUILT = Set.of("FileSystemConfigs", "CapacityProviderConfig", "PublishTo");

    private final Store store;
    private final Clock clock;
    private final CodeSource source;
    private final Runtimes runtimes;
    private final JavaTrainer trainer;
    private final Roles roles;
    private final LayerChoice layers;
    private final DestinationRules destinations;
    private final CodeSigning signing;
    private final SealedVariables variables;
    private final Images images;
    private final VpcInterfaces networks;
    private final Consumer<FunctionRef> made;

    /** @param made hears of each new function */
    CreateFunction(Store store, Clock clock, Deployment with, Consumer<FunctionRef> made) {
        this.store = store;
        this.clock = clock;
        this.source = with.source();
        this.runtimes = with.runtimes();
        this.trainer = with.trainer();
        this.roles = with.roles();
        this.layers = with.layers();
        this.destinations = with.destinations();
        this.signing = with.signing();
        this.variables = with.variables();
        this.images = with.images();
        this.networks = with.networks();
        this.made = made;
    }

    FunctionConfiguration create(CreateFunctionRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        RuntimeName runtime = check(in);
        String uri = in.code().imageUri();
        OciImage image = Images.is(in.packageType()) && uri != null ? images.find(uri, ref, call) : null;
        refuseTaken(ref);
        roles.requireAssumable(in.role(), ref);
        destinations.check(in.deadLetterConfig(), ref, in.role());
        VpcConfigResponse inside = networks.check(in.vpcConfig(), ref, in.role());
        store.read(tx -> {
            signing.requireSigned(tx, in.codeSigningConfigArn(), ref.name(), call);
            return true;
        });
        LayerChoice.Chosen chosen = layers.of(in.layers(), call);
        FunctionConfiguration answer;
        try (Staged staged = image == null || uri == null ? source.stage(in.code(), call) : images.stage(image, uri)) {
            FunctionConfiguration configuration = configuration(in, ref, runtime, staged);
            VpcInterfaces.create(configuration, inside);
            if (!chosen.shown().isEmpty()) {
                configuration.layers(chosen.shown());
            }
            Code code = new Code(
                    staged.id(),
                    staged.blob(),
                    chosen.codes(),
                    image == null || uri == null ? null : Images.kept(uri, image));
            source.requireFits(code);
            String sealed = sealed(in, ref, configuration, call);
            answer = store.transact(tx -> commit(tx, ref, in, configuration, code, sealed));
        } catch (IOException e) {
            throw Problems.service("The package could not be stored: " + e.getMessage());
        }
        if (inside != null) {
            networks.changed(ref);
        }
        made.accept(ref);
        return answer.environment(shown(in));
    }

    private static @Nullable EnvironmentResponse shown(CreateFunctionRequest in) {
        return in.environment() == null || !in.environment().hasVariables()
                ? null
                : new EnvironmentResponse().variables(in.environment().variables());
    }

    /** Encrypts the variables where a key is named, and takes them out of what is kept in clear. */
    private @Nullable String sealed(
            CreateFunctionRequest in, FunctionRef ref, FunctionConfiguration configuration, Call call) {
        if (in.kmsKeyArn() == null || in.kmsKeyArn().isEmpty()) {
            return null;
        }
        configuration.kmsKeyArn(in.kmsKeyArn());
        EnvironmentResponse clear = configuration.environment();
        if (clear == null) {
            return null;
        }
        configuration.environment(null);
        return variables.seal(clear.variables(), in.kmsKeyArn(), in.role(), ref, call);
    }

    private @Nullable RuntimeName check(CreateFunctionRequest in) {
        Functions.refuseUnbuilt(in, UNBUILT);
        boolean image = Images.is(in.packageType());
        if (image) {
            Images.check(in);
        }
        String runtime = in.runtime();
        if (!image && (runtime == null || in.handler() == null || in.handler().isEmpty())) {
            throw Problems.invalid(
                    "Runtime and Handler are mandatory parameters for functions created with deployment packages.");
        }
        ConfigurationRules.memory(in.memorySize());
        ConfigurationRules.timeout(in.timeout());
        ConfigurationRules.ephemeral(in.ephemeralStorage());
        ConfigurationRules.architectures(in.architectures());
        ConfigurationRules.built(in.tracingConfig(), in.loggingConfig());
        if (in.environment() != null) {
            ConfigurationRules.variables(in.environment().variables());
        }
        Tags.check(in.tags());
        Tenants.check(in.tenancyConfig());
        return runtime == null ? null : ConfigurationRules.runtime(runtime, runtimes, trainer);
    }

    private void refuseTaken(FunctionRef ref) {
        if (store.read(tx -> tx.get(LambdaTables.FUNCTIONS, ref.key())).isPresent()) {
            throw Problems.conflict("Function already exist: " + ref.name());
        }
    }

    private FunctionConfiguration configuration(
            CreateFunctionRequest in, FunctionRef ref, @Nullable RuntimeName runtime, Staged staged) {
        FunctionConfiguration made = new FunctionConfiguration()
                .functionName(ref.name())
                .functionArn(ref.arn())
                .runtime(runtime == null ? null : runtime.name())
                .role(in.role())
                .handler(in.handler())
                .description(Functions.or(in.description(), ""))
                .timeout(Functions.or(in.timeout(), ConfigurationRules.DEFAULT_TIMEOUT_SECONDS))
                .memorySize(Functions.or(in.memorySize(), ConfigurationRules.DEFAULT_MEMORY_MIB))
                .version(FunctionRef.LATEST)
                .packageType(runtime == null ? Images.PACKAGE_TYPE : "Zip")
                .imageConfigResponse(runtime == null ? Images.shown(in.imageConfig()) : null)
                .architectures(in.architectures().isEmpty() ? List.of("x86_64") : in.architectures())
                .ephemeralStorage(Functions.or(
                        in.ephemeralStorage(), new EphemeralStorage().size(ConfigurationRules.DEFAULT_EPHEMERAL_MIB)))
                .tracingConfig(new TracingConfigResponse().mode("PassThrough"))
                .snapStart(SnapStarts.setting(in.snapStart(), runtime))
                .loggingConfig(logging(ref, in.loggingConfig()))
                .durableConfig(DurableRules.created(in.durableConfig()))
                .runtimeVersionConfig(runtime == null ? null : runtimeVersion(ref, runtime))
                .state("Active")
                .lastUpdateStatus("Successful");
        if (DestinationRules.target(in.deadLetterConfig()) != null) {
            made.deadLetterConfig(in.deadLetterConfig());
        }
        if (in.tenancyConfig() != null) {
            made.tenancyConfig(in.tenancyConfig());
        }
        if (in.environment() != null && in.environment().hasVariables()) {
            made.environment(
                    new EnvironmentResponse().variables(in.environment().variables()));
        }
        return code(touched(made, clock.instant()), staged);
    }

    private FunctionConfiguration commit(
            WriteTx tx,
            FunctionRef ref,
            CreateFunctionRequest in,
            FunctionConfiguration made,
            Code code,
            @Nullable String sealed) {
        if (tx.get(LambdaTables.FUNCTIONS, ref.key()).isPresent()) {
            throw Problems.conflict("Function already exist: " + ref.name());
        }
        source.keep(tx, ref, code);
        Function function = new Function(made, code, 0, in.tags(), null, clock.instant(), sealed);
        tx.put(LambdaTables.FUNCTIONS, ref.key(), function);
        String signed = in.codeSigningConfigArn();
        if (signed != null && !signed.isEmpty()) {
            tx.put(
                    LambdaTables.SETTINGS,
                    ref.key(),
                    new LambdaTables.FunctionSettings(null, signed, java.util.Map.of()));
        }
        if (!Boolean.TRUE.equals(in.publish())) {
            return Functions.answer(ref, made);
        }
        return Functions.copy(Versions.publish(tx, ref, function, null, source, clock.instant()))
                .functionArn(ref.arn());
    }

    /** What every answer has of the log's settings. */
    static LoggingConfig logging(FunctionRef ref, @Nullable LoggingConfig wanted) {
        String group = wanted == null ? null : wanted.logGroup();
        LoggingConfig made =
                new LoggingConfig().logFormat("Text").logGroup(group == null ? "/aws/lambda/" + ref.name() : group);
        if (wanted != null && "JSON".equals(wanted.logFormat())) {
            made.logFormat("JSON")
                    .applicationLogLevel(Functions.or(wanted.applicationLogLevel(), "INFO"))
                    .systemLogLevel(Functions.or(wanted.systemLogLevel(), "INFO"));
        }
        return made;
    }

    static RuntimeVersionConfig runtimeVersion(FunctionRef ref, RuntimeName runtime) {
        String digest = Digests.hex(runtime.name());
        return new RuntimeVersionConfig().runtimeVersionArn("arn:aws:lambda:" + ref.region() + "::runtime:" + digest);
    }

    /** A new revision, changed now. */
    static FunctionConfiguration touched(FunctionConfiguration made, Instant now) {
        return made.revisionId(UUID.randomUUID().toString()).lastModified(Functions.lastModified(now));
    }

    static FunctionConfiguration code(FunctionConfiguration made, Staged staged) {
        return made.codeSha256(
                        Images.is(made.packageType())
                                ? HexFormat.of().formatHex(staged.sha256())
                                : Base64.getEncoder().encodeToString(staged.sha256()))
                .codeSize(staged.bytes());
    }
}
