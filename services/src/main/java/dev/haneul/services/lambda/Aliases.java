package dev.haneul.services.lambda;

import dev.haneul.api.lambda.AliasConfiguration;
import dev.haneul.api.lambda.AliasRoutingConfiguration;
import dev.haneul.api.lambda.CreateAliasRequest;
import dev.haneul.api.lambda.DeleteAliasRequest;
import dev.haneul.api.lambda.GetAliasRequest;
import dev.haneul.api.lambda.ListAliasesRequest;
import dev.haneul.api.lambda.ListAliasesResponse;
import dev.haneul.api.lambda.UpdateAliasRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.lambda.LambdaTables.Alias;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Aliases: names for versions, with an optional share for a second one. See "Create an alias for a Lambda function". */
final class Aliases {
    private static final int PAGE = 50;
    private static final int MOST_SCANNED = 10_000;

    private final Store store;

    Aliases(Store store) {
        this.store = store;
    }

    AliasConfiguration create(CreateAliasRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        return store.transact(tx -> {
            Functions.get(tx, ref);
            FunctionRef alias = ref.with(in.name());
            if (tx.get(LambdaTables.ALIASES, ref.aliasKey(in.name())).isPresent()) {
                throw Problems.conflict("Alias already exists: " + alias.qualifiedArn());
            }
            requireVersion(tx, ref, in.functionVersion());
            AliasConfiguration made = new AliasConfiguration()
                    .aliasArn(alias.qualifiedArn())
                    .name(in.name())
                    .functionVersion(in.functionVersion())
                    .description(Functions.or(in.description(), ""))
                    .routingConfig(routing(tx, ref, in.functionVersion(), in.routingConfig()))
                    .revisionId(UUID.randomUUID().toString());
            tx.put(LambdaTables.ALIASES, ref.aliasKey(in.name()), new Alias(made));
            return made;
        });
    }

    AliasConfiguration get(GetAliasRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        return store.read(tx -> find(tx, ref, in.name()));
    }

    AliasConfiguration update(UpdateAliasRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        return store.transact(tx -> {
            AliasConfiguration before = find(tx, ref, in.name());
            Functions.requireRevision(in.revisionId(), before.revisionId());
            String version = Functions.or(in.functionVersion(), Functions.or(before.functionVersion(), ""));
            requireVersion(tx, ref, version);
            AliasConfiguration changed = new AliasConfiguration()
                    .aliasArn(before.aliasArn())
                    .name(before.name())
                    .functionVersion(version)
                    .description(in.description() == null ? before.description() : in.description())
                    .routingConfig(
                            in.routingConfig() == null
                                    ? before.routingConfig()
                                    : routing(tx, ref, version, in.routingConfig()))
                    .revisionId(UUID.randomUUID().toString());
            tx.put(LambdaTables.ALIASES, ref.aliasKey(in.name()), new Alias(changed));
            return changed;
        });
    }

    /** Answers quietly where there is none, as AWS does. */
    void delete(DeleteAliasRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        store.write(tx -> {
            Functions.get(tx, ref);
            tx.delete(LambdaTables.ALIASES, ref.aliasKey(in.name()));
            tx.delete(LambdaTables.POLICIES, ref.aliasKey(in.name()));
            tx.delete(LambdaTables.INVOKE_CONFIGS, ref.aliasKey(in.name()));
            tx.delete(LambdaTables.URLS, ref.aliasKey(in.name()));
            tx.delete(LambdaTables.PROVISIONED, ref.aliasKey(in.name()));
        });
    }

    ListAliasesResponse list(ListAliasesRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        int limit = Math.min(Functions.or(in.maxItems(), PAGE), PAGE);
        String from = in.marker() == null ? ref.name() + ":" : ref.name() + ":" + in.marker() + "\0";
        return store.read(tx -> {
            Functions.get(tx, ref);
            List<AliasConfiguration> page = new ArrayList<>();
            ListAliasesResponse out = new ListAliasesResponse();
            for (Row<Alias> row : tx.range(LambdaTables.ALIASES, ref.scope(), from, ref.name() + ";", MOST_SCANNED)) {
                AliasConfiguration alias = row.value().configuration();
                if (in.functionVersion() != null && !in.functionVersion().equals(alias.functionVersion())) {
                    continue;
                }
                if (page.size() == limit) {
                    out.nextMarker(page.getLast().name());
                    break;
                }
                page.add(alias);
            }
            return out.aliases(page);
        });
    }

    /** Whether an alias leads to this version, mainly or for a share. */
    static boolean refersTo(AliasConfiguration alias, String version) {
        AliasRoutingConfiguration routing = alias.routingConfig();
        return version.equals(alias.functionVersion())
                || routing != null && routing.additionalVersionWeights().containsKey(version);
    }

    private static AliasConfiguration find(ReadTx tx, FunctionRef ref, String name) {
        Functions.get(tx, ref);
        return tx.get(LambdaTables.ALIASES, ref.aliasKey(name))
                .orElseThrow(() -> Problems.notFound(
                        "Cannot find alias arn: " + ref.with(name).qualifiedArn()))
                .value()
                .configuration();
    }

    private static void requireVersion(ReadTx tx, FunctionRef ref, String version) {
        boolean there = version.equals(FunctionRef.LATEST)
                || Functions.isNumber(version)
                        && tx.get(LambdaTables.VERSIONS, ref.versionKey(Long.parseLong(version)))
                                .isPresent();
        if (!there) {
            throw Problems.notFound("Function not found: " + ref.with(version).qualifiedArn());
        }
    }

    private static @Nullable AliasRoutingConfiguration routing(
            ReadTx tx, FunctionRef ref, String main, @Nullable AliasRoutingConfiguration wanted) {
        if (wanted == null || wanted.additionalVersionWeights().isEmpty()) {
            return null;
        }
        Map<String, Double> weights = wanted.additionalVersionWeights();
        if (weights.size() > 1) {
            throw Problems.invalid("Number of items in AdditionalVersionWeights cannot be greater than 1");
        }
        weights.forEach((version, weight) -> {
            if (version.equals(main)) {
                throw Problems.invalid("Invalid function version " + main + ". Function version " + main
                        + " is already included in routing configuration.");
            }
            if (version.equals(FunctionRef.LATEST) || main.equals(FunctionRef.LATEST)) {
                throw Problems.invalid("$LATEST is not supported for an alias pointing to more than 1 version");
            }
            if (weight < 0 || weight > 1) {
                throw Problems.validation("Value '{" + version + "=" + weight
                        + "}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must"
                        + " satisfy constraint: [Member must have value less than or equal to 1.0, Member must have"
                        + " value greater than or equal to 0.0, Member must not be null]");
            }
            requireVersion(tx, ref, version);
        });
        return wanted;
    }
}
