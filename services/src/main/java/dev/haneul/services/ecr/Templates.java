package dev.haneul.services.ecr;

import dev.haneul.api.ecr.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ecr.EcrTables.RepositoryRow;
import dev.haneul.services.ecr.EcrTables.TemplateRow;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Repository creation templates: what repositories that nobody creates by hand are set to. */
final class Templates {
    private static final String ROOT = "ROOT";

    private final Store store;
    private final Clock clock;
    private final Pager pager;

    Templates(Store store, Clock clock, Pager pager) {
        this.store = store;
        this.clock = clock;
        this.pager = pager;
    }

    private static Scope here(Call call) {
        return new Scope(call.account(), call.region());
    }

    RepositoryCreationTemplate create(CreateRepositoryCreationTemplateRequest in, Call call) {
        Instant now = clock.instant();
        RepositoryCreationTemplate template = new RepositoryCreationTemplate()
                .prefix(in.prefix())
                .description(in.description())
                .encryptionConfiguration(
                        in.encryptionConfiguration() == null
                                ? new EncryptionConfigurationForRepositoryCreationTemplate().encryptionType("AES256")
                                : in.encryptionConfiguration())
                .resourceTags(in.resourceTags())
                .imageTagMutability(in.imageTagMutability() == null ? "MUTABLE" : in.imageTagMutability())
                .repositoryPolicy(in.repositoryPolicy())
                .lifecyclePolicy(in.lifecyclePolicy())
                .appliedFor(in.appliedFor())
                .customRoleArn(in.customRoleArn())
                .createdAt(now)
                .updatedAt(now);
        if (in.hasImageTagMutabilityExclusionFilters()) {
            template.imageTagMutabilityExclusionFilters(in.imageTagMutabilityExclusionFilters());
        }
        check(template);
        Key key = here(call).key(in.prefix());
        store.write(tx -> {
            if (tx.get(EcrTables.TEMPLATES, key).isPresent()) {
                throw Fault.of(
                        new TemplateAlreadyExistsException(),
                        "The template with prefix '" + in.prefix() + "' already exists in the registry with id '"
                                + call.account() + "'");
            }
            tx.put(EcrTables.TEMPLATES, key, new TemplateRow(template));
        });
        return template;
    }

    private static String mutability(RepositoryCreationTemplate template) {
        return Objects.requireNonNull(template.imageTagMutability());
    }

    private static void check(RepositoryCreationTemplate template) {
        Repositories.exclusions(mutability(template), template.imageTagMutabilityExclusionFilters());
        Repositories.tags(Map.of(), template.resourceTags());
        if (template.repositoryPolicy() != null && !template.repositoryPolicy().isEmpty()) {
            Repositories.checkPolicy(template.repositoryPolicy());
        }
        if (template.lifecyclePolicy() != null && !template.lifecyclePolicy().isEmpty()) {
            LifecycleRules.read(template.lifecyclePolicy());
        }
    }

    RepositoryCreationTemplate update(UpdateRepositoryCreationTemplateRequest in, Call call) {
        Key key = here(call).key(in.prefix());
        return store.transact(tx -> {
            RepositoryCreationTemplate row = require(tx, key);
            RepositoryCreationTemplate changed = new RepositoryCreationTemplate()
                    .prefix(row.prefix())
                    .description(or(in.description(), row.description()))
                    .encryptionConfiguration(
                            in.encryptionConfiguration() == null
                                    ? row.encryptionConfiguration()
                                    : in.encryptionConfiguration())
                    .resourceTags(in.hasResourceTags() ? in.resourceTags() : row.resourceTags())
                    .imageTagMutability(or(in.imageTagMutability(), row.imageTagMutability()))
                    .imageTagMutabilityExclusionFilters(
                            in.imageTagMutability() == null
                                    ? row.imageTagMutabilityExclusionFilters()
                                    : in.imageTagMutabilityExclusionFilters())
                    .repositoryPolicy(or(in.repositoryPolicy(), row.repositoryPolicy()))
                    .lifecyclePolicy(or(in.lifecyclePolicy(), row.lifecyclePolicy()))
                    .appliedFor(in.hasAppliedFor() ? in.appliedFor() : row.appliedFor())
                    .customRoleArn(or(in.customRoleArn(), row.customRoleArn()))
                    .createdAt(row.createdAt())
                    .updatedAt(clock.instant());
            check(changed);
            tx.put(EcrTables.TEMPLATES, key, new TemplateRow(changed));
            return changed;
        });
    }

