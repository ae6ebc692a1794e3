package dev.haneul.codegen.importer;

import static dev.haneul.codegen.importer.C2jService.putIfSet;

import dev.haneul.codegen.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The operations of a C2J model, by their keys: CloudFront's {@code name} ends in the API's date, its actions do not. */
final class C2jOperations {
    private static final List<String> OUTPUT_SUFFIXES = List.of("Response", "Output", "Result");
    private final Map<String, @Nullable Object> source;
    private final Map<String, @Nullable Object> pagination;
    private final C2jShapes shapes;

    C2jOperations(Map<String, @Nullable Object> source, Map<String, @Nullable Object> pagination, C2jShapes shapes) {
        this.source = source;
        this.pagination = pagination;
        this.shapes = shapes;
    }

    Map<String, @Nullable Object> convertAll() {
        Map<String, @Nullable Object> converted = new LinkedHashMap<>();
        String outputSuffix = usualOutputSuffix();
        source.forEach((name, operation) -> converted.put(name, convert(name, Json.object(operation), outputSuffix)));
        return converted;
    }

    private Map<String, @Nullable Object> convert(
            String name, Map<String, @Nullable Object> operation, String outputSuffix) {
        Map<String, @Nullable Object> http = Json.object(operation, "http");
        Map<String, @Nullable Object> input = Json.object(operation, "input");
        Map<String, @Nullable Object> output = Json.object(operation, "output");
        Map<String, @Nullable Object> converted = new LinkedHashMap<>();
        converted.put("method", http.getOrDefault("method", "POST"));
        converted.put("uri", http.getOrDefault("requestUri", "/"));
        if (http.get("responseCode") instanceof Number status && status.intValue() != 200) {
            converted.put("status", status);
        }
        putIfSet(converted, "hostPrefix", Json.object(operation, "endpoint").get("hostPrefix"));
        converted.put("input", endOf(input, name + "Request"));
        converted.put("output", endOf(output, name + outputSuffix));
        putIfSet(converted, "errors", errors(operation));
        putIfSet(converted, "resultWrapper", output.get("resultWrapper"));
        putIfSet(converted, "checksum", checksum(operation));
        boolean noAuth = "none".equals(operation.get("authtype"))
                || Json.strings(operation, "auth").contains("smithy.api#noAuth");
        putIfSet(converted, "noAuth", noAuth ? true : null);
        boolean unsigned =
                Json.flag(operation, "unsignedPayload") || "v4-unsigned-body".equals(operation.get("authtype"));
        putIfSet(converted, "unsignedPayload", unsigned ? true : null);
        putIfSet(
                converted,
                "requestCompression",
                Json.object(operation, "requestcompression").get("encodings"));
        putIfSet(converted, "deprecated", Json.flag(operation, "deprecated") ? true : null);
        putIfSet(converted, "idempotent", Json.flag(operation, "idempotent") ? true : null);
        putIfSet(converted, "readonly", Json.flag(operation, "readonly") ? true : null);
        putIfSet(converted, "contextParams", contextParams(operation));
        putIfSet(converted, "pagination", pages(Json.object(pagination, name)));
        return converted;
    }

    /** The structure an operation takes or gives; an empty one of that name where the model has none. */
    private String endOf(Map<String, @Nullable Object> end, String nameOfEmpty) {
        String shape = Json.string(end, "shape");
        if (shape == null) {
            return shapes.addEmpty(nameOfEmpty);
        }
        String element = Json.string(end, "locationName");
        Object namespace = end.get("xmlNamespace");
        if (element != null || namespace != null) {
            shapes.nameRoot(shape, element, namespace);
        }
        return shape;
    }

    private static @Nullable List<String> errors(Map<String, @Nullable Object> operation) {
        List<String> errors = new ArrayList<>();
        for (Object error : Json.array(operation, "errors")) {
            errors.add((String) Json.object(error).get("shape"));
        }
        return errors.isEmpty() ? null : errors;
    }

    private static @Nullable Map<String, @Nullable Object> checksum(Map<String, @Nullable Object> operation) {
        Map<String, @Nullable Object> declared = Json.object(operation, "httpChecksum");
        Map<String, @Nullable Object> checksum = new LinkedHashMap<>();
        putIfSet(checksum, "member", declared.get("requestAlgorithmMember"));
        boolean required =
                Json.flag(declared, "requestChecksumRequired") || Json.flag(operation, "httpChecksumRequired");
        putIfSet(checksum, "required", required ? true : null);
        putIfSet(checksum, "validationMember", declared.get("requestValidationModeMember"));
        putIfSet(checksum, "responses", declared.get("responseAlgorithms"));
        return checksum.isEmpty() ? null : checksum;
    }

    private static @Nullable Map<String, @Nullable Object> contextParams(Map<String, @Nullable Object> operation) {
        Map<String, @Nullable Object> params = new LinkedHashMap<>();
        Json.object(operation, "staticContextParams")
                .forEach((name, param) -> params.put(name, Json.object(param).get("value")));
        return params.isEmpty() ? null : params;
    }

    private static @Nullable Map<String, @Nullable Object> pages(Map<String, @Nullable Object> pagination) {
        if (pagination.isEmpty()) {
            return null;
        }
        Map<String, @Nullable Object> pages = new LinkedHashMap<>();
        pages.put("input", listed(pagination.get("input_token")));
        pages.put("output", listed(pagination.get("output_token")));
        putIfSet(pages, "limit", pagination.get("limit_key"));
        putIfSet(pages, "more", pagination.get("more_results"));
        putIfSet(pages, "results", listed(pagination.get("result_key")));
        return pages;
    }

    private static @Nullable List<?> listed(@Nullable Object oneOrMany) {
        if (oneOrMany == null) {
            return null;
        }
        return oneOrMany instanceof List<?> many ? many : List.of(oneOrMany);
    }

    /** How this service calls its outputs most often, so that an empty one reads like its sisters. */
    private String usualOutputSuffix() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        OUTPUT_SUFFIXES.forEach(suffix -> counts.put(suffix, 0));
        for (Object operation : source.values()) {
            String output = Json.string(Json.object(Json.object(operation), "output"), "shape");
            for (String suffix : OUTPUT_SUFFIXES) {
                if (output != null && output.endsWith(suffix)) {
                    counts.merge(suffix, 1, Integer::sum);
                }
            }
        }
        String usual = OUTPUT_SUFFIXES.getFirst();
        for (Map.Entry<String, Integer> count : counts.entrySet()) {
            if (count.getValue() > counts.getOrDefault(usual, 0)) {
                usual = count.getKey();
            }
        }
        return usual;
    }
}
