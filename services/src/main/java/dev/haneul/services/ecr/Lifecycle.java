package dev.haneul.services.ecr;

import dev.haneul.api.ecr.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ecr.EcrTables.Expiring;
import dev.haneul.services.ecr.EcrTables.PreviewRow;
import dev.haneul.services.ecr.EcrTables.RepositoryRow;
import dev.haneul.services.ecr.LifecyclePlan.Candidate;
import dev.haneul.services.ecr.LifecyclePlan.Expired;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lifecycle policies: kept, previewed, and carried out every hour of the region's time (AWS promises a day). Layers
 * that no image of their repository needs any more go in the same round.
 */
final class Lifecycle implements Reconciler<String> {
    private static final Duration PERIOD = Duration.ofHours(1);
    private static final Duration LAYER_GRACE = Duration.ofDays(1);
    private static final int DELETED_AT_ONCE = 100;

    private final Store store;
    private final Clock clock;
    private final Pager pager;
    private final Images images;
    private final dev.haneul.storage.Layers layers;
    private Driver.@Nullable Waker<String> waker;

    Lifecycle(Store store, Clock clock, Pager pager, Images images, dev.haneul.storage.Layers layers) {
        this.store = store;
        this.clock = clock;
        this.pager = pager;
        this.images = images;
        this.layers = layers;
    }

    void join(Driver driver) {
        waker = driver.add(this, 1);
        waker.wake("hour");
    }

    PutLifecyclePolicyResponse put(PutLifecyclePolicyRequest in, Call call) {
        Key key = Repositories.key(in.registryId(), in.repositoryName(), call);
        LifecycleRules.read(in.lifecyclePolicyText());
        store.write(tx -> tx.put(
                EcrTables.REPOSITORIES,
                key,
                Repositories.require(tx, key).withLifecycle(in.lifecyclePolicyText(), null)));
        Driver.Waker<String> joined = waker;
        if (joined != null) {
            joined.wake("hour");
        }
        return new PutLifecyclePolicyResponse()
                .registryId(key.account())
                .repositoryName(key.id())
                .lifecyclePolicyText(in.lifecyclePolicyText());
    }

    private static String policy(Key key, RepositoryRow row) {
        if (row.lifecycle() == null) {
            throw Fault.of(
                    new LifecyclePolicyNotFoundException(),
                    "Lifecycle policy does not exist for the repository with name '" + key.id()
                            + "' in the registry with id '" + key.account() + "'");
        }
        return row.lifecycle();
    }

    GetLifecyclePolicyResponse get(GetLifecyclePolicyRequest in, Call call) {
        Key key = Repositories.key(in.registryId(), in.repositoryName(), call);
        RepositoryRow row = store.read(tx -> Repositories.require(tx, key));
        return new GetLifecyclePolicyResponse()
                .registryId(key.account())
                .repositoryName(key.id())
                .lifecyclePolicyText(policy(key, row))
                .lastEvaluatedAt(row.evaluated());
    }

    DeleteLifecyclePolicyResponse delete(DeleteLifecyclePolicyRequest in, Call call) {
        Key key = Repositories.key(in.registryId(), in.repositoryName(), call);
        RepositoryRow before = store.transact(tx -> {
            RepositoryRow row = Repositories.require(tx, key);
            policy(key, row);
            tx.put(EcrTables.REPOSITORIES, key, row.withLifecycle(null, null));
            return row;
        });
        return new DeleteLifecyclePolicyResponse()
                .registryId(key.account())
                .repositoryName(key.id())
                .lifecyclePolicyText(before.lifecycle())
                .lastEvaluatedAt(before.evaluated());
    }

    private static List<Expired> plan(ReadTx tx, Key repository, String policy, Instant now) {
        List<Candidate> candidates = ImageLists.all(tx, repository).stream()
                .map(row -> new Candidate(
                        row.digest(),
                        Images.tags(tx, repository, row.digest()),
                        row.pushed(),
                        row.pulled() == null ? row.pushed() : row.pulled(),
                        row.index() ? row.parts() : List.of()))
                .toList();
        return LifecyclePlan.of(LifecycleRules.read(policy), candidates, now);
    }

    /** A preview is worked out at once, though AWS's clients are told to come back for it. */
    StartLifecyclePolicyPreviewResponse preview(StartLifecyclePolicyPreviewRequest in, Call call) {
        Key key = Repositories.key(in.registryId(), in.repositoryName(), call);
        RepositoryRow row = store.read(tx -> Repositories.require(tx, key));
        String policy = in.lifecyclePolicyText() == null ? policy(key, row) : in.lifecyclePolicyText();
        LifecycleRules.read(policy);
        Instant now = clock.instant();
        store.write(tx -> {
            List<Expiring> expiring = plan(tx, key, policy, now).stream()
                    .map(each -> new Expiring(
                            each.image().digest(),
                            each.image().tags(),
                            each.image().pushed(),
                            each.rule()))
                    .toList();
            tx.put(EcrTables.PREVIEWS, key, new PreviewRow(policy, now, expiring));
        });
        return new StartLifecyclePolicyPreviewResponse()
                .registryId(key.account())
                .repositoryName(key.id())
                .lifecyclePolicyText(policy)
                .status("IN_PROGRESS");
    }

