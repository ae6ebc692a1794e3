package dev.haneul.services.ecr;

import dev.haneul.api.runtime.Fault;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.plane.Exchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Answers of a registry, and ECR's faults in the words of the distribution specification. */
final class RegistryAnswer {
    private static final String VERSION = "Docker-Distribution-Api-Version";
    private static final Set<String> DENIALS =
            Set.of("AccessDenied", "AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException");

    private final Exchange exchange;

    RegistryAnswer(Exchange exchange) {
        this.exchange = exchange;
    }

    /** An error that stands in the specification. */
    static Fault error(String code, int status, String message) {
        return status < 500 ? Fault.client(code, status, message) : Fault.server(code, status, message);
    }

    static Fault notAllowed() {
        return error("UNSUPPORTED", 405, "The operation is unsupported.");
    }

    void challenge() throws IOException {
        Map<String, List<String>> headers = headers(Map.of(
                "Content-Type",
                "text/plain; charset=utf-8",
                "WWW-Authenticate",
                "Basic realm=\"" + exchange.endpoint() + "/\",service=\"ecr.amazonaws.com\""));
        body(401, headers, "Not Authorized\n".getBytes(StandardCharsets.UTF_8));
    }

    /** An answer without a body. */
    void empty(int status, Map<String, String> headers) throws IOException {
        exchange.respond(status, headers(headers), 0).close();
    }

    void json(int status, Map<String, String> headers, Object tree) throws IOException {
        Map<String, String> typed = new LinkedHashMap<>(headers);
        typed.putIfAbsent("Content-Type", "application/json; charset=utf-8");
        body(status, headers(typed), Json.write(tree).getBytes(StandardCharsets.UTF_8));
    }

    /** A body of these bytes, or for HEAD only its length. */
    void body(int status, Map<String, List<String>> headers, byte[] bytes) throws IOException {
        try (OutputStream out = exchange.respond(status, headers, bytes.length)) {
            if (!exchange.method().equals("HEAD")) {
                out.write(bytes);
            }
        }
    }

    OutputStream stream(int status, Map<String, String> headers, long length) throws IOException {
        return exchange.respond(status, headers(headers), length);
    }

    static Map<String, List<String>> headers(Map<String, String> single) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        headers.put(VERSION, List.of("registry/2.0"));
        single.forEach((name, value) -> headers.put(name, List.of(value)));
        return headers;
    }

    void fault(Fault fault) throws IOException {
        Fault told = translated(fault);
        Map<String, String> error = Map.of("code", told.code(), "message", told.message());
        Map<String, String> headers = new LinkedHashMap<>(told.headers());
        json(told.status(), headers, Map.of("errors", List.of(error)));
    }

    private static Fault translated(Fault fault) {
        String message = fault.message();
        return switch (fault.code()) {
            case "RepositoryNotFoundException" -> error("NAME_UNKNOWN", 404, message);
            case "ImageNotFoundException", "UnableToGetUpstreamImageException" ->
                error("MANIFEST_UNKNOWN", 404, message);
            case "LayersNotFoundException", "ReferencedImagesNotFoundException" ->
                error("MANIFEST_BLOB_UNKNOWN", 404, message);
            case "UploadNotFoundException" -> error("BLOB_UPLOAD_UNKNOWN", 404, message);
            case "InvalidLayerPartException" -> error("BLOB_UPLOAD_INVALID", 416, message);
            case "EmptyUploadException" -> error("BLOB_UPLOAD_INVALID", 400, message);
            case "InvalidLayerException", "ImageDigestDoesNotMatchException" -> error("DIGEST_INVALID", 400, message);
            case "ImageTagAlreadyExistsException" -> error("TAG_INVALID", 400, message);
            case "LimitExceededException" -> error("SIZE_INVALID", 413, message);
            case "InvalidParameterException", "ValidationException", "UnsupportedImageTypeException" ->
                error("MANIFEST_INVALID", 400, message);
            case "LayerInaccessibleException" -> error("BLOB_UNKNOWN", 404, message);
            case "ThrottlingException" -> error("TOOMANYREQUESTS", 429, message);
            default -> DENIALS.contains(fault.code()) ? error("DENIED", 403, message) : fault;
        };
    }
}
