package dev.haneul.kernel.usage;

import java.time.Instant;

/**
 * What one resource used of one thing within one hour.
 *
 * @param account who pays
 * @param service e.g. {@code AmazonS3}
 * @param usageType as the bill names it, without the region's prefix, e.g. {@code Requests-Tier1}
 * @param resource what used it, e.g. a bucket's name
 * @param quantity how much
 * @param unit of what, e.g. {@code Requests}, {@code Bytes}, {@code ByteHrs}
 * @param start the hour's beginning
 * @param end the hour's end
 */
public record UsageFact(
        String account,
        String region,
        String service,
        String usageType,
        String resource,
        double quantity,
        String unit,
        Instant start,
        Instant end) {
    UsageFact plus(double more) {
        return new UsageFact(account, region, service, usageType, resource, quantity + more, unit, start, end);
    }
}
