package dev.haneul.services.cloudtrail;

import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.cloudtrail.Deliveries.Thing;
import dev.haneul.services.cloudtrail.TrailTables.DigestRow;
import dev.haneul.services.cloudtrail.TrailTables.FileRow;
import dev.haneul.services.cloudtrail.TrailTables.TrailRow;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Digest files: each hour one for each region of a trail, which names the files delivered since the last, holds the hash
 * and signature of that last one, and is signed itself. See AWS, "CloudTrail digest file structure" and "Custom
 * implementations of CloudTrail log file integrity validation".
 */
final class Digests {
    private static final Duration EVERY = Duration.ofHours(1);
    private static final int MOST_FILES = 10_000;
    private static final int MOST_REGIONS = 100;
    private static final JsonFactory JSON = new JsonFactory();
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy/MM/dd").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Store store;
    private final Deliveries neighbours;
    private final DigestKeys keys;

    Digests(Store store, Deliveries neighbours, DigestKeys keys) {
        this.store = store;
        this.neighbours = neighbours;
        this.keys = keys;
    }

    /** Writes the digests that are due. */
    void deliver(Key trail, TrailRow row, Instant now) {
        String from = trail.id() + "/";
        List<Row<DigestRow>> chains =
                store.read(tx -> tx.range(TrailTables.DIGESTS, trail.scope(), from, trail.id() + "0", MOST_REGIONS));
        String error = null;
        boolean wrote = false;
        for (Row<DigestRow> chain : chains) {
            if (now.isBefore(chain.value().end().plus(EVERY))) {
                continue;
            }
            try {
                write(trail, row, chain, now.truncatedTo(ChronoUnit.SECONDS));
                wrote = true;
            } catch (Fault fault) {
                error = fault.code();
            }
        }
        if (wrote || error != null) {
            String problem = error;
            store.write(tx -> tx.get(TrailTables.PROGRESS, trail)
                    .ifPresent(each ->
                            tx.put(TrailTables.PROGRESS, trail, each.value().digested(now, problem))));
        }
    }

    private void write(Key trail, TrailRow row, Row<DigestRow> chain, Instant end) {
        String region = chain.key().id().substring(trail.id().length() + 1);
        String from = chain.key().id() + "/";
        List<Row<FileRow>> files = store.read(tx ->
                tx.range(TrailTables.FILES, trail.scope(), from, chain.key().id() + "0", MOST_FILES));
        DigestKeys.Known key = keys.current(region, end);
        String object = Deliveries.folder(trail, row, "CloudTrail-Digest") + region + "/" + DAY.format(end) + "/"
                + trail.account() + "_CloudTrail-Digest_" + region + "_" + row.name() + "_" + row.homeRegion() + "_"
                + SECOND.format(end) + ".json.gz";
        byte[] digest = json(
                        trail,
                        row,
                        chain.value(),
                        end,
                        object,
                        key.fingerprint(),
                        files.stream().map(Row::value).toList())
                .getBytes(StandardCharsets.UTF_8);
        String hash = Delivery.sha256(digest);
        String signature = keys.sign(
                key,
                second(end) + "\n" + row.to().bucket() + "/" + object + "\n" + hash + "\n"
                        + (chain.value().signature() == null
                                ? "null"
                                : chain.value().signature()));
        neighbours.put(
                trail,
                row,
                new Thing(
                        object,
                        Delivery.gzip(digest),
                        Map.of("signature", signature, "signature-algorithm", "SHA256withRSA")));
        store.write(tx -> {
            files.forEach(file -> tx.delete(TrailTables.FILES, file.key()));
            if (tx.get(TrailTables.DIGESTS, chain.key()).isPresent()) {
                tx.put(
                        TrailTables.DIGESTS,
                        chain.key(),
                        new DigestRow(end, row.to().bucket(), object, hash, signature));
            }
        });
    }

    private static String json(
            Key trail,
            TrailRow row,
            DigestRow before,
            Instant end,
            String object,
            String fingerprint,
            List<FileRow> files) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("awsAccountId", trail.account());
            json.writeStringProperty("digestStartTime", second(before.end()));
            json.writeStringProperty("digestEndTime", second(end));
            json.writeStringProperty("digestS3Bucket", row.to().bucket());
            json.writeStringProperty("digestS3Object", object);
            json.writeStringProperty("digestPublicKeyFingerprint", fingerprint);
            json.writeStringProperty("digestSignatureAlgorithm", "SHA256withRSA");
            text(
                    json,
                    "newestEventTime",
                    files.stream().map(FileRow::newest).max(Instant::compareTo).orElse(null));
            text(
                    json,
                    "oldestEventTime",
                    files.stream().map(FileRow::oldest).min(Instant::compareTo).orElse(null));
            text(json, "previousDigestS3Bucket", before.bucket());
            text(json, "previousDigestS3Object", before.object());
            text(json, "previousDigestHashValue", before.hash());
            text(json, "previousDigestHashAlgorithm", before.hash() == null ? null : "SHA-256");
            text(json, "previousDigestSignature", before.signature());
            json.writeArrayPropertyStart("logFiles");
            for (FileRow file : files) {
                json.writeStartObject();
                json.writeStringProperty("s3Bucket", file.bucket());
                json.writeStringProperty("s3Object", file.object());
                json.writeStringProperty("hashValue", file.hash());
                json.writeStringProperty("hashAlgorithm", "SHA-256");
                text(json, "newestEventTime", file.newest());
                text(json, "oldestEventTime", file.oldest());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return out.toString();
    }

    private static void text(JsonGenerator json, String name, @Nullable Object value) {
        if (value == null) {
            json.writeNullProperty(name);
        } else {
            json.writeStringProperty(name, value instanceof Instant moment ? second(moment) : value.toString());
        }
    }

    private static String second(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
