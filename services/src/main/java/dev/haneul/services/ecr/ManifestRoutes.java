package dev.haneul.services.ecr;

import dev.haneul.api.ecr.BatchDeleteImageRequest;
import dev.haneul.api.ecr.BatchGetImageRequest;
import dev.haneul.api.ecr.BatchGetImageResponse;
import dev.haneul.api.ecr.EcrClient;
import dev.haneul.api.ecr.Image;
import dev.haneul.api.ecr.ImageFailure;
import dev.haneul.api.ecr.ImageIdentifier;
import dev.haneul.api.ecr.ImageReferrer;
import dev.haneul.api.ecr.ListImageReferrersFilter;
import dev.haneul.api.ecr.ListImageReferrersRequest;
import dev.haneul.api.ecr.ListImageReferrersResponse;
import dev.haneul.api.ecr.ListImagesFilter;
import dev.haneul.api.ecr.ListImagesRequest;
import dev.haneul.api.ecr.ListImagesResponse;
import dev.haneul.api.ecr.PutImageRequest;
import dev.haneul.api.ecr.SubjectIdentifier;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import dev.haneul.services.ecr.RegistryPlane.Asked;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Manifests, tags and referrers of a registry, each by the API's operation of the same purpose. */
final class ManifestRoutes {
    private static final int MOST_PAGES = 200;
    private static final int PAGE = 1000;

    private final EcrClient ecr;
    private final Registries registries;

    ManifestRoutes(Caller caller, Registries registries) {
        this.ecr = new EcrClient(caller);
        this.registries = registries;
    }

    void manifest(Asked asked, String reference, RegistryAnswer answer) throws IOException {
        ImageIdentifier id = id(reference);
        switch (asked.method()) {
            case "GET", "HEAD" -> get(asked, id, answer);
            case "PUT" -> put(asked, id, answer);
            case "DELETE" -> delete(asked, id, answer);
            default -> throw RegistryAnswer.notAllowed();
        }
    }

    private static ImageIdentifier id(String reference) {
        if (Manifest.isDigest(reference)) {
            return new ImageIdentifier().imageDigest(reference);
        }
        if (Images.isTag(reference)) {
            return new ImageIdentifier().imageTag(reference);
        }
        throw reference.contains(":")
                ? RegistryAnswer.error("DIGEST_INVALID", 400, "invalid digest: " + reference)
                : RegistryAnswer.error("TAG_INVALID", 404, "invalid tag: " + reference);
    }

    private void get(Asked asked, ImageIdentifier id, RegistryAnswer answer) throws IOException {
        Key repository = asked.repository();
        BatchGetImageResponse found = ecr.batchGetImage(
                new BatchGetImageRequest()
                        .registryId(repository.account())
                        .repositoryName(repository.id())
                        .imageIds(List.of(id)),
                asked.call());
        if (found.images().isEmpty()) {
            throw unknown(found.failures());
        }
        Image image = found.images().getFirst();
        String digest =
                Objects.requireNonNull(Objects.requireNonNull(image.imageId()).imageDigest());
        String manifest = Objects.requireNonNull(image.imageManifest());
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", image.imageManifestMediaType());
        headers.put("Docker-Content-Digest", digest);
        headers.put("ETag", "\"" + digest + "\"");
        answer.body(200, RegistryAnswer.headers(headers), manifest.getBytes(StandardCharsets.UTF_8));
    }

    private static Fault unknown(List<ImageFailure> failures) {
        ImageFailure failure = failures.isEmpty() ? new ImageFailure() : failures.getFirst();
        String code = failure.failureCode() == null ? "" : failure.failureCode();
        String reason = failure.failureReason() == null ? "" : failure.failureReason();
        if (code.startsWith("Upstream")) {
            return RegistryAnswer.error("MANIFEST_UNKNOWN", 404, "upstream: " + reason);
        }
        return code.equals("ImageReferencedByManifestList")
                ? RegistryAnswer.error("DENIED", 403, reason)
                : RegistryAnswer.error("MANIFEST_UNKNOWN", 404, "Requested image not found");
    }

