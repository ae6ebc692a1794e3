package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.AnalyticsConfiguration;
import dev.haneul.api.s3.DeleteBucketAnalyticsConfigurationOutput;
import dev.haneul.api.s3.DeleteBucketAnalyticsConfigurationRequest;
import dev.haneul.api.s3.DeleteBucketIntelligentTieringConfigurationOutput;
import dev.haneul.api.s3.DeleteBucketIntelligentTieringConfigurationRequest;
import dev.haneul.api.s3.DeleteBucketInventoryConfigurationOutput;
import dev.haneul.api.s3.DeleteBucketInventoryConfigurationRequest;
import dev.haneul.api.s3.DeleteBucketMetricsConfigurationOutput;
import dev.haneul.api.s3.DeleteBucketMetricsConfigurationRequest;
import dev.haneul.api.s3.GetBucketAnalyticsConfigurationOutput;
import dev.haneul.api.s3.GetBucketAnalyticsConfigurationRequest;
import dev.haneul.api.s3.GetBucketIntelligentTieringConfigurationOutput;
import dev.haneul.api.s3.GetBucketIntelligentTieringConfigurationRequest;
import dev.haneul.api.s3.GetBucketInventoryConfigurationOutput;
import dev.haneul.api.s3.GetBucketInventoryConfigurationRequest;
import dev.haneul.api.s3.GetBucketMetricsConfigurationOutput;
import dev.haneul.api.s3.GetBucketMetricsConfigurationRequest;
import dev.haneul.api.s3.IntelligentTieringConfiguration;
import dev.haneul.api.s3.InventoryConfiguration;
import dev.haneul.api.s3.ListBucketAnalyticsConfigurationsOutput;
import dev.haneul.api.s3.ListBucketAnalyticsConfigurationsRequest;
import dev.haneul.api.s3.ListBucketIntelligentTieringConfigurationsOutput;
import dev.haneul.api.s3.ListBucketIntelligentTieringConfigurationsRequest;
import dev.haneul.api.s3.ListBucketInventoryConfigurationsOutput;
import dev.haneul.api.s3.ListBucketInventoryConfigurationsRequest;
import dev.haneul.api.s3.ListBucketMetricsConfigurationsOutput;
import dev.haneul.api.s3.ListBucketMetricsConfigurationsRequest;
import dev.haneul.api.s3.MetricsConfiguration;
import dev.haneul.api.s3.PutBucketAnalyticsConfigurationOutput;
import dev.haneul.api.s3.PutBucketAnalyticsConfigurationRequest;
import dev.haneul.api.s3.PutBucketIntelligentTieringConfigurationOutput;
import dev.haneul.api.s3.PutBucketIntelligentTieringConfigurationRequest;
import dev.haneul.api.s3.PutBucketInventoryConfigurationOutput;
import dev.haneul.api.s3.PutBucketInventoryConfigurationRequest;
import dev.haneul.api.s3.PutBucketMetricsConfigurationOutput;
import dev.haneul.api.s3.PutBucketMetricsConfigurationRequest;
import dev.haneul.api.s3.Tiering;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.s3.Configurations.NamedDocument;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The configurations a bucket may have many of, each with an id. Lists come in pages of a hundred, in order of the ids. */
final class NamedDocuments {
    private static final int MAX_A_KIND = 1000;
    private static final int PAGE = 100;
    private static final String ID_PATTERN = "[A-Za-z0-9_.-]{1,64}";

    private final S3Context s3;

    NamedDocuments(S3Context s3) {
        this.s3 = s3;
    }

    private enum Kind {
        INVENTORY,
        ANALYTICS,
        METRICS,
        TIERING
    }

    /** A stretch of a list. */
    private record Page(
            List<NamedDocument> documents, @Nullable String next) {}

    private static Key key(Buckets.Bucket bucket, Kind kind, String id) {
        return S3Tables.bucketKey(bucket.account(), prefix(bucket, kind) + id);
    }

    private static String prefix(Buckets.Bucket bucket, Kind kind) {
        return bucket.name() + '/' + kind.name() + '/';
    }

