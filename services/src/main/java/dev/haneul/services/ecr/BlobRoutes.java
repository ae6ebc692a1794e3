package dev.haneul.services.ecr;

import dev.haneul.api.ecr.BatchCheckLayerAvailabilityRequest;
import dev.haneul.api.ecr.CompleteLayerUploadRequest;
import dev.haneul.api.ecr.EcrClient;
import dev.haneul.api.ecr.EcrOperations;
import dev.haneul.api.ecr.GetDownloadUrlForLayerRequest;
import dev.haneul.api.ecr.InitiateLayerUploadRequest;
import dev.haneul.api.ecr.UploadLayerPartRequest;
import dev.haneul.api.ecr.UploadLayerPartResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.call.Authorizer;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.kernel.store.Key;
import dev.haneul.services.ecr.RegistryPlane.Asked;
import dev.haneul.storage.LayerUpload;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Blobs, on their way in and out. Each step is the API's operation of the same purpose, authorised and recorded. */
final class BlobRoutes {
    private static final Pattern CONTENT_RANGE = Pattern.compile("(?:bytes[ =])?(\\d{1,18})-(\\d{1,18})(?:/.*)?");
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");
    private static final String OCTETS = "application/octet-stream";

    private final EcrClient ecr;
    private final Uploads uploads;
    private final Registries registries;
    private final Authorizer authorizer;
    private final Dispatcher.Audit audit;
    private final EcrMeter meter;

    BlobRoutes(
            Caller caller,
            Uploads uploads,
            Registries registries,
            Authorizer authorizer,
            Dispatcher.Audit audit,
            EcrMeter meter) {
        this.ecr = new EcrClient(caller);
        this.uploads = uploads;
        this.registries = registries;
        this.authorizer = authorizer;
        this.audit = audit;
        this.meter = meter;
    }

    /** GET and HEAD of a blob. */
    void blob(Asked asked, String digest, RegistryAnswer answer) throws IOException {
        Key repository = asked.repository();
        if (!Manifest.isDigest(digest) && !asked.method().equals("DELETE")) {
            throw RegistryAnswer.error("DIGEST_INVALID", 400, "invalid digest: " + digest);
        }
        switch (asked.method()) {
            case "HEAD" ->
                ecr.batchCheckLayerAvailability(
                        new BatchCheckLayerAvailabilityRequest()
                                .registryId(repository.account())
                                .repositoryName(repository.id())
                                .layerDigests(List.of(digest)),
                        asked.call());
            case "GET" -> {
                try {
                    ecr.getDownloadUrlForLayer(
                            new GetDownloadUrlForLayerRequest()
                                    .registryId(repository.account())
                                    .repositoryName(repository.id())
                                    .layerDigest(digest),
                            asked.call());
                } catch (Fault fault) {
                    throw fault.code().equals("LayersNotFoundException")
                                    || fault.code().equals("ValidationException")
                            ? unknown(digest)
                            : fault;
                }
            }
            default -> throw RegistryAnswer.notAllowed();
        }
        bytes(asked.exchange(), repository, digest, answer);
    }

    private static Fault unknown(String digest) {
        return RegistryAnswer.error("BLOB_UNKNOWN", 404, "blob unknown to registry: " + digest);
    }

    /** The bytes, all or a range of them. */
    void bytes(Exchange exchange, Key repository, String digest, RegistryAnswer answer) throws IOException {
        if (!Manifest.isDigest(digest)) {
            throw RegistryAnswer.error("DIGEST_INVALID", 400, "invalid digest: " + digest);
        }
        long size = uploads.size(repository, digest).orElseThrow(() -> unknown(digest));
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", OCTETS);
        headers.put("Docker-Content-Digest", digest);
        headers.put("ETag", "\"" + digest + "\"");
        headers.put("Accept-Ranges", "bytes");
        headers.put("Cache-Control", "max-age=31536000");
        if (exchange.method().equals("HEAD")) {
            answer.stream(200, headers, size).close();
            return;
        }
        long[] part = range(exchange.header("range"), size);
        long from = part == null ? 0 : part[0];
        long length = part == null ? size : part[1] - part[0] + 1;
        if (part != null) {
            headers.put("Content-Range", "bytes " + from + "-" + part[1] + "/" + size);
        }
        try (InputStream in = uploads.open(repository, digest, from, length);
                OutputStream out = answer.stream(part == null ? 200 : 206, headers, length)) {
            in.transferTo(out);
        }
        meter.sent(repository, length);
    }

