package dev.haneul.services.secretsmanager;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.secretsmanager.*;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.secretsmanager.SecretTables.Rotation;
import dev.haneul.services.secretsmanager.SecretTables.SecretRow;
import dev.haneul.services.secretsmanager.SecretTables.Times;
import dev.haneul.services.secretsmanager.SecretTables.VersionRow;
import dev.haneul.services.secretsmanager.Secrets.Found;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Values read, secrets described and listed. */
final class Reading {
    private static final int PAGE = 100;
    private static final int BATCH = 20;

    private final Store store;
    private final Clock clock;
    private final Secrets secrets;
    private final Values values;
    private final Pager pager;
    private final Permissions permissions;

    Reading(Store store, Clock clock, Secrets secrets, Values values, Pager pager, Permissions permissions) {
        this.store = store;
        this.clock = clock;
        this.secrets = secrets;
        this.values = values;
        this.pager = pager;
        this.permissions = permissions;
    }

    GetSecretValueResponse get(GetSecretValueRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call).alive();
        VersionRow version = version(found, in.versionId(), in.versionStage());
        byte[] clear = values.open(found.arn(), version, call);
        Instant day = clock.instant().truncatedTo(ChronoUnit.DAYS);
        if (!day.equals(found.row().times().accessed())) {
            secrets.change(found.key(), row -> {
                Times old = row.times();
                return row.at(new Times(old.created(), old.changed(), day, old.rotated(), old.deleted(), old.purge()));
            });
        }
        return new GetSecretValueResponse()
                .arn(found.arn())
                .name(found.row().name())
                .versionId(version.id())
                .secretString(version.binary() ? null : new String(clear, StandardCharsets.UTF_8))
                .secretBinary(version.binary() ? clear : null)
                .versionStages(version.stages())
                .createdDate(version.created());
    }

    private VersionRow version(Found found, @Nullable String id, @Nullable String stage) {
        String label = stage == null ? SecretTables.CURRENT : stage;
        List<VersionRow> all = secrets.versions(found.key());
        if (id != null) {
            VersionRow version = all.stream()
                    .filter(each -> each.id().equals(id) && !each.sealed().isEmpty())
                    .findFirst()
                    .orElseThrow(() -> SecretFaults.noValue("VersionId: " + id));
            if (stage != null && !version.stages().contains(stage)) {
                throw SecretFaults.request(
                        "You provided a VersionStage that is not associated to the provided VersionId.");
            }
            return version;
        }
        return all.stream()
                .filter(each -> each.stages().contains(label) && !each.sealed().isEmpty())
                .findFirst()
                .orElseThrow(() -> SecretFaults.noValue("staging label: " + label));
    }

    BatchGetSecretValueResponse batch(BatchGetSecretValueRequest in, Call call) {
        if (in.secretIdList().isEmpty() == in.filters().isEmpty()) {
            throw SecretFaults.invalid("Either SecretIdList or Filters must be provided, but not both.");
        }
        int max = in.maxResults() == null ? BATCH : Math.min(in.maxResults(), BATCH);
        List<String> ids = in.secretIdList();
        String next = null;
        if (ids.isEmpty()) {
            Page<Found> page = page(in.filters(), false, max, in.nextToken(), "batch", call);
            ids = page.items().stream().map(Found::arn).toList();
            next = page.next();
        }
        List<SecretValueEntry> found = new ArrayList<>();
        List<APIErrorType> errors = new ArrayList<>();
        for (String id : ids) {
            try {
                if (in.secretIdList().isEmpty()) {
                    permissions.require(call, "secretsmanager:GetSecretValue", id, Map.of());
                }
                GetSecretValueResponse each = get(new GetSecretValueRequest().secretId(id), call);
                found.add(new SecretValueEntry()
                        .arn(each.arn())
                        .name(each.name())
                        .versionId(each.versionId())
                        .secretBinary(each.secretBinary())
                        .secretString(each.secretString())
                        .versionStages(each.versionStages())
                        .createdDate(each.createdDate()));
            } catch (Fault fault) {
                errors.add(
                        new APIErrorType().secretId(id).errorCode(fault.code()).message(fault.message()));
            }
        }
        return new BatchGetSecretValueResponse()
                .secretValues(found)
                .errors(errors)
                .nextToken(next);
    }

    DescribeSecretResponse describe(String id, Call call) {
        Found found = secrets.find(id, call);
        SecretRow row = found.row();
        Rotation rotation = row.rotation();
        boolean rotates = rotation.function() != null;
        return new DescribeSecretResponse()
                .arn(found.arn())
                .name(row.name())
                .owningService(row.owner())
                .description(row.description())
                .kmsKeyId(row.kmsKeyId())
                .rotationEnabled(rotates ? rotation.enabled() : null)
                .rotationLambdaARN(rotation.function())
                .rotationRules(rotates ? rules(rotation) : null)
                .lastRotatedDate(row.times().rotated())
                .lastChangedDate(row.times().changed())
                .lastAccessedDate(row.times().accessed())
                .deletedDate(row.times().deleted())
                .nextRotationDate(rotation.enabled() ? rotation.next() : null)
                .tags(tags(row))
                .versionIdsToStages(Secrets.stages(secrets.versions(found.key())))
                .createdDate(row.times().created())
                .primaryRegion(primary(found))
                .replicationStatus(row.replicas().isEmpty() ? null : Writing.statuses(row.replicas()));
    }

    private static @Nullable String primary(Found found) {
        SecretRow row = found.row();
        return !row.primary().isEmpty()
                ? row.primary()
                : row.replicas().isEmpty() ? null : found.key().region();
    }

    private static RotationRulesType rules(Rotation rotation) {
        return new RotationRulesType()
                .automaticallyAfterDays(rotation.days())
                .duration(rotation.duration())
                .scheduleExpression(rotation.expression());
    }

    private static @Nullable List<Tag> tags(SecretRow row) {
        List<Tag> all = row.tags().entrySet().stream()
                .map(each -> new Tag().key(each.getKey()).value(each.getValue()))
                .toList();
        return all.isEmpty() ? null : all;
    }

    ListSecretsResponse list(ListSecretsRequest in, Call call) {
        int max = in.maxResults() == null ? PAGE : in.maxResults();
        boolean gone = Boolean.TRUE.equals(in.includePlannedDeletion());
        Page<Found> page = page(in.filters(), gone, max, in.nextToken(), "list" + in.sortOrder() + gone, call);
        return new ListSecretsResponse()
                .secretList(page.items().stream().map(this::entry).toList())
                .nextToken(page.next());
    }

    private SecretListEntry entry(Found found) {
        SecretRow row = found.row();
        Rotation rotation = row.rotation();
        boolean rotates = rotation.function() != null;
        return new SecretListEntry()
                .arn(found.arn())
                .name(row.name())
                .owningService(row.owner())
                .description(row.description())
                .kmsKeyId(row.kmsKeyId())
                .rotationEnabled(rotates ? rotation.enabled() : null)
                .rotationLambdaARN(rotation.function())
                .rotationRules(rotates ? rules(rotation) : null)
                .lastRotatedDate(row.times().rotated())
                .lastChangedDate(row.times().changed())
                .lastAccessedDate(row.times().accessed())
                .deletedDate(row.times().deleted())
                .nextRotationDate(rotation.enabled() ? rotation.next() : null)
                .tags(tags(row))
                .secretVersionsToStages(Secrets.stages(secrets.versions(found.key())))
                .createdDate(row.times().created())
                .primaryRegion(primary(found));
    }

    private Page<Found> page(
            List<Filter> filters, boolean gone, int max, @Nullable String token, String kind, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        List<Found> all = store.read(tx -> tx.range(SecretTables.SECRETS, scope, "", null, 10_000)).stream()
                .map((Row<SecretRow> row) -> new Found(row.key(), row.value()))
                .filter(each -> gone || each.row().times().deleted() == null)
                .filter(each -> filters.stream().allMatch(filter -> matches(filter, each)))
                .toList();
        return pager.list(all, each -> each.row().name(), "secrets " + kind + scope + filters, token, max);
    }

    private static boolean matches(Filter filter, Found found) {
        SecretRow row = found.row();
        Collection<String> texts = switch (String.valueOf(filter.key())) {
            case "name" -> List.of(row.name());
            case "description" -> words(row.description());
            case "tag-key" -> row.tags().keySet();
            case "tag-value" -> row.tags().values();
            case "primary-region" -> words(primary(found));
            case "owning-service" -> List.of();
            case "all" -> {
                List<String> all = new ArrayList<>(List.of(row.name()));
                all.addAll(words(row.description()));
                all.addAll(row.tags().keySet());
                all.addAll(row.tags().values());
                yield all;
            }
            default -> throw SecretFaults.invalid("The filter key " + filter.key() + " is invalid.");
        };
        boolean whole = Objects.equals(filter.key(), "name")
                || String.valueOf(filter.key()).startsWith("tag");
        return filter.values().stream().anyMatch(asked -> {
            boolean not = asked.startsWith("!");
            String wanted = not ? asked.substring(1) : asked;
            return not
                    != texts.stream()
                            .anyMatch(text -> whole
                                    ? text.startsWith(wanted)
                                    : text.toLowerCase(Locale.ROOT).startsWith(wanted.toLowerCase(Locale.ROOT)));
        });
    }

    private static List<String> words(@Nullable String text) {
        if (text == null) {
            return List.of();
        }
        List<String> all = new ArrayList<>(List.of(text.split("[\\s/_+=.@-]+")));
        all.add(text);
        return all;
    }

    ListSecretVersionIdsResponse versions(ListSecretVersionIdsRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call);
        List<VersionRow> all = secrets.versions(found.key()).stream()
                .filter(each -> Boolean.TRUE.equals(in.includeDeprecated())
                        || !each.stages().isEmpty())
                .toList();
        Page<VersionRow> page = pager.list(
                all,
                VersionRow::id,
                "versions " + found.arn() + in.includeDeprecated(),
                in.nextToken(),
                in.maxResults() == null ? PAGE : in.maxResults());
        return new ListSecretVersionIdsResponse()
                .arn(found.arn())
                .name(found.row().name())
                .versions(page.items().stream()
                        .map(each -> new SecretVersionsListEntry()
                                .versionId(each.id())
                                .versionStages(each.stages().isEmpty() ? null : each.stages())
                                .createdDate(each.created())
                                .kmsKeyIds(each.kmsKeyId().isEmpty() ? null : List.of(each.kmsKeyId())))
                        .toList())
                .nextToken(page.next());
    }
}
