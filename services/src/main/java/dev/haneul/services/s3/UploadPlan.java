package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.CompletedPart;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.kernel.checksum.Crcs;
import dev.haneul.services.s3.S3Tables.ObjectChecksum;
import dev.haneul.services.s3.S3Tables.PartRecord;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a multipart upload becomes: the parts the client names, checked, and the entity tag and checksum of the whole.
 * Pure.
 *
 * @param etag MD5 of the parts' MD5s, a hyphen and the number of parts
 */
record UploadPlan(List<PartRecord> parts, long size, String etag, ObjectChecksum checksum) {
    /** All parts but the last are at least this big. */
    static final long MIN_PART_BYTES = 5L << 20;

    /**
     * Plans a completion.
     *
     * @param uploaded what was uploaded, in order
     * @param asked what the client names
     * @throws Fault InvalidPartOrder, InvalidPart, EntityTooSmall, InvalidRequest
     */
    static UploadPlan of(Multipart.Upload upload, List<PartRecord> uploaded, List<CompletedPart> asked) {
        Map<Integer, PartRecord> byNumber = new HashMap<>();
        uploaded.forEach(part -> byNumber.put(part.number(), part));
        List<PartRecord> parts = new ArrayList<>(asked.size());
        int before = 0;
        for (CompletedPart named : asked) {
            Integer number = named.partNumber();
            if (number == null) {
                throw S3Errors.malformedXml();
            }
            if (number <= before) {
                throw Fault.client(
                                "InvalidPartOrder",
                                400,
                                "The list of parts was not in ascending order. The parts list must be specified in"
                                        + " order by part number.")
                        .with("UploadId", upload.id());
            }
            before = number;
            parts.add(match(upload, byNumber.get(number), named, number));
        }
        for (PartRecord part : parts.subList(0, parts.size() - 1)) {
            if (part.size() < MIN_PART_BYTES) {
                throw tooSmall(part);
            }
        }
        long size = parts.stream().mapToLong(PartRecord::size).sum();
        return new UploadPlan(parts, size, etag(parts), checksum(upload, parts));
    }

    private static PartRecord match(
            Multipart.Upload upload, @Nullable PartRecord part, CompletedPart named, int number) {
        String etag = named.eTag() == null ? "" : Conditions.unquote(named.eTag());
        if (part == null || !part.etag().equals(etag)) {
            throw CompleteUpload.invalidPart(upload, number, etag);
        }
        Declared declared = Declared.checksum(named);
        if (declared.algorithm() == null && upload.record().composite()) {
            throw S3Errors.invalidRequest("The upload was created using a " + UploadParts.lower(upload.effective())
                    + " checksum. The complete request must include the checksum for each part. It was missing for"
                    + " part " + number + " in the request.");
        }
        ObjectChecksum kept = part.checksum();
        boolean differs = kept != null
                && declared.algorithm() == kept.algorithm()
                && !kept.value().equals(declared.value());
        if (differs) {
            throw CompleteUpload.invalidPart(upload, number, etag);
        }
        return part;
    }

    private static Fault tooSmall(PartRecord part) {
        return Fault.client("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size")
                .with("ProposedSize", Long.toString(part.size()))
                .with("MinSizeAllowed", Long.toString(MIN_PART_BYTES))
                .with("PartNumber", Integer.toString(part.number()))
                .with("ETag", part.etag());
    }

    private static String etag(List<PartRecord> parts) {
        ChecksumAlgorithm.Running md5 = ChecksumAlgorithm.MD5.start();
        for (PartRecord part : parts) {
            byte[] value = HexFormat.of().parseHex(part.etag());
            md5.update(value, 0, value.length);
        }
        return HexFormat.of().formatHex(md5.value()) + "-" + parts.size();
    }

    private static ObjectChecksum checksum(Multipart.Upload upload, List<PartRecord> parts) {
        ChecksumAlgorithm algorithm = upload.effective();
        if (upload.record().composite()) {
            ChecksumAlgorithm.Running whole = algorithm.start();
            for (PartRecord part : parts) {
                byte[] value = value(part);
                whole.update(value, 0, value.length);
            }
            String base64 = Base64.getEncoder().encodeToString(whole.value());
            return new ObjectChecksum(algorithm, base64 + "-" + parts.size(), true);
        }
        byte[] sum = algorithm.of(new byte[0]);
        for (PartRecord part : parts) {
            sum = Crcs.combine(algorithm, sum, value(part), part.size());
        }
        return new ObjectChecksum(algorithm, Base64.getEncoder().encodeToString(sum), false);
    }

    private static byte[] value(PartRecord part) {
        ObjectChecksum checksum = part.checksum();
        if (checksum == null) {
            throw new IllegalStateException("part " + part.number() + " was stored without a checksum");
        }
        return Base64.getDecoder().decode(checksum.value());
    }
}
