package dev.haneul.services.lambda;

import dev.haneul.api.lambda.EnvironmentResponse;
import dev.haneul.api.lambda.FunctionCode;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.UpdateFunctionCodeRequest;
import dev.haneul.api.lambda.UpdateFunctionConfigurationRequest;
import dev.haneul.api.lambda.VpcConfigResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.LambdaTables.Code;
import dev.haneul.services.lambda.LambdaTables.Function;
import dev.haneul.services.lambda.LambdaTables.Image;
import dev.haneul.services.lambda.code.CodeStore.Staged;
import dev.haneul.services.lambda.image.OciImage;
import dev.haneul.services.lambda.run.JavaTrainer;
import dev.haneul.services.lambda.runtimes.RuntimeName;
import dev.haneul.services.lambda.runtimes.Runtimes;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code lambda:UpdateFunctionCode} and {@code lambda:UpdateFunctionConfiguration}. An update is whole when it is
 * answered; environments of the former state take no new invocations from then on.
 */
final class UpdateFunction {
    private static final Set<String> UNBUILT =
            Set.of("FileSystemConfigs", "CapacityProviderConfig", "SourceKMSKeyArn", "PublishTo");

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
    private final Retirement retirement;

    /** Ends what ran a function's former state. */
    interface Retirement {
        void formerStatesOf(FunctionRef ref);
    }

    UpdateFunction(Store store, Clock clock, Deployment with, Retirement retirement) {
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
        this.retirement = retirement;
    }

    FunctionConfiguration code(UpdateFunctionCodeRequest in, Call call) {
        Functions.refuseUnbuilt(in, UNBUILT);
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        Function before = store.read(tx -> Functions.get(tx, ref));
        Functions.requireRevision(in.revisionId(), before.latest().revisionId());
        ConfigurationRules.architectures(in.architectures());
        signing.requireSigned(ref, call);
        FunctionCode named = new FunctionCode()
                .zipFile(in.zipFile())
                .s3Bucket(in.s3Bucket())
                .s3Key(in.s3Key())
                .s3ObjectVersion(in.s3ObjectVersion());
        boolean ofImage = Images.is(before.latest().packageType());
        String uri = in.imageUri();
        if (ofImage != (uri != null)) {
            throw Problems.invalid(
                    ofImage
                            ? "Please provide ImageUri when updating a function with packageType Image."
                            : "Please don't provide ImageUri when updating a function with packageType Zip.");
        }
        OciImage image = uri == null ? null : images.find(uri, ref, call);
        boolean dryRun = Boolean.TRUE.equals(in.dryRun());
        FunctionConfiguration answer;
        try (Staged staged = image == null || uri == null ? source.stage(named, call) : images.stage(image, uri)) {
            if (dryRun) {
                return Functions.answer(ref, CreateFunction.code(Functions.copy(before.latest()), staged));
            }
            source.requireFits(
                    new Code(staged.id(), staged.blob(), before.code().layers()));
            answer = store.transact(tx ->
                    commitCode(tx, ref, in, staged, image == null || uri == null ? null : Images.kept(uri, image)));
        } catch (IOException e) {
            throw Problems.service("The package could not be stored: " + e.getMessage());
        } finally {
            if (dryRun) {
                source.forget(store, before.code().id());
            }
        }
        retirement.formerStatesOf(ref);
        source.forget(store, before.code());
        return answer;
    }

    private FunctionConfiguration commitCode(
            WriteTx tx, FunctionRef ref, UpdateFunctionCodeRequest in, Staged staged, @Nullable Image image) {
        Function function = Functions.get(tx, ref);
        Functions.requireRevision(in.revisionId(), function.latest().revisionId());
        FunctionConfiguration changed =
                CreateFunction.touched(CreateFunction.code(Functions.copy(function.latest()), staged), clock.instant());
        if (!in.architectures().isEmpty()) {
            changed.architectures(in.architectures());
        }
        Code code = new Code(staged.id(), staged.blob(), function.code().layers(), image);
        source.keep(tx, ref, code);
        source.release(tx, ref, function.code());
        return commit(tx, ref, function.with(changed, code), Boolean.TRUE.equals(in.publish()));
    }

    private FunctionConfiguration commit(WriteTx tx, FunctionRef ref, Function changed, boolean publish) {
        tx.put(LambdaTables.FUNCTIONS, ref.key(), changed);
        return publish
                ? Functions.copy(Versions.publish(tx, ref, changed, null, source, clock.instant()))
                : Functions.answer(ref, changed.latest());
    }

