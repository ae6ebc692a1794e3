package dev.haneul.services.lambda;

import dev.haneul.api.lambda.Cors;
import dev.haneul.api.lambda.CreateFunctionUrlConfigRequest;
import dev.haneul.api.lambda.CreateFunctionUrlConfigResponse;
import dev.haneul.api.lambda.DeleteFunctionUrlConfigRequest;
import dev.haneul.api.lambda.FunctionUrlConfig;
import dev.haneul.api.lambda.GetFunctionUrlConfigRequest;
import dev.haneul.api.lambda.GetFunctionUrlConfigResponse;
import dev.haneul.api.lambda.ListFunctionUrlConfigsRequest;
import dev.haneul.api.lambda.ListFunctionUrlConfigsResponse;
import dev.haneul.api.lambda.UpdateFunctionUrlConfigRequest;
import dev.haneul.api.lambda.UpdateFunctionUrlConfigResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.LambdaTables.Url;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Function URLs as they are configured. See "Creating and managing Lambda function URLs". */
final class UrlConfigs {
    static final String IAM = "AWS_IAM";
    static final String NONE = "NONE";
    static final String STREAM = "RESPONSE_STREAM";

    private static final String BUFFERED = "BUFFERED";
    private static final int PAGE = 50;
    private static final int ID_LENGTH = 32;
    private static final String ID_LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
    private static final Set<String> METHODS = Set.of("GET", "PUT", "HEAD", "POST", "PATCH", "DELETE", "*");

