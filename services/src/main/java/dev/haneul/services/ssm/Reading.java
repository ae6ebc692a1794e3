package dev.haneul.services.ssm;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.ssm.*;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.ssm.Names.Named;
import dev.haneul.services.ssm.SsmTables.About;
import dev.haneul.services.ssm.SsmTables.ParameterRow;
import dev.haneul.services.ssm.SsmTables.VersionRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reading parameters: by name, version or label, by path, by filters, and through time. */
final class Reading {
    private static final String PUBLIC = "/aws/service/";
    private static final int CHUNK = 500;
    private static final int MOST_VERSIONS = 100;

    private final Store store;
    private final Secrets secrets;
    private final Tokens tokens;
    private final PublicParameters published;

    Reading(Store store, Secrets secrets, Tokens tokens, PublicParameters published) {
        this.store = store;
        this.secrets = secrets;
        this.tokens = tokens;
        this.published = published;
    }

    GetParameterResult get(GetParameterRequest in, Call call) {
        Named named = Names.parse(in.name());
        return new GetParameterResult()
                .parameter(find(named, Boolean.TRUE.equals(in.withDecryption()), call)
                        .orElseThrow(SsmFaults::notFound));
    }

    GetParametersResult getAll(GetParametersRequest in, Call call) {
        List<Parameter> found = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (String name : in.names().stream().distinct().toList()) {
            Optional<Parameter> each;
            try {
                each = find(Names.parse(name), Boolean.TRUE.equals(in.withDecryption()), call);
            } catch (Fault fault) {
                if (!fault.code().startsWith("Parameter")) {
                    throw fault;
                }
                each = Optional.empty();
            }
            each.ifPresentOrElse(found::add, () -> missing.add(name));
        }
        return new GetParametersResult().parameters(found).invalidParameters(missing);
    }

    private Optional<Parameter> find(Named named, boolean decrypt, Call call) {
        if (named.name().startsWith(PUBLIC)) {
            return published.beginning(named.name(), call.region()).stream()
                    .filter(each -> each.name().equals(named.name()))
                    .findFirst()
                    .map(each -> view(each, call));
        }
        Scope scope = scope(call);
        ParameterRow row = store.read(tx -> tx.get(SsmTables.PARAMETERS, scope.key(named.name()))
                        .or(() -> tx.get(SsmTables.PARAMETERS, scope.key("/" + named.name()))))
                .map(Row::value)
                .orElse(null);
        if (row == null) {
            return Optional.empty();
        }
        VersionRow version = named.selector().isEmpty()
                ? row.current()
                : versions(scope, row.current().name()).stream()
                        .filter(each -> Long.toString(each.version()).equals(named.selector())
                                || each.labels().contains(named.selector()))
                        .findFirst()
                        .orElseThrow(() -> SsmFaults.noVersion(named.name(), named.selector()));
        Parameter view = view(version, decrypt, call);
        return Optional.of(named.selector().isEmpty() ? view : view.selector(":" + named.selector()));
    }

    private List<VersionRow> versions(Scope scope, String name) {
        return store.read(tx -> tx.range(SsmTables.VERSIONS, scope, name + ":", name + ";", MOST_VERSIONS + 1)).stream()
                .map(Row::value)
                .toList();
    }

    private Parameter view(VersionRow row, boolean decrypt, Call call) {
        String arn = SsmTables.arn(scope(call), row.name());
        return new Parameter()
                .name(row.name())
                .type(row.about().type())
                .value(decrypt && row.secure() ? secrets.open(row.value(), arn, call) : row.value())
                .version(row.version())
                .lastModifiedDate(row.modified())
                .arn(arn)
                .dataType(row.about().dataType());
    }

    private static Parameter view(PublicParameters.Published each, Call call) {
        return new Parameter()
                .name(each.name())
                .type("String")
                .value(each.value())
                .version(1L)
                .arn("arn:aws:ssm:" + call.region() + "::parameter" + each.name())
                .dataType("text");
    }

    GetParametersByPathResult byPath(GetParametersByPathRequest in, Call call) {
        if (!in.path().startsWith("/")) {
            throw SsmFaults.validation("The parameter doesn't meet the parameter name requirements. The parameter name"
                    + " must begin with a forward slash \"/\". It can't be prefixed with \"aws\" or \"ssm\""
                    + " (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), -"
                    + " (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must"
                    + " use the forward slash symbol \"/\". Valid example: /get/parameters2-/by1./path0_.");
        }
        String path = in.path().endsWith("/") ? in.path() : in.path() + "/";
        boolean deep = Boolean.TRUE.equals(in.recursive());
        boolean decrypt = Boolean.TRUE.equals(in.withDecryption());
        Filters filters = Filters.ofPath(in.parameterFilters());
        Predicate<String> within = name -> name.startsWith(path) && (deep || name.indexOf('/', path.length()) < 0);
        int max = in.maxResults() == null ? 10 : in.maxResults();
        String context = "ssm path " + scope(call) + path + deep + in.parameterFilters();
        if (path.startsWith(PUBLIC) || path.equals("/aws/")) {
            List<Parameter> all = published.beginning(path, call.region()).stream()
                    .filter(each -> within.test(each.name()))
                    .map(each -> view(each, call))
                    .toList();
            Page<Parameter> page = page(all, Parameter::name, max, context, in.nextToken());
            return new GetParametersByPathResult().parameters(page.items()).nextToken(page.token());
        }
        List<ParameterRow> all = rows(scope(call), path.equals("/") ? "" : path).stream()
                .filter(row -> within.test(row.current().name()) && filters.match(row))
                .toList();
        Page<ParameterRow> page = page(all, row -> row.current().name(), max, context, in.nextToken());
        return new GetParametersByPathResult()
                .parameters(page.items().stream()
                        .map(row -> view(row.current(), decrypt, call))
                        .toList())
                .nextToken(page.token());
    }