    GetLifecyclePolicyPreviewResponse previewed(GetLifecyclePolicyPreviewRequest in, Call call) {
        Key key = Repositories.key(in.registryId(), in.repositoryName(), call);
        PreviewRow preview = store.read(tx -> {
            Repositories.require(tx, key);
            return tx.get(EcrTables.PREVIEWS, key)
                    .map(Row::value)
                    .orElseThrow(() -> Fault.of(
                            new LifecyclePolicyPreviewNotFoundException(),
                            "Lifecycle policy preview does not exist for the repository with name '" + key.id()
                                    + "' in the registry with id '" + key.account() + "'"));
        });
        String status = in.filter() == null || in.filter().tagStatus() == null
                ? "ANY"
                : in.filter().tagStatus().toUpperCase(Locale.ROOT);
        List<Expiring> shown = preview.expiring().stream()
                .filter(each -> status.equals("ANY")
                        || status.equals("UNTAGGED") == each.tags().isEmpty())
                .filter(each -> in.imageIds().isEmpty()
                        || in.imageIds().stream()
                                .anyMatch(id -> each.digest().equals(id.imageDigest())
                                        || each.tags().contains(id.imageTag())))
                .toList();
        int limit = in.maxResults() == null ? 100 : in.maxResults();
        Page<Expiring> page =
                pager.list(shown, Expiring::digest, "preview " + key + status + preview.at(), in.nextToken(), limit);
        return new GetLifecyclePolicyPreviewResponse()
                .registryId(key.account())
                .repositoryName(key.id())
                .lifecyclePolicyText(preview.policy())
                .status("COMPLETE")
                .previewResults(page.items().stream().map(Lifecycle::line).toList())
                .nextToken(page.next())
                .summary(new LifecyclePolicyPreviewSummary()
                        .expiringImageTotalCount(preview.expiring().size()));
    }

    private static LifecyclePolicyPreviewResult line(Expiring each) {
        return new LifecyclePolicyPreviewResult()
                .imageDigest(each.digest())
                .imageTags(each.tags())
                .imagePushedAt(each.pushed())
                .action(new LifecyclePolicyRuleAction().type("EXPIRE"))
                .appliedRulePriority(each.rule());
    }

    @Override
    public String name() {
        return "ecr.lifecycle";
    }

    @Override
    public Next reconcile(String key) {
        List<Key> repositories = new ArrayList<>();
        EcrMeter.each(store, EcrTables.REPOSITORIES, row -> {
            if (row.value().lifecycle() != null) {
                repositories.add(row.key());
            }
        });
        repositories.forEach(this::expire);
        sweepLayers();
        return Next.after(PERIOD);
    }

    /** Expires the images of a repository, some at a time. */
    private void expire(Key repository) {
        boolean more = true;
        while (more) {
            Instant now = clock.instant();
            more = store.transact(tx -> {
                RepositoryRow row = tx.get(EcrTables.REPOSITORIES, repository)
                        .map(Row::value)
                        .orElse(null);
                if (row == null || row.lifecycle() == null) {
                    return false;
                }
                List<Expired> expired = plan(tx, repository, row.lifecycle(), now);
                expired.stream()
                        .limit(DELETED_AT_ONCE)
                        .forEach(
                                each -> Images.find(tx, repository, each.image().digest(), null)
                                        .ifPresent(image -> images.remove(tx, repository, image)));
                tx.put(EcrTables.REPOSITORIES, repository, row.withLifecycle(row.lifecycle(), now));
                return expired.size() > DELETED_AT_ONCE;
            });
        }
    }

    private void sweepLayers() {
        Instant before = clock.instant().minus(LAYER_GRACE);
        List<Key> old = new ArrayList<>();
        EcrMeter.each(store, EcrTables.LAYERS, row -> {
            if (row.value().since().isBefore(before)) {
                old.add(row.key());
            }
        });
        for (Key each : old) {
            boolean needed = store.read(tx -> Uploads.neededBy(tx, each));
            if (!needed) {
                sweep(each, before);
            }
        }
    }

    private void sweep(Key layer, Instant before) {
        store.write(tx -> {
            Optional<EcrTables.LayerRow> row = tx.get(EcrTables.LAYERS, layer).map(Row::value);
            if (row.isPresent() && row.get().since().isBefore(before) && !Uploads.neededBy(tx, layer)) {
                tx.delete(EcrTables.LAYERS, layer);
                layers.release(tx, layer.account(), row.get().digest());
            }
        });
    }
}
