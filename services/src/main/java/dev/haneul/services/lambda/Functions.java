package dev.haneul.services.lambda;

import dev.haneul.api.lambda.AliasConfiguration;
import dev.haneul.api.lambda.AliasRoutingConfiguration;
import dev.haneul.api.lambda.EnvironmentResponse;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.LoggingConfig;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.lambda.LambdaTables.Alias;
import dev.haneul.services.lambda.LambdaTables.Code;
import dev.haneul.services.lambda.LambdaTables.Function;
import dev.haneul.services.lambda.LambdaTables.Version;
import dev.haneul.services.lambda.code.CodeStore;
import dev.haneul.services.lambda.run.LogFormat;
import dev.haneul.services.lambda.run.Program;
import dev.haneul.services.lambda.run.Target;
import dev.haneul.services.lambda.runtimes.RuntimeName;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** Finds functions, versions and aliases, and shapes them for answers and for running. */
final class Functions {
    private static final DateTimeFormatter LAST_MODIFIED = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSxx", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Functions() {}

    /**
     * A state of a function that a qualifier led to.
     *
     * @param version {@code $LATEST} or a number
     */
    record Found(
            Function function,
            String version,
            FunctionConfiguration configuration,
            Code code,
            @Nullable String sealed) {}

    /** The function; ResourceNotFoundException where there is none. */
    static Function get(ReadTx tx, FunctionRef ref) {
        return tx.get(LambdaTables.FUNCTIONS, ref.key())
                .orElseThrow(() -> Problems.functionNotFound(ref))
                .value();
    }

    /** What a qualifier stands for; an alias leads to its main version, or by chance to its other one. */
    static Found find(ReadTx tx, FunctionRef ref, DoubleSupplier chance) {
        Function function = get(tx, ref);
        String qualifier = ref.qualifier();
        if (qualifier == null || qualifier.equals(FunctionRef.LATEST)) {
            return latest(function);
        }
        String number = qualifier;
        if (!isNumber(qualifier)) {
            Optional<Alias> alias =
                    tx.get(LambdaTables.ALIASES, ref.aliasKey(qualifier)).map(row -> row.value());
            if (alias.isEmpty()) {
                throw Problems.functionNotFound(ref);
            }
            number = route(alias.get().configuration(), chance);
        }
        if (number.equals(FunctionRef.LATEST)) {
            return latest(function);
        }
        Version version = tx.get(LambdaTables.VERSIONS, ref.versionKey(Long.parseLong(number)))
                .orElseThrow(() -> Problems.functionNotFound(ref))
                .value();
        return new Found(function, number, version.configuration(), version.code(), version.sealed());
    }

    /** Like {@link #find} for operations that only look: an alias always leads to its main version. */
    static Found find(ReadTx tx, FunctionRef ref) {
        return find(tx, ref, () -> 1.0);
    }

    /** Its changing state. */
    static Found latest(Function function) {
        return new Found(function, FunctionRef.LATEST, function.latest(), function.code(), function.sealed());
    }

    static boolean isNumber(String qualifier) {
        return qualifier.matches("[0-9]{1,12}");
    }

    private static String route(AliasConfiguration alias, DoubleSupplier chance) {
        AliasRoutingConfiguration routing = alias.routingConfig();
        double drawn = routing == null ? 1.0 : chance.getAsDouble();
        if (routing != null) {
            for (Map.Entry<String, Double> weight :
                    routing.additionalVersionWeights().entrySet()) {
                if (drawn < weight.getValue()) {
                    return weight.getKey();
                }
                drawn -= weight.getValue();
            }
        }
        String main = alias.functionVersion();
        return main == null ? FunctionRef.LATEST : main;
    }

