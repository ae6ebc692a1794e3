package dev.haneul.services.ecr;

import dev.haneul.api.ecr.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.ecr.EcrTables.ImageRow;
import dev.haneul.services.ecr.EcrTables.Scan;
import dev.haneul.services.ecr.EcrTables.TagRow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Lists of what a repository holds. */
final class ImageLists {
    private static final int CHUNK = 500;
    private static final String ANY = "ANY";

    private final Store store;
    private final Pager pager;

    ImageLists(Store store, Pager pager) {
        this.store = store;
        this.pager = pager;
    }

    /** Every image of a repository, at most a hundred thousand. */
    static List<ImageRow> all(ReadTx tx, Key repository) {
        List<ImageRow> found = new ArrayList<>();
        String from = repository.id() + "@";
        while (true) {
            List<Row<ImageRow>> rows =
                    tx.range(EcrTables.IMAGES, repository.scope(), from, repository.id() + "A", CHUNK);
            rows.forEach(row -> found.add(row.value()));
            if (rows.size() < CHUNK) {
                return found;
            }
            from = rows.getLast().key().id() + "\u0000";
        }
    }

    /** Every tag of a repository, in order. */
    static List<TagRow> tags(ReadTx tx, Key repository) {
        List<TagRow> found = new ArrayList<>();
        String from = repository.id() + ":";
        while (true) {
            List<Row<TagRow>> rows = tx.range(EcrTables.TAGS, repository.scope(), from, repository.id() + ";", CHUNK);
            rows.forEach(row -> found.add(row.value()));
            if (rows.size() < CHUNK) {
                return found;
            }
            from = rows.getLast().key().id() + "\u0000";
        }
    }

    ListImagesResponse list(ListImagesRequest in, Call call) {
        Key repository = Repositories.key(in.registryId(), in.repositoryName(), call);
        String status = in.filter() == null || in.filter().tagStatus() == null
                ? ANY
                : in.filter().tagStatus();
        int limit = in.maxResults() == null ? Repositories.DEFAULT_PAGE : in.maxResults();
        Page<ImageIdentifier> page = store.read(tx -> {
            Repositories.require(tx, repository);
            List<ImageIdentifier> ids = new ArrayList<>();
            if (!status.equals("UNTAGGED")) {
                tags(tx, repository)
                        .forEach(tag -> ids.add(
                                new ImageIdentifier().imageDigest(tag.digest()).imageTag(tag.tag())));
            }
            if (!status.equals("TAGGED")) {
                all(tx, repository).stream()
                        .filter(image ->
                                Images.tags(tx, repository, image.digest()).isEmpty())
                        .forEach(image -> ids.add(new ImageIdentifier().imageDigest(image.digest())));
            }
            Function<ImageIdentifier, String> order =
                    id -> id.imageDigest() + " " + (id.imageTag() == null ? "" : id.imageTag());
            return pager.list(ids, order, "images " + repository + status, in.nextToken(), limit);
        });
        return new ListImagesResponse().imageIds(page.items()).nextToken(page.next());
    }

    DescribeImagesResponse describe(DescribeImagesRequest in, Call call) {
        Key repository = Repositories.key(in.registryId(), in.repositoryName(), call);
        if (!in.imageIds().isEmpty()) {
            List<ImageDetail> found = store.read(tx -> {
                Repositories.require(tx, repository);
                return in.imageIds().stream()
                        .map(id -> Images.require(tx, repository, id))
                        .distinct()
                        .map(row -> detail(tx, repository, row))
                        .toList();
            });
            return new DescribeImagesResponse().imageDetails(found);
        }
        String status = in.filter() == null || in.filter().tagStatus() == null
                ? ANY
                : in.filter().tagStatus();
        int limit = in.maxResults() == null ? Repositories.DEFAULT_PAGE : in.maxResults();
        return store.read(tx -> {
            Repositories.require(tx, repository);
            List<ImageRow> rows = all(tx, repository).stream()
                    .filter(row -> status.equals(ANY)
                            || status.equals("UNTAGGED")
                                    == Images.tags(tx, repository, row.digest()).isEmpty())
                    .toList();
            Page<ImageRow> page =
                    pager.list(rows, ImageRow::digest, "details " + repository + status, in.nextToken(), limit);
            return new DescribeImagesResponse()
                    .imageDetails(page.items().stream()
                            .map(row -> detail(tx, repository, row))
                            .toList())
                    .nextToken(page.next());
        });
    }

    private static ImageDetail detail(ReadTx tx, Key repository, ImageRow row) {
        ImageDetail detail = new ImageDetail()
                .registryId(repository.account())
                .repositoryName(repository.id())
                .imageDigest(row.digest())
                .imageManifestMediaType(row.mediaType())
                .artifactMediaType(row.artifactType())
                .imagePushedAt(row.pushed())
                .lastRecordedPullTime(row.pulled())
                .subjectManifestDigest(row.subject())
                .imageStatus("ACTIVE");
        if (!row.index()) {
            detail.imageSizeInBytes(row.size());
        }
        List<String> tags = Images.tags(tx, repository, row.digest());
        if (!tags.isEmpty()) {
            detail.imageTags(tags);
        }
        Scan scan = row.scan();
        if (scan != null) {
            detail.imageScanStatus(new ImageScanStatus().status(scan.status()).description(scan.description()));
            detail.imageScanFindingsSummary(summary(scan));
        }
        return detail;
    }

    private static @Nullable ImageScanFindingsSummary summary(Scan scan) {
        return scan.completed() == null || !scan.status().equals("COMPLETE")
                ? null
                : new ImageScanFindingsSummary().imageScanCompletedAt(scan.completed());
    }

    ListImageReferrersResponse referrers(ListImageReferrersRequest in, Call call) {
        Key repository = Repositories.key(in.registryId(), in.repositoryName(), call);
        List<String> types = in.filter() == null ? List.of() : in.filter().artifactTypes();
        String digest = in.subjectId().imageDigest();
        int limit = in.maxResults() == null ? 50 : in.maxResults();
        Page<ImageRow> page = store.read(tx -> {
            Repositories.require(tx, repository);
            List<ImageRow> rows = Images.referrers(tx, repository, digest).stream()
                    .filter(row -> types.isEmpty() || types.contains(row.artifactType()))
                    .toList();
            return pager.list(
                    rows, ImageRow::digest, "referrers " + repository + digest + types, in.nextToken(), limit);
        });
        return new ListImageReferrersResponse()
                .referrers(page.items().stream().map(Images::referrer).toList())
                .nextToken(page.next());
    }
}