    private static @Nullable String or(@Nullable String given, @Nullable String before) {
        return given == null ? before : given;
    }

    private static RepositoryCreationTemplate require(ReadTx tx, Key key) {
        return tx.get(EcrTables.TEMPLATES, key)
                .map(row -> row.value().template())
                .orElseThrow(() -> Fault.of(
                        new TemplateNotFoundException(),
                        "The template with prefix '" + key.id() + "' does not exist in the registry with id '"
                                + key.account() + "'"));
    }

    RepositoryCreationTemplate delete(DeleteRepositoryCreationTemplateRequest in, Call call) {
        Key key = here(call).key(in.prefix());
        return store.transact(tx -> {
            RepositoryCreationTemplate row = require(tx, key);
            tx.delete(EcrTables.TEMPLATES, key);
            return row;
        });
    }

    DescribeRepositoryCreationTemplatesResponse describe(DescribeRepositoryCreationTemplatesRequest in, Call call) {
        Scope scope = here(call);
        int limit = in.maxResults() == null ? Repositories.DEFAULT_PAGE : in.maxResults();
        Page<TemplateRow> page = store.read(tx -> pager.rows(
                tx,
                EcrTables.TEMPLATES,
                scope,
                row -> in.prefixes().isEmpty()
                        || in.prefixes().contains(row.template().prefix()),
                "templates " + scope + in.prefixes(),
                in.nextToken(),
                limit));
        return new DescribeRepositoryCreationTemplatesResponse()
                .registryId(call.account())
                .repositoryCreationTemplates(
                        page.items().stream().map(TemplateRow::template).toList())
                .nextToken(page.next());
    }

    /** The template that holds for a repository of this name, for one purpose. */
    Optional<RepositoryCreationTemplate> applied(Key repository, String purpose) {
        return store.read(tx -> applied(tx, repository, purpose));
    }

    /** The longest prefix that fits; ROOT fits everything that no other does. */
    private static Optional<RepositoryCreationTemplate> applied(ReadTx tx, Key repository, String purpose) {
        String name = repository.id();
        Scope scope = repository.scope();
        for (int slash = name.lastIndexOf('/'); slash > 0; slash = name.lastIndexOf('/', slash - 1)) {
            String prefix = name.substring(0, slash);
            Optional<Row<TemplateRow>> found = tx.get(EcrTables.TEMPLATES, scope.key(prefix))
                    .or(() -> tx.get(EcrTables.TEMPLATES, scope.key(prefix + "/")));
            if (found.isPresent()) {
                return found.map(row -> row.value().template())
                        .filter(each -> each.appliedFor().contains(purpose));
            }
        }
        return tx.get(EcrTables.TEMPLATES, scope.key(ROOT))
                .map(row -> row.value().template())
                .filter(each -> each.appliedFor().contains(purpose));
    }

    /** A new repository as its template has it, or with what is usual. */
    static RepositoryRow row(ReadTx tx, Key repository, String purpose, Instant now) {
        RepositoryCreationTemplate template = applied(tx, repository, purpose).orElse(null);
        if (template == null) {
            return new RepositoryRow(
                    repository.id(), now, "MUTABLE", List.of(), false, "AES256", null, Map.of(), null, null, null);
        }
        EncryptionConfigurationForRepositoryCreationTemplate encryption =
                Objects.requireNonNull(template.encryptionConfiguration());
        String kmsKey = encryption.kmsKey();
        boolean own = !encryption.encryptionType().equals("AES256");
        String usual = Arn.of("kms", repository.region(), repository.account(), "alias/aws/ecr")
                .toString();
        return new RepositoryRow(
                repository.id(),
                now,
                mutability(template),
                template.imageTagMutabilityExclusionFilters().stream()
                        .map(ImageTagMutabilityExclusionFilter::filter)
                        .toList(),
                false,
                encryption.encryptionType(),
                own ? kmsKey == null || kmsKey.isEmpty() ? usual : kmsKey : null,
                Repositories.tags(Map.of(), template.resourceTags()),
                blank(template.repositoryPolicy()),
                blank(template.lifecyclePolicy()),
                null);
    }

    private static @Nullable String blank(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }
}