    DescribeParametersResult describe(DescribeParametersRequest in, Call call) {
        if (!in.filters().isEmpty() && !in.parameterFilters().isEmpty()) {
            throw SsmFaults.validation("You can use either Filters or ParameterFilters in a single request.");
        }
        Filters filters = in.filters().isEmpty() ? Filters.of(in.parameterFilters()) : Filters.old(in.filters());
        List<ParameterRow> all =
                rows(scope(call), "").stream().filter(filters::match).toList();
        int max = in.maxResults() == null ? 50 : in.maxResults();
        String context = "ssm describe " + scope(call) + in.filters() + in.parameterFilters();
        Page<ParameterRow> page = page(all, row -> row.current().name(), max, context, in.nextToken());
        return new DescribeParametersResult()
                .parameters(page.items().stream()
                        .map(row -> metadata(row.current(), call))
                        .toList())
                .nextToken(page.token());
    }

    private static ParameterMetadata metadata(VersionRow row, Call call) {
        About about = row.about();
        return new ParameterMetadata()
                .name(row.name())
                .arn(SsmTables.arn(scope(call), row.name()))
                .type(about.type())
                .keyId(about.keyId())
                .lastModifiedDate(row.modified())
                .lastModifiedUser(row.user())
                .description(about.description())
                .allowedPattern(about.allowedPattern())
                .version(row.version())
                .tier(about.tier())
                .policies(Policies.of(about.policies()).views())
                .dataType(about.dataType());
    }

    GetParameterHistoryResult history(GetParameterHistoryRequest in, Call call) {
        Scope scope = scope(call);
        String name = Names.parse(in.name()).name();
        List<VersionRow> all = versions(scope, name);
        if (all.isEmpty()) {
            throw SsmFaults.notFound();
        }
        boolean decrypt = Boolean.TRUE.equals(in.withDecryption());
        int max = in.maxResults() == null ? 50 : in.maxResults();
        Page<VersionRow> page =
                page(all, row -> "%012d".formatted(row.version()), max, "ssm history " + scope + name, in.nextToken());
        return new GetParameterHistoryResult()
                .parameters(page.items().stream()
                        .map(row -> new ParameterHistory()
                                .name(row.name())
                                .type(row.about().type())
                                .keyId(row.about().keyId())
                                .lastModifiedDate(row.modified())
                                .lastModifiedUser(row.user())
                                .description(row.about().description())
                                .value(view(row, decrypt, call).value())
                                .allowedPattern(row.about().allowedPattern())
                                .version(row.version())
                                .labels(row.labels())
                                .tier(row.about().tier())
                                .policies(Policies.of(row.about().policies()).views())
                                .dataType(row.about().dataType()))
                        .toList())
                .nextToken(page.token());
    }

    /** Every parameter whose name begins so. */
    private List<ParameterRow> rows(Scope scope, String prefix) {
        List<ParameterRow> found = new ArrayList<>();
        String from = prefix;
        while (true) {
            String start = from;
            List<Row<ParameterRow>> rows = store.read(tx -> tx.range(SsmTables.PARAMETERS, scope, start, null, CHUNK));
            for (Row<ParameterRow> row : rows) {
                if (!row.key().id().startsWith(prefix)) {
                    return found;
                }
                found.add(row.value());
            }
            if (rows.size() < CHUNK) {
                return found;
            }
            from = rows.getLast().key().id() + "\u0000";
        }
    }

    private record Page<T>(List<T> items, @Nullable String token) {}

    private <T> Page<T> page(List<T> all, Function<T, String> name, int max, String context, @Nullable String token) {
        String after = token == null ? "" : tokens.open(context, token).orElseThrow(SsmFaults::badToken);
        List<T> left = all.stream()
                .filter(each -> name.apply(each).compareTo(after) > 0)
                .toList();
        if (left.size() <= max) {
            return new Page<>(left, null);
        }
        List<T> items = left.subList(0, max);
        return new Page<>(items, tokens.seal(context, name.apply(items.getLast())));
    }

    private static Scope scope(Call call) {
        return new Scope(call.account(), call.region());
    }
}