    FunctionConfiguration configuration(UpdateFunctionConfigurationRequest in, Call call) {
        Functions.refuseUnbuilt(in, UNBUILT);
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        Function before = store.read(tx -> Functions.get(tx, ref));
        RuntimeName runtime = check(in);
        if (in.role() != null) {
            roles.requireAssumable(in.role(), ref);
        }
        destinations.check(
                in.deadLetterConfig(),
                ref,
                Functions.or(in.role(), Functions.or(before.latest().role(), "")));
        LayerChoice.Chosen chosen = in.hasLayers() ? layers.of(in.layers(), call) : null;
        if (chosen != null) {
            source.requireFits(before.code().withLayers(chosen.codes()));
        }
        Variables wanted = variables(in, before, ref, call);
        VpcConfigResponse inside = networks.check(
                in.vpcConfig(),
                ref,
                Functions.or(in.role(), Functions.or(before.latest().role(), "")));
        FunctionConfiguration answer = store.transact(tx -> {
            Function function = Functions.get(tx, ref);
            Functions.requireRevision(in.revisionId(), function.latest().revisionId());
            FunctionConfiguration changed = CreateFunction.touched(
                    changed(Functions.copy(function.latest()), in, ref, runtime), clock.instant());
            if (in.vpcConfig() != null) {
                VpcInterfaces.update(changed, inside);
            }
            Code code = function.code();
            if (chosen != null) {
                changed.layers(chosen.shown().isEmpty() ? null : chosen.shown());
                code = code.withLayers(chosen.codes());
                source.keep(tx, ref, code);
                source.release(tx, ref, function.code());
            }
            if (wanted != null) {
                changed.kmsKeyArn(wanted.keyArn.isEmpty() ? null : wanted.keyArn);
                changed.environment(wanted.sealed == null ? wanted.clear() : null);
                function = function.withSealed(wanted.sealed);
            }
            return commit(tx, ref, function.with(changed, code), false);
        });
        String sealed = wanted == null ? before.sealed() : wanted.sealed;
        if (sealed != null) {
            answer.environment(variables.shown(sealed, Functions.or(answer.kmsKeyArn(), ""), ref, call));
        }
        roles.forget(ref.account() + ":" + ref.region() + ":" + ref.name());
        retirement.formerStatesOf(ref);
        if (in.vpcConfig() != null) {
            networks.changed(ref);
        }
        source.forget(store, before.code());
        return answer;
    }

    /** Variables as they are to be kept: in clear, or encrypted. */
    private record Variables(
            Map<String, String> variables,
            String keyArn,
            @Nullable String sealed) {
        @Nullable
        EnvironmentResponse clear() {
            return variables.isEmpty() ? null : new EnvironmentResponse().variables(variables);
        }
    }

    /** Null where neither they nor their key change. */
    private @Nullable Variables variables(
            UpdateFunctionConfigurationRequest in, Function before, FunctionRef ref, Call call) {
        String oldKey = Functions.or(before.latest().kmsKeyArn(), "");
        String key = Functions.or(in.kmsKeyArn(), oldKey);
        boolean otherRole =
                in.role() != null && !in.role().equals(before.latest().role());
        if (in.environment() == null && key.equals(oldKey) && !(otherRole && before.sealed() != null)) {
            return null;
        }
        Map<String, String> clear;
        if (in.environment() != null) {
            clear = in.environment().variables();
        } else if (before.sealed() != null) {
            clear = variables.open(before.sealed(), oldKey, ref, call);
        } else {
            clear = Functions.variables(before.latest());
        }
        if (key.isEmpty() || clear.isEmpty()) {
            return new Variables(clear, key, null);
        }
        String role = Functions.or(in.role(), Functions.or(before.latest().role(), ""));
        return new Variables(clear, key, variables.seal(clear, key, role, ref, call));
    }

    private @Nullable RuntimeName check(UpdateFunctionConfigurationRequest in) {
        ConfigurationRules.memory(in.memorySize());
        ConfigurationRules.timeout(in.timeout());
        ConfigurationRules.ephemeral(in.ephemeralStorage());
        ConfigurationRules.built(in.tracingConfig(), in.loggingConfig());
        if (in.environment() != null) {
            ConfigurationRules.variables(in.environment().variables());
        }
        return in.runtime() == null ? null : ConfigurationRules.runtime(in.runtime(), runtimes, trainer);
    }

    private static FunctionConfiguration changed(
            FunctionConfiguration at,
            UpdateFunctionConfigurationRequest in,
            FunctionRef ref,
            @Nullable RuntimeName runtime) {
        if (in.deadLetterConfig() != null) {
            boolean none = DestinationRules.target(in.deadLetterConfig()) == null;
            at.deadLetterConfig(none ? null : in.deadLetterConfig());
        }
        if (in.loggingConfig() != null) {
            at.loggingConfig(CreateFunction.logging(ref, in.loggingConfig()));
        }
        if (runtime != null) {
            at.runtime(runtime.name()).runtimeVersionConfig(CreateFunction.runtimeVersion(ref, runtime));
        }
        boolean image = Images.is(at.packageType());
        if (image && (in.handler() != null || runtime != null || !in.layers().isEmpty())) {
            throw Problems.invalid(
                    "Please don't provide Runtime or Handler or Layer when the intended function PackageType"
                            + " is Image.");
        }
        if (in.snapStart() != null) {
            RuntimeName named = runtime == null
                    ? RuntimeName.of(Functions.or(at.runtime(), "")).orElse(null)
                    : runtime;
            at.snapStart(SnapStarts.setting(in.snapStart(), named));
        }
        if (in.imageConfig() != null) {
            at.imageConfigResponse(Images.shown(in.imageConfig()));
        }
        at.durableConfig(DurableRules.updated(at.durableConfig(), in.durableConfig()));
        return at.role(Functions.or(in.role(), Functions.or(at.role(), "")))
                .handler(image ? null : Functions.or(in.handler(), Functions.or(at.handler(), "")))
                .description(Functions.or(in.description(), Functions.or(at.description(), "")))
                .timeout(in.timeout() == null ? at.timeout() : in.timeout())
                .memorySize(in.memorySize() == null ? at.memorySize() : in.memorySize())
                .ephemeralStorage(in.ephemeralStorage() == null ? at.ephemeralStorage() : in.ephemeralStorage());
    }
}