    private final Store store;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    UrlConfigs(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    CreateFunctionUrlConfigResponse create(CreateFunctionUrlConfigRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        String auth = auth(in.authType());
        String mode = mode(Functions.or(in.invokeMode(), BUFFERED));
        check(in.cors());
        Instant now = clock.instant();
        Url url = new Url(newId(), ref.name(), Functions.or(ref.qualifier(), ""), auth, mode, in.cors(), now, now);
        store.write(tx -> {
            requireTarget(tx, ref);
            Tenants.refuse(Functions.get(tx, ref).latest(), "Function URL");
            if (tx.get(LambdaTables.URLS, key(ref)).isPresent()) {
                throw Problems.conflict("Failed to create function url config for [functionArn = " + ref.qualifiedArn()
                        + "]. Error message:  FunctionUrlConfig exists for this Lambda function");
            }
            tx.put(LambdaTables.URLS, key(ref), url);
        });
        FunctionUrlConfig made = answer(ref, url, call);
        return new CreateFunctionUrlConfigResponse()
                .functionUrl(made.functionUrl())
                .functionArn(made.functionArn())
                .authType(made.authType())
                .cors(made.cors())
                .creationTime(made.creationTime())
                .invokeMode(made.invokeMode());
    }

    UpdateFunctionUrlConfigResponse update(UpdateFunctionUrlConfigRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        String auth = in.authType() == null ? null : auth(in.authType());
        String mode = in.invokeMode() == null ? null : mode(in.invokeMode());
        check(in.cors());
        Url url = store.transact(tx -> {
            Url before = find(tx, ref);
            Url after = new Url(
                    before.id(),
                    before.function(),
                    before.qualifier(),
                    Functions.or(auth, before.authType()),
                    Functions.or(mode, before.invokeMode()),
                    in.cors() == null ? before.cors() : in.cors(),
                    before.createdAt(),
                    clock.instant());
            tx.put(LambdaTables.URLS, key(ref), after);
            return after;
        });
        FunctionUrlConfig made = answer(ref, url, call);
        return new UpdateFunctionUrlConfigResponse()
                .functionUrl(made.functionUrl())
                .functionArn(made.functionArn())
                .authType(made.authType())
                .cors(made.cors())
                .creationTime(made.creationTime())
                .lastModifiedTime(made.lastModifiedTime())
                .invokeMode(made.invokeMode());
    }

    GetFunctionUrlConfigResponse get(GetFunctionUrlConfigRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        FunctionUrlConfig found = answer(ref, store.read(tx -> find(tx, ref)), call);
        return new GetFunctionUrlConfigResponse()
                .functionUrl(found.functionUrl())
                .functionArn(found.functionArn())
                .authType(found.authType())
                .cors(found.cors())
                .creationTime(found.creationTime())
                .lastModifiedTime(found.lastModifiedTime())
                .invokeMode(found.invokeMode());
    }

    void delete(DeleteFunctionUrlConfigRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        store.write(tx -> {
            find(tx, ref);
            tx.delete(LambdaTables.URLS, key(ref));
        });
    }

    ListFunctionUrlConfigsResponse list(ListFunctionUrlConfigsRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        int limit = Math.min(Functions.or(in.maxItems(), PAGE), PAGE);
        String from = in.marker() == null ? ref.name() + ":" : ref.name() + ":" + in.marker() + "\0";
        return store.read(tx -> {
            Functions.get(tx, ref);
            List<Row<Url>> rows = tx.range(LambdaTables.URLS, ref.scope(), from, ref.name() + ";", limit + 1);
            List<FunctionUrlConfig> page = new ArrayList<>();
            for (Row<Url> row : rows.subList(0, Math.min(limit, rows.size()))) {
                String qualifier = row.value().qualifier();
                page.add(answer(ref.with(qualifier.isEmpty() ? null : qualifier), row.value(), call));
            }
            ListFunctionUrlConfigsResponse out = new ListFunctionUrlConfigsResponse().functionUrlConfigs(page);
            return rows.size() > limit
                    ? out.nextMarker(rows.get(limit - 1).value().qualifier())
                    : out;
        });
    }

    /** The URL with this id; empty where there is none. */
    Optional<Row<Url>> byId(String id) {
        return store.read(tx -> tx.findAnywhere(LambdaTables.URLS, LambdaTables.URL_INDEX, id, null, 1).stream()
                .findFirst());
    }

    private static Url find(ReadTx tx, FunctionRef ref) {
        return tx.get(LambdaTables.URLS, key(ref))
                .orElseThrow(() -> Problems.notFound("The resource you requested does not exist."))
                .value();
    }

    /** A URL leads to a function or to an alias. */
    private static void requireTarget(ReadTx tx, FunctionRef ref) {
        String qualifier = ref.qualifier();
        if (qualifier != null && (Functions.isNumber(qualifier) || qualifier.equals(FunctionRef.LATEST))) {
            throw Problems.validation("Value '" + qualifier
                    + "' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: "
                    + "((?!^\\d+$)^[0-9a-zA-Z-_]+$)");
        }
        Functions.find(tx, ref);
    }

    static Key key(FunctionRef ref) {
        return new Key(ref.account(), ref.region(), ref.name() + ":" + Functions.or(ref.qualifier(), ""));
    }

    private static String auth(@Nullable String given) {
        if (given == null || !given.equals(IAM) && !given.equals(NONE)) {
            throw Problems.validation("Value '" + given
                    + "' at 'authType' failed to satisfy constraint: Member must satisfy enum value set: [NONE,"
                    + " AWS_IAM]");
        }
        return given;
    }

    private static String mode(String given) {
        if (!given.equals(BUFFERED) && !given.equals(STREAM)) {
            throw Problems.validation("Value '" + given
                    + "' at 'invokeMode' failed to satisfy constraint: Member must satisfy enum value set:"
                    + " [RESPONSE_STREAM, BUFFERED]");
        }
        return given;
    }

    private static void check(@Nullable Cors cors) {
        if (cors == null) {
            return;
        }
        for (String method : cors.allowMethods()) {
            if (!METHODS.contains(method)) {
                throw Problems.validation("Value '" + cors.allowMethods()
                        + "' at 'cors.allowMethods' failed to satisfy constraint: Member must satisfy constraint:"
                        + " [Member must satisfy enum value set: [GET, PUT, HEAD, POST, PATCH, DELETE, *]]");
            }
        }
        if (Boolean.TRUE.equals(cors.allowCredentials()) && cors.allowOrigins().contains("*")) {
            throw Problems.invalid("Cors.AllowOrigins cannot contain '*' when Cors.AllowCredentials is true.");
        }
    }

    private String newId() {
        StringBuilder id = new StringBuilder(ID_LENGTH);
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ID_LETTERS.charAt(random.nextInt(ID_LETTERS.length())));
        }
        return id.toString();
    }

    private static FunctionUrlConfig answer(FunctionRef ref, Url url, Call call) {
        return new FunctionUrlConfig()
                .functionUrl(address(url, ref.region(), call.origin()))
                .functionArn(ref.qualifiedArn())
                .authType(url.authType())
                .cors(url.cors())
                .creationTime(url.createdAt().toString())
                .lastModifiedTime(url.modifiedAt().toString())
                .invokeMode(url.invokeMode());
    }

    /** Where it answers: at the port the caller came in by. */
    private static String address(Url url, String region, Call.Origin origin) {
        String host = url.id() + ".lambda-url." + region;
        return origin.endpoint().isEmpty() ? "https://" + host + ".on.aws/" : origin.at(host + ".localhost") + "/";
    }
}