    /** First and last byte; null for all. */
    private static long @Nullable [] range(@Nullable String header, long size) {
        Matcher found = header == null ? null : RANGE.matcher(header.strip());
        if (found == null || !found.matches()) {
            return null;
        }
        boolean open = found.group(2).isEmpty();
        if (found.group(1).isEmpty() && open) {
            return null;
        }
        long first = found.group(1).isEmpty()
                ? Math.max(0, size - Long.parseLong(found.group(2)))
                : Long.parseLong(found.group(1));
        long last = found.group(1).isEmpty() || open ? size - 1 : Math.min(size - 1, Long.parseLong(found.group(2)));
        if (first > last || first >= size) {
            throw RegistryAnswer.error("RANGE_INVALID", 416, "the range is not satisfiable")
                    .header("Content-Range", "bytes */" + size);
        }
        return new long[] {first, last};
    }

    /** Everything below {@code blobs/uploads}. */
    void upload(Asked asked, String id, RegistryAnswer answer) throws IOException {
        if (id.isEmpty()) {
            if (!asked.method().equals("POST")) {
                throw RegistryAnswer.notAllowed();
            }
            begin(asked, answer);
            return;
        }
        switch (asked.method()) {
            case "PATCH" -> {
                LayerUpload upload = part(asked, id);
                answer.empty(202, state(asked, upload.id(), upload.length()));
            }
            case "PUT" -> finish(asked, id, answer);
            case "GET" -> {
                LayerUpload upload = guarded(asked, id, () -> uploads.require(asked.repository(), id));
                answer.empty(204, state(asked, upload.id(), upload.length()));
            }
            case "DELETE" -> {
                guarded(asked, id, () -> {
                    LayerUpload upload = uploads.require(asked.repository(), id);
                    uploads.cancel(asked.repository(), id);
                    return upload;
                });
                answer.empty(204, Map.of());
            }
            default -> throw RegistryAnswer.notAllowed();
        }
    }

    private void begin(Asked asked, RegistryAnswer answer) throws IOException {
        Key repository = asked.repository();
        String mount = asked.query().get("mount");
        registries.createOnPush(repository, asked.call());
        if (mount != null && mount(asked, mount)) {
            created(asked, mount, answer);
            return;
        }
        String id = Objects.requireNonNull(ecr.initiateLayerUpload(
                        new InitiateLayerUploadRequest()
                                .registryId(repository.account())
                                .repositoryName(repository.id()),
                        asked.call())
                .uploadId());
        if (mount == null && asked.query().containsKey("digest")) {
            finish(asked, id, answer);
            return;
        }
        answer.empty(202, state(asked, id, 0));
    }

    /** Takes a layer over from another repository, where the account lets that happen and the caller may read it there. */
    private boolean mount(Asked asked, String digest) {
        String from = asked.query().get("from");
        Key repository = asked.repository();
        if (from == null || !Manifest.isDigest(digest) || !registries.mounts(repository.scope())) {
            return false;
        }
        RegistryNames.Named source = RegistryNames.ofPath(from);
        if (source.registry() != null && !source.registry().equals(repository.scope())) {
            return false;
        }
        Key other = repository.scope().key(source.repository());
        try {
            ecr.getDownloadUrlForLayer(
                    new GetDownloadUrlForLayerRequest()
                            .registryId(other.account())
                            .repositoryName(other.id())
                            .layerDigest(digest),
                    asked.call());
            ecr.batchCheckLayerAvailability(
                    new BatchCheckLayerAvailabilityRequest()
                            .registryId(repository.account())
                            .repositoryName(repository.id())
                            .layerDigests(List.of(digest)),
                    asked.call());
            authorizer.check(
                    EcrOperations.INITIATE_LAYER_UPLOAD,
                    new InitiateLayerUploadRequest()
                            .registryId(repository.account())
                            .repositoryName(repository.id()),
                    asked.call());
        } catch (Fault refused) {
            // Not there, or not for this caller: it uploads the layer instead.
            return false;
        }
        return uploads.mount(other, repository, digest);
    }