    private NamedDocument get(String name, Kind kind, String id, Call call, @Nullable String expectedOwner) {
        return s3.store().read(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, name, call, expectedOwner);
            return tx.get(Configurations.NAMED, key(bucket, kind, id))
                    .map(Row::value)
                    .orElseThrow(NamedDocuments::none);
        });
    }

    private void put(
            String name, Kind kind, Ids ids, NamedDocument document, Call call, @Nullable String expectedOwner) {
        if (!ids.body.equals(ids.query) || !ids.query.matches(ID_PATTERN)) {
            throw S3Errors.invalidArgument("The specified configuration id is invalid", "id", ids.query);
        }
        s3.store().write(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, name, call, expectedOwner);
            Key key = key(bucket, kind, ids.query);
            Scope scope = S3Tables.accountScope(bucket.account());
            String from = prefix(bucket, kind);
            boolean more = tx.get(Configurations.NAMED, key).isEmpty();
            if (more
                    && tx.range(Configurations.NAMED, scope, from, Utf8Order.after(from), MAX_A_KIND)
                                    .size()
                            == MAX_A_KIND) {
                throw Fault.client(
                        "TooManyConfigurations",
                        400,
                        "You are attempting to create a new configuration but have already reached the"
                                + " 1,000-configuration limit.");
            }
            tx.put(Configurations.NAMED, key, document);
        });
    }

    /** The id in the query and the one in the document, which must be the same. */
    private record Ids(String query, String body) {
        static Ids of(@Nullable String query, @Nullable String body) {
            return new Ids(ListObjects.or(query), ListObjects.or(body));
        }
    }

    private void delete(String name, Kind kind, String id, Call call, @Nullable String expectedOwner) {
        s3.store().write(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, name, call, expectedOwner);
            if (tx.get(Configurations.NAMED, key(bucket, kind, id)).isEmpty()) {
                throw none();
            }
            tx.delete(Configurations.NAMED, key(bucket, kind, id));
        });
    }

    private static Fault none() {
        return Fault.client("NoSuchConfiguration", 404, "The specified configuration does not exist.");
    }

    private Page list(String name, Kind kind, @Nullable String token, Call call, @Nullable String expectedOwner) {
        return s3.store().read(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, name, call, expectedOwner);
            String prefix = prefix(bucket, kind);
            String from = token == null ? prefix : prefix + ListObjects.untoken(token);
            List<Row<NamedDocument>> rows = tx.range(
                    Configurations.NAMED,
                    S3Tables.accountScope(bucket.account()),
                    from,
                    Utf8Order.after(prefix),
                    PAGE + 1);
            String next = rows.size() > PAGE
                    ? ListObjects.token(rows.getLast().key().id().substring(prefix.length()))
                    : null;
            return new Page(rows.stream().limit(PAGE).map(Row::value).toList(), next);
        });
    }

    GetBucketInventoryConfigurationOutput get(GetBucketInventoryConfigurationRequest in, Call call) {
        NamedDocument found = get(in.bucket(), Kind.INVENTORY, in.id(), call, in.expectedBucketOwner());
        return new GetBucketInventoryConfigurationOutput().inventoryConfiguration(found.inventory());
    }

    PutBucketInventoryConfigurationOutput put(PutBucketInventoryConfigurationRequest in, Call call) {
        InventoryConfiguration given = in.inventoryConfiguration();
        InventoryRules.check(given);
        NamedDocument document = new NamedDocument(given, null, null, null);
        put(in.bucket(), Kind.INVENTORY, Ids.of(in.id(), given.id()), document, call, in.expectedBucketOwner());
        return new PutBucketInventoryConfigurationOutput();
    }

    DeleteBucketInventoryConfigurationOutput delete(DeleteBucketInventoryConfigurationRequest in, Call call) {
        delete(in.bucket(), Kind.INVENTORY, in.id(), call, in.expectedBucketOwner());
        return new DeleteBucketInventoryConfigurationOutput();
    }

    ListBucketInventoryConfigurationsOutput list(ListBucketInventoryConfigurationsRequest in, Call call) {
        Page page = list(in.bucket(), Kind.INVENTORY, in.continuationToken(), call, in.expectedBucketOwner());
        return new ListBucketInventoryConfigurationsOutput()
                .inventoryConfigurationList(page.documents.stream()
                        .map(document -> Objects.requireNonNull(document.inventory()))
                        .toList())
                .continuationToken(in.continuationToken())
                .isTruncated(page.next != null)
                .nextContinuationToken(page.next);
    }

    GetBucketAnalyticsConfigurationOutput get(GetBucketAnalyticsConfigurationRequest in, Call call) {
        NamedDocument found = get(in.bucket(), Kind.ANALYTICS, in.id(), call, in.expectedBucketOwner());
        return new GetBucketAnalyticsConfigurationOutput().analyticsConfiguration(found.analytics());
    }

    PutBucketAnalyticsConfigurationOutput put(PutBucketAnalyticsConfigurationRequest in, Call call) {
        AnalyticsConfiguration given = in.analyticsConfiguration();
        NamedDocument document = new NamedDocument(null, given, null, null);
        put(in.bucket(), Kind.ANALYTICS, Ids.of(in.id(), given.id()), document, call, in.expectedBucketOwner());
        return new PutBucketAnalyticsConfigurationOutput();
    }

    DeleteBucketAnalyticsConfigurationOutput delete(DeleteBucketAnalyticsConfigurationRequest in, Call call) {
        delete(in.bucket(), Kind.ANALYTICS, in.id(), call, in.expectedBucketOwner());
        return new DeleteBucketAnalyticsConfigurationOutput();
    }

    ListBucketAnalyticsConfigurationsOutput list(ListBucketAnalyticsConfigurationsRequest in, Call call) {
        Page page = list(in.bucket(), Kind.ANALYTICS, in.continuationToken(), call, in.expectedBucketOwner());
        return new ListBucketAnalyticsConfigurationsOutput()
                .analyticsConfigurationList(page.documents.stream()
                        .map(document -> Objects.requireNonNull(document.analytics()))
                        .toList())
                .continuationToken(in.continuationToken())
                .isTruncated(page.next != null)
                .nextContinuationToken(page.next);
    }

    GetBucketMetricsConfigurationOutput get(GetBucketMetricsConfigurationRequest in, Call call) {
        NamedDocument found = get(in.bucket(), Kind.METRICS, in.id(), call, in.expectedBucketOwner());
        return new GetBucketMetricsConfigurationOutput().metricsConfiguration(found.metrics());
    }

    PutBucketMetricsConfigurationOutput put(PutBucketMetricsConfigurationRequest in, Call call) {
        MetricsConfiguration given = in.metricsConfiguration();
        NamedDocument document = new NamedDocument(null, null, given, null);
        put(in.bucket(), Kind.METRICS, Ids.of(in.id(), given.id()), document, call, in.expectedBucketOwner());
        return new PutBucketMetricsConfigurationOutput();
    }

    DeleteBucketMetricsConfigurationOutput delete(DeleteBucketMetricsConfigurationRequest in, Call call) {
        delete(in.bucket(), Kind.METRICS, in.id(), call, in.expectedBucketOwner());
        return new DeleteBucketMetricsConfigurationOutput();
    }

    ListBucketMetricsConfigurationsOutput list(ListBucketMetricsConfigurationsRequest in, Call call) {
        Page page = list(in.bucket(), Kind.METRICS, in.continuationToken(), call, in.expectedBucketOwner());
        return new ListBucketMetricsConfigurationsOutput()
                .metricsConfigurationList(page.documents.stream()
                        .map(document -> Objects.requireNonNull(document.metrics()))
                        .toList())
                .continuationToken(in.continuationToken())
                .isTruncated(page.next != null)
                .nextContinuationToken(page.next);
    }

    GetBucketIntelligentTieringConfigurationOutput get(GetBucketIntelligentTieringConfigurationRequest in, Call call) {
        NamedDocument found = get(in.bucket(), Kind.TIERING, in.id(), call, in.expectedBucketOwner());
        return new GetBucketIntelligentTieringConfigurationOutput().intelligentTieringConfiguration(found.tiering());
    }

    PutBucketIntelligentTieringConfigurationOutput put(PutBucketIntelligentTieringConfigurationRequest in, Call call) {
        IntelligentTieringConfiguration given = in.intelligentTieringConfiguration();
        checkTiers(given);
        NamedDocument document = new NamedDocument(null, null, null, given);
        put(in.bucket(), Kind.TIERING, Ids.of(in.id(), given.id()), document, call, in.expectedBucketOwner());
        return new PutBucketIntelligentTieringConfigurationOutput();
    }

    DeleteBucketIntelligentTieringConfigurationOutput delete(
            DeleteBucketIntelligentTieringConfigurationRequest in, Call call) {
        delete(in.bucket(), Kind.TIERING, in.id(), call, in.expectedBucketOwner());
        return new DeleteBucketIntelligentTieringConfigurationOutput();
    }

    ListBucketIntelligentTieringConfigurationsOutput list(
            ListBucketIntelligentTieringConfigurationsRequest in, Call call) {
        Page page = list(in.bucket(), Kind.TIERING, in.continuationToken(), call, in.expectedBucketOwner());
        return new ListBucketIntelligentTieringConfigurationsOutput()
                .intelligentTieringConfigurationList(page.documents.stream()
                        .map(document -> Objects.requireNonNull(document.tiering()))
                        .toList())
                .continuationToken(in.continuationToken())
                .isTruncated(page.next != null)
                .nextContinuationToken(page.next);
    }

    /** Tiers have their least and greatest days, and each stands once. */
    private static void checkTiers(IntelligentTieringConfiguration given) {
        if (given.tierings().isEmpty()) {
            throw S3Errors.malformedXml();
        }
        Map<String, Integer> days = new HashMap<>();
        for (Tiering tier : given.tierings()) {
            String name = ListObjects.or(tier.accessTier());
            Integer after = tier.days();
            boolean deep = name.equals("DEEP_ARCHIVE_ACCESS");
            if (!deep && !name.equals("ARCHIVE_ACCESS") || after == null || days.put(name, after) != null) {
                throw S3Errors.malformedXml();
            }
            if (after < (deep ? 180 : 90) || after > 730) {
                throw S3Errors.invalidArgument(
                        "'Days' for " + name + " must be between " + (deep ? 180 : 90) + " and 730",
                        "Days",
                        after.toString());
            }
        }
    }
}