    /** What to run of it. */
    static Target target(FunctionRef ref, Found found) {
        FunctionConfiguration at = found.configuration;
        Program program = Images.program(found.code.image(), at);
        RuntimeName runtime = RuntimeName.of(program == null ? or(at.runtime(), "") : "provided.al2023")
                .orElseThrow(() -> Problems.service("the runtime " + at.runtime() + " is not known"));
        return new Target(
                ref.account(),
                ref.region(),
                ref.name(),
                found.version,
                or(at.revisionId(), ""),
                runtime,
                program == null ? or(at.handler(), "") : program.handler(),
                or(at.role(), ""),
                or(at.memorySize(), 128),
                or(at.timeout(), 3),
                ephemeralMib(at),
                variables(at),
                found.code.id(),
                found.code.blob(),
                found.code.layers().stream()
                        .map(layer -> new CodeStore.Part(layer.id(), layer.blob()))
                        .toList(),
                logGroup(ref, at),
                logFormat(at),
                false,
                new Target.Extras(found.sealed, or(at.kmsKeyArn(), ""), null, program, SnapStarts.name(at), VpcInterfaces.of(at)));
    }

    static Map<String, String> variables(FunctionConfiguration at) {
        EnvironmentResponse environment = at.environment();
        return environment == null ? Map.of() : environment.variables();
    }

    static String logGroup(FunctionRef ref, FunctionConfiguration at) {
        LoggingConfig logging = at.loggingConfig();
        String group = logging == null ? null : logging.logGroup();
        return group == null ? "/aws/lambda/" + ref.name() : group;
    }

    private static LogFormat logFormat(FunctionConfiguration at) {
        LoggingConfig logging = at.loggingConfig();
        if (logging == null || !"JSON".equals(logging.logFormat())) {
            return LogFormat.TEXT;
        }
        return new LogFormat(true, or(logging.applicationLogLevel(), "INFO"), or(logging.systemLogLevel(), "INFO"));
    }

    private static int ephemeralMib(FunctionConfiguration at) {
        var storage = at.ephemeralStorage();
        return storage == null ? 512 : storage.size();
    }

    /** A copy, so that a stored configuration is never changed. */
    static FunctionConfiguration copy(FunctionConfiguration of) {
        FunctionConfiguration copy = new FunctionConfiguration();
        for (int i = 0; i < of.shape().members().size(); i++) {
            copy.set(i, of.get(i));
        }
        return copy;
    }

    /** A configuration as an answer to a request with this qualifier: with the ARN it asked for. */
    static FunctionConfiguration answer(FunctionRef ref, FunctionConfiguration at) {
        return copy(at).functionArn(ref.qualifiedArn());
    }

    /** A configuration as it stands in lists: with its qualified ARN where asked, and without its states. */
    static FunctionConfiguration listed(FunctionRef ref, FunctionConfiguration at, boolean qualified) {
        FunctionConfiguration listed = copy(at).functionArn(qualified ? ref.arn() + ":" + at.version() : ref.arn())
                .state(null)
                .stateReason(null)
                .stateReasonCode(null)
                .lastUpdateStatus(null)
                .lastUpdateStatusReason(null)
                .lastUpdateStatusReasonCode(null)
                .runtimeVersionConfig(null);
        return listed;
    }

    /** {@code 2026-11-23T14:03:07.123+0000}. */
    static String lastModified(Instant at) {
        return LAST_MODIFIED.format(at);
    }

    /** Refuses a request that was made for another revision. */
    static void requireRevision(@Nullable String wanted, @Nullable String actual) {
        if (wanted != null && !wanted.equals(actual)) {
            throw Problems.preconditionFailed();
        }
    }

    /** Refuses members of a request that are not built, naming the first; null and empty values are fine. */
    static void refuseUnbuilt(Struct request, Set<String> names) {
        for (var member : request.shape().members()) {
            Object value = request.get(member.index());
            boolean empty = value == null
                    || value instanceof java.util.Collection<?> list && list.isEmpty()
                    || value instanceof String text && text.isEmpty()
                    || value instanceof Struct struct && isEmpty(struct);
            if (!empty && names.contains(member.name())) {
                throw Problems.notBuilt(request.shape().name() + " with " + member.name());
            }
        }
    }

    private static boolean isEmpty(Struct struct) {
        for (int i = 0; i < struct.shape().members().size(); i++) {
            Object value = struct.get(i);
            if (value != null
                    && !(value instanceof java.util.Collection<?> list && list.isEmpty())
                    && !(value instanceof String text && text.isEmpty())) {
                return false;
            }
        }
        return true;
    }

    static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }
}