    private void put(Asked asked, ImageIdentifier id, RegistryAnswer answer) throws IOException {
        Key repository = asked.repository();
        byte[] bytes;
        try (InputStream body = asked.exchange().body()) {
            bytes = body.readNBytes(Manifest.MAX_BYTES + 1);
        }
        if (bytes.length > Manifest.MAX_BYTES) {
            throw RegistryAnswer.error("SIZE_INVALID", 413, "a manifest has at most " + Manifest.MAX_BYTES + " bytes");
        }
        String text = text(bytes);
        String type = asked.exchange().header("content-type");
        registries.createOnPush(repository, asked.call());
        PutImageRequest request = new PutImageRequest()
                .registryId(repository.account())
                .repositoryName(repository.id())
                .imageManifest(text)
                .imageManifestMediaType(type == null ? null : type.split(";", 2)[0].strip())
                .imageTag(id.imageTag())
                .imageDigest(id.imageDigest());
        try {
            ecr.putImage(request, asked.call());
        } catch (Fault fault) {
            // Pushing the same again is no error to clients.
            if (!fault.code().equals("ImageAlreadyExistsException")) {
                throw fault;
            }
        }
        Map<String, String> headers = new LinkedHashMap<>();
        String digest = digest(bytes);
        headers.put("Location", asked.exchange().endpoint() + "/v2/" + asked.name() + "/manifests/" + digest);
        headers.put("Docker-Content-Digest", digest);
        String subject = Images.read(text, request.imageManifestMediaType()).subject();
        if (subject != null) {
            headers.put("OCI-Subject", subject);
        }
        answer.empty(201, headers);
    }

    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw RegistryAnswer.error("MANIFEST_INVALID", 400, "the manifest is no UTF-8");
        }
    }

    private static String digest(byte[] bytes) {
        try {
            byte[] value = MessageDigest.getInstance("SHA-256").digest(bytes);
            return "sha256:" + HexFormat.of().formatHex(value);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private void delete(Asked asked, ImageIdentifier id, RegistryAnswer answer) throws IOException {
        Key repository = asked.repository();
        List<ImageFailure> failures = ecr.batchDeleteImage(
                        new BatchDeleteImageRequest()
                                .registryId(repository.account())
                                .repositoryName(repository.id())
                                .imageIds(List.of(id)),
                        asked.call())
                .failures();
        if (!failures.isEmpty()) {
            throw unknown(failures);
        }
        answer.empty(202, Map.of());
    }

    /** The tags in order, a page of them where {@code n} says how many. */
    void tags(Asked asked, String what, RegistryAnswer answer) throws IOException {
        if (!what.equals("list") || !asked.method().equals("GET")) {
            throw RegistryAnswer.notAllowed();
        }
        List<String> all = allTags(asked);
        String last = asked.query().getOrDefault("last", "");
        List<String> rest = all.stream().filter(tag -> tag.compareTo(last) > 0).toList();
        int most = number(asked.query().get("n"));
        List<String> shown = most < 0 || rest.size() <= most ? rest : rest.subList(0, most);
        Map<String, String> headers = new LinkedHashMap<>();
        if (shown.size() < rest.size() && !shown.isEmpty()) {
            headers.put(
                    "Link",
                    "</v2/" + asked.name() + "/tags/list?last=" + shown.getLast() + "&n=" + most + ">; rel=\"next\"");
        }
        answer.json(200, headers, Map.of("name", asked.name(), "tags", shown));
    }

    private static int number(@Nullable String n) {
        if (n == null) {
            return -1;
        }
        if (!n.matches("\\d{1,6}")) {
            throw RegistryAnswer.error("PAGINATION_NUMBER_INVALID", 400, "invalid number of results requested");
        }
        return Integer.parseInt(n);
    }

    private List<String> allTags(Asked asked) {
        Key repository = asked.repository();
        List<String> found = new ArrayList<>();
        String token = null;
        for (int page = 0; page < MOST_PAGES; page++) {
            ListImagesResponse listed = ecr.listImages(
                    new ListImagesRequest()
                            .registryId(repository.account())
                            .repositoryName(repository.id())
                            .filter(new ListImagesFilter().tagStatus("TAGGED"))
                            .maxResults(PAGE)
                            .nextToken(token),
                    asked.call());
            listed.imageIds().forEach(id -> found.add(id.imageTag()));
            token = listed.nextToken();
            if (token == null) {
                break;
            }
        }
        return found.stream().sorted().toList();
    }

    /** An index of what says something about a manifest, whether that is there or not. */
    void referrers(Asked asked, String digest, RegistryAnswer answer) throws IOException {
        if (!asked.method().equals("GET")) {
            throw RegistryAnswer.notAllowed();
        }
        if (!Manifest.isDigest(digest)) {
            throw RegistryAnswer.error("DIGEST_INVALID", 400, "invalid digest: " + digest);
        }
        String type = asked.query().get("artifactType");
        List<Map<String, Object>> manifests = new ArrayList<>();
        for (ImageReferrer each : allReferrers(asked, digest, type)) {
            Map<String, Object> descriptor = new LinkedHashMap<>();
            descriptor.put("mediaType", each.mediaType());
            descriptor.put("digest", each.digest());
            descriptor.put("size", each.size());
            if (each.artifactType() != null) {
                descriptor.put("artifactType", each.artifactType());
            }
            if (!each.annotations().isEmpty()) {
                descriptor.put("annotations", each.annotations());
            }
            manifests.add(descriptor);
        }
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("schemaVersion", 2);
        index.put("mediaType", Manifest.OCI_INDEX);
        index.put("manifests", manifests);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", Manifest.OCI_INDEX);
        if (type != null) {
            headers.put("OCI-Filters-Applied", "artifactType");
        }
        answer.json(200, headers, index);
    }

    private List<ImageReferrer> allReferrers(Asked asked, String digest, @Nullable String type) {
        Key repository = asked.repository();
        List<ImageReferrer> found = new ArrayList<>();
        String token = null;
        for (int page = 0; page < MOST_PAGES; page++) {
            ListImageReferrersRequest request = new ListImageReferrersRequest()
                    .registryId(repository.account())
                    .repositoryName(repository.id())
                    .subjectId(new SubjectIdentifier().imageDigest(digest))
                    .nextToken(token);
            if (type != null && !type.isEmpty()) {
                request.filter(new ListImageReferrersFilter().artifactTypes(List.of(type)));
            }
            ListImageReferrersResponse listed = ecr.listImageReferrers(request, asked.call());
            found.addAll(listed.referrers());
            token = listed.nextToken();
            if (token == null) {
                break;
            }
        }
        return found;
    }
}
