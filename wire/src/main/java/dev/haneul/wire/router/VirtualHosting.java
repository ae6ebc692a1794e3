package dev.haneul.wire.router;

/**
 * The service that is an object store: its first path segment may stand in the host name
 * ({@code bucket.LABEL.region.localhost}), its paths are signed as they are, it serves anonymous callers, and requests
 * that name no service at all are its own. In AWS that is S3.
 *
 * @param serviceId the service's id in its facts
 * @param label the label in host names that what stands before it is a bucket
 * @param server what its answers call themselves in the {@code Server} header
 */
public record VirtualHosting(String serviceId, String label, String server) {}