    private LayerUpload part(Asked asked, String id) throws IOException {
        long at = -1;
        String range = asked.exchange().header("content-range");
        if (range != null) {
            Matcher found = CONTENT_RANGE.matcher(range.strip());
            if (!found.matches()) {
                throw RegistryAnswer.error("BLOB_UPLOAD_INVALID", 400, "invalid Content-Range: " + range);
            }
            at = Long.parseLong(found.group(1));
            long length = Long.parseLong(found.group(2)) - at + 1;
            String announced = asked.exchange().header("content-length");
            if (length < 1 || (announced != null && !announced.equals(Long.toString(length)))) {
                throw RegistryAnswer.error(
                        "SIZE_INVALID", 400, "Content-Range " + range + " is not as long as the body");
            }
        }
        long from = at;
        InputStream body = asked.exchange().body();
        return guarded(asked, id, () -> uploads.append(asked.repository(), id, from, body));
    }

    /**
     * Does what UploadLayerPart stands for, authorised and recorded as that. The bytes do not go through the dispatcher:
     * they are a stream of any length.
     */
    private <T> T guarded(Asked asked, String id, Supplier<T> work) {
        Key repository = asked.repository();
        Call call = asked.call();
        UploadLayerPartRequest input = new UploadLayerPartRequest()
                .registryId(repository.account())
                .repositoryName(repository.id())
                .uploadId(id);
        UploadLayerPartResponse output = null;
        Fault refused = null;
        try {
            authorizer.check(EcrOperations.UPLOAD_LAYER_PART, input, call);
            T done = work.get();
            output = new UploadLayerPartResponse()
                    .registryId(repository.account())
                    .repositoryName(repository.id())
                    .uploadId(id);
            return done;
        } catch (Fault fault) {
            refused = fault;
            throw fault;
        } finally {
            if (output != null || refused != null) {
                audit.record(EcrOperations.UPLOAD_LAYER_PART, input, output, call, refused);
            }
        }
    }

    private void finish(Asked asked, String id, RegistryAnswer answer) throws IOException {
        String digest = asked.query().getOrDefault("digest", "");
        if (!Manifest.isDigest(digest)) {
            throw RegistryAnswer.error("DIGEST_INVALID", 400, "invalid digest: " + digest);
        }
        if (hasBody(asked.exchange())) {
            part(asked, id);
        }
        Key repository = asked.repository();
        try {
            ecr.completeLayerUpload(
                    new CompleteLayerUploadRequest()
                            .registryId(repository.account())
                            .repositoryName(repository.id())
                            .uploadId(id)
                            .layerDigests(List.of(digest)),
                    asked.call());
        } catch (Fault fault) {
            if (!fault.code().equals("LayerAlreadyExistsException")) {
                throw fault;
            }
        }
        created(asked, digest, answer);
    }

    private static boolean hasBody(Exchange exchange) {
        String length = exchange.header("content-length");
        return length == null ? exchange.header("transfer-encoding") != null : !length.equals("0");
    }

    private static void created(Asked asked, String digest, RegistryAnswer answer) throws IOException {
        answer.empty(
                201,
                Map.of(
                        "Location",
                        asked.exchange().endpoint() + "/v2/" + asked.name() + "/blobs/" + digest,
                        "Docker-Content-Digest",
                        digest));
    }

    private static Map<String, String> state(Asked asked, String id, long length) {
        return Map.of(
                "Location",
                asked.exchange().endpoint() + "/v2/" + asked.name() + "/blobs/uploads/" + id,
                "Docker-Upload-UUID",
                id,
                "Range",
                "0-" + Math.max(0, length - 1));
    }
}
