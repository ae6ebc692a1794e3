/**
 * Amazon ECR: private registries that stock clients push to and pull from.
 *
 * <p><b>Two doors, one room.</b> The API ({@link dev.haneul.services.ecr.EcrService}) and the registries' own HTTP
 * interface (the OCI distribution specification 1.1, {@code /v2/…}, {@code RegistryPlane}) act on the same records. Each
 * request of a registry is the API operation that AWS authorises it as, made by whoever the login token names, through
 * the dispatcher: so IAM, repository policies and the trail see a {@code docker push} as AWS's would. Only the bytes of
 * layers go past it, as streams; the part they belong to is authorised and recorded all the same.
 *
 * <p><b>Names.</b> Clients want a host name that leads to this process, and image names that say whose registry is
 * meant. Where this host resolves names below {@code localhost}, repositories are called {@code
 * ACCOUNT.dkr.ecr.REGION.localhost:PORT/name}. Where it does not (looked up once, at the start), they are called {@code
 * 127.0.0.1:PORT/ACCOUNT.dkr.ecr.REGION/name}: one host for all registries, and a first step of the path that says
 * which, so that such a name means the same to everybody. At that host a bare {@code 127.0.0.1:PORT/name} works too and
 * means the account and region of the login token. AWS's own {@code ACCOUNT.dkr.ecr.REGION.amazonaws.com} is understood
 * in Host headers and in image names ({@link dev.haneul.delivery.ImageUri}). The user name is {@code AWS}, the password
 * is good for twelve hours.
 *
 * <p><b>Bytes.</b> Layers, configurations and manifests lie in {@link dev.haneul.storage.Layers}, once each, whoever
 * pushed them. A repository's record of a layer and an image's record each hold a reference, taken in the transaction
 * that makes the record; what no image needs loses its record a day after a push last asked for it, and its bytes when
 * nobody refers to them. A push that is cut leaves an upload that ends where its last whole part ended, and is forgotten
 * after a day.
 *
 * <p><b>Conformance</b>, by the categories of the specification's own suite, which is Go and not run here. <i>Pull:</i>
 * blobs whole, by HEAD and in ranges, manifests by tag and digest byte for byte, what is unknown. <i>Push:</i> in one
 * request, in two, in chunks and out of order, mounts, wrong digests, manifests and indexes without their parts.
 * <i>Content discovery:</i> tags in order and page by page, referrers with their filter, also of what comes later.
 * <i>Content management:</i> tags and manifests are deleted; blobs are not (405), as with AWS, but uploads
 * can be cancelled. <i>Errors:</i> the codes of each. All of that over HTTP in {@code
 * DistributionConformanceTest}; pull, push, indexes, discovery, management and refusals with ORAS of Java in {@code
 * OrasTest}; images, indexes with all they name and Docker's own manifests with skopeo and podman in {@code
 * RegistryTest}.
 *
 * <p><b>Scans</b> read the package databases of dpkg and apk and tell which system it is and how many packages it has.
 * Whether those are vulnerable is not checked, for there is no vulnerability database: such a scan ends as
 * FINDINGS_UNAVAILABLE and says so, never as COMPLETE. An image without those databases (of rpm, or of a single binary)
 * ends as UNSUPPORTED_IMAGE, one with a layer that is compressed with zstd as FAILED. Packages of languages are not
 * looked at.
 *
 * <p><b>Departures.</b> Layers are served by the registry itself, not by a redirection. A manifest is deleted over
 * {@code DELETE} as the specification has it. Parts of an upload may be smaller than 5 MiB. Encryption settings are
 * recorded; layers lie in the data folder as they are. The registry's policy opens the registry to copies from other
 * accounts, and is not asked for anything else.
 *
 * <p><b>Not built:</b> the archive storage class (UpdateImageStorageClass and lifecycle transitions), signing, enhanced
 * scanning, ECR Public.
 */
@NullMarked
package dev.haneul.services.ecr;

import org.jspecify.annotations.NullMarked;
