package dev.haneul.services.secretsmanager;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.policy.Subject;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.secretsmanager.SecretTables.SecretRow;
import dev.haneul.services.secretsmanager.SecretTables.VersionRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Finds secrets by name, ARN or the ARN without its last characters, and their versions. */
final class Secrets implements ResourcePolicies {
    private static final int MOST_VERSIONS = 1000;
    private static final int SUFFIX = 7;

    private final Store store;

    Secrets(Store store) {
        this.store = store;
    }

    /** A secret and where it is kept. */
    record Found(Key key, SecretRow row) {
        String arn() {
            return SecretTables.arn(key, row);
        }

        /** Refuses a secret that is to be deleted. */
        Found alive() {
            if (row.times().deleted() != null) {
                throw SecretFaults.deleted();
            }
            return this;
        }

        /** Refuses a replica, which only its primary changes, and a service's secret, which only the service changes. */
        Found changeableBy(Call call) {
            if (row.owner() != null && !isService(call)) {
                throw SecretFaults.request(
                        "You can't modify secret " + row.name() + " because it is managed by " + row.owner() + ".");
            }
            if (!row.primary().isEmpty()) {
                throw SecretFaults.request(
                        "You can't perform this operation on a replica secret. Use the primary secret in "
                                + row.primary() + ".");
            }
            return this;
        }
    }

    /** Whether a service calls, by itself or under its service-linked role. */
    static boolean isService(Call call) {
        Principal principal = call.principal();
        return principal.type() == Principal.Type.SERVICE
                || principal.attributes().getOrDefault(Subject.ENTITY_ARN, "").contains(":role/aws-service-role/");
    }

    Found find(String id, Call call) {
        return store.read(tx -> peek(tx, id, new Scope(call.account(), call.region())))
                .orElseThrow(SecretFaults::notFound);
    }

    static Optional<Found> peek(ReadTx tx, String id, Scope scope) {
        if (!id.startsWith("arn:")) {
            return get(tx, scope.key(id));
        }
        Arn arn = Arn.parse(id)
                .filter(each -> each.service().equals("secretsmanager")
                        && each.resource().startsWith("secret:")
                        && each.resource().length() > "secret:".length())
                .orElse(null);
        if (arn == null || !arn.region().equals(scope.region())) {
            return Optional.empty();
        }
        Scope there = new Scope(arn.account(), arn.region());
        String name = arn.resource().substring("secret:".length());
        // The whole ARN first; then a name, which may itself end like a suffix.
        if (name.length() > SUFFIX && name.charAt(name.length() - SUFFIX) == '-') {
            String bare = name.substring(0, name.length() - SUFFIX);
            Optional<Found> whole = get(tx, there.key(bare))
                    .filter(each -> name.endsWith(each.row().suffix()));
            if (whole.isPresent()) {
                return whole;
            }
        }
        return get(tx, there.key(name));
    }

    static Optional<Found> get(ReadTx tx, Key key) {
        return tx.get(SecretTables.SECRETS, key).map(row -> new Found(key, row.value()));
    }

    static Found require(ReadTx tx, Key key) {
        return get(tx, key).orElseThrow(SecretFaults::notFound);
    }

    /** Changes a secret's record, read afresh. */
    Found change(Key key, UnaryOperator<SecretRow> change) {
        return store.transact(tx -> {
            SecretRow row = change.apply(require(tx, key).row());
            tx.put(SecretTables.SECRETS, key, row);
            return new Found(key, row);
        });
    }

    List<VersionRow> versions(Key secret) {
        return store.read(tx -> versions(tx, secret));
    }

    static List<VersionRow> versions(ReadTx tx, Key secret) {
        return tx
                .range(SecretTables.VERSIONS, secret.scope(), secret.id() + ":", secret.id() + ";", MOST_VERSIONS)
                .stream()
                .map(Row::value)
                .toList();
    }

    /** Stages by version. */
    static Map<String, List<String>> stages(List<VersionRow> versions) {
        Map<String, List<String>> found = new LinkedHashMap<>();
        versions.stream().filter(each -> !each.stages().isEmpty()).forEach(each -> found.put(each.id(), each.stages()));
        return found;
    }

    /**
     * Puts a version in, and its stages where they belong: a stage is on one version only, and where AWSCURRENT moves,
     * AWSPREVIOUS follows. Deprecated versions beyond the hundredth go.
     */
    static void put(WriteTx tx, Key secret, VersionRow made) {
        boolean current = made.stages().contains(SecretTables.CURRENT);
        List<Row<VersionRow>> all =
                tx.range(SecretTables.VERSIONS, secret.scope(), secret.id() + ":", secret.id() + ";", MOST_VERSIONS);
        List<Row<VersionRow>> deprecated = new ArrayList<>();
        for (Row<VersionRow> row : all) {
            VersionRow version = row.value();
            if (version.id().equals(made.id())) {
                continue;
            }
            List<String> stages = new ArrayList<>(version.stages());
            boolean was = stages.contains(SecretTables.CURRENT);
            stages.removeAll(made.stages());
            if (current) {
                stages.remove(SecretTables.PREVIOUS);
                if (was) {
                    stages.add(SecretTables.PREVIOUS);
                }
            }
            if (!stages.equals(version.stages())) {
                tx.put(SecretTables.VERSIONS, row.key(), version.staged(stages));
            }
            if (stages.isEmpty()) {
                deprecated.add(row);
            }
        }
        if (all.size() >= 100 && !deprecated.isEmpty()) {
            deprecated.stream()
                    .min(java.util.Comparator.comparing(row -> row.value().created()))
                    .ifPresent(row -> tx.delete(SecretTables.VERSIONS, row.key()));
        }
        tx.put(SecretTables.VERSIONS, SecretTables.versionKey(secret, made.id()), made);
    }

    static void remove(WriteTx tx, Key secret) {
        for (VersionRow row : versions(tx, secret)) {
            tx.delete(SecretTables.VERSIONS, SecretTables.versionKey(secret, row.id()));
        }
        tx.delete(SecretTables.SECRETS, secret);
    }

    @Override
    public Optional<Owned> find(String resourceArn) {
        Arn arn = Arn.parse(resourceArn).orElse(null);
        if (arn == null || arn.resource().equals("secret:*")) {
            return Optional.empty();
        }
        return store.read(tx -> peek(tx, resourceArn, new Scope(arn.account(), arn.region())))
                .map(found -> new Owned(
                        found.key().account(), found.row().policy(), found.row().tags(), found.arn()));
    }
}
