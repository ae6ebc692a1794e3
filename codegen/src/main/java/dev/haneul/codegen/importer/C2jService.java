package dev.haneul.codegen.importer;

import dev.haneul.codegen.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One C2J service in Haneul's vocabulary, as a tree ready to be written. */
final class C2jService {
    private C2jService() {}

    /** Converts. {@code global} is whether one endpoint serves all regions. */
    static Map<String, @Nullable Object> convert(C2jTree.Source source, boolean global) {
        Map<String, @Nullable Object> metadata = Json.object(source.model(), "metadata");
        List<String> protocols = protocols(metadata);
        C2jShapes shapes = new C2jShapes(Json.object(source.model(), "shapes"), Dialect.of(protocols, metadata));
        shapes.convertAll();
        Map<String, @Nullable Object> operations =
                new C2jOperations(Json.object(source.model(), "operations"), source.pagination(), shapes).convertAll();
        Map<String, @Nullable Object> model = new LinkedHashMap<>();
        model.put("origin", source.origin());
        model.put("service", facts(source.folder(), metadata, protocols, global));
        model.put("operations", new TreeMap<>(operations));
        model.put("shapes", new TreeMap<>(shapes.converted()));
        return model;
    }

    private static Map<String, @Nullable Object> facts(
            String folder, Map<String, @Nullable Object> metadata, List<String> protocols, boolean global) {
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        facts.put("id", ServiceNames.id(folder));
        facts.put("prefix", ServiceNames.prefix(folder));
        facts.put("sdkId", metadata.get("serviceId"));
        facts.put("endpointPrefix", metadata.get("endpointPrefix"));
        Object signingName = metadata.get("signingName");
        facts.put("signingName", signingName == null ? metadata.get("endpointPrefix") : signingName);
        facts.put("apiVersion", metadata.get("apiVersion"));
        facts.put("protocols", protocols);
        putIfSet(facts, "targetPrefix", metadata.get("targetPrefix"));
        putIfSet(facts, "xmlNamespace", C2jShapes.namespace(metadata.get("xmlNamespace")));
        putIfSet(facts, "queryCompatible", metadata.containsKey("awsQueryCompatible") ? true : null);
        putIfSet(facts, "global", global ? true : null);
        return facts;
    }

    /**
     * What clients speak: the listed protocols, the older single one, and AWS Query where the service says that it
     * still answers those clients.
     */
    private static List<String> protocols(Map<String, @Nullable Object> metadata) {
        Set<String> listed = new LinkedHashSet<>(Json.strings(metadata, "protocols"));
        String single = Json.string(metadata, "protocol");
        if (single != null) {
            listed.add(single);
        }
        if (metadata.containsKey("awsQueryCompatible")) {
            listed.add("query");
        }
        List<String> protocols = new ArrayList<>();
        for (String name : listed) {
            protocols.add(
                    switch (name) {
                        case "rest-xml" -> "restXml";
                        case "rest-json" -> "restJson1";
                        case "json" -> "1.0".equals(metadata.get("jsonVersion")) ? "awsJson1_0" : "awsJson1_1";
                        case "query" -> "awsQuery";
                        case "ec2" -> "ec2Query";
                        case "smithy-rpc-v2-cbor" -> "rpcv2Cbor";
                        default -> throw new IllegalArgumentException("unknown protocol " + name);
                    });
        }
        return protocols;
    }

    static void putIfSet(Map<String, @Nullable Object> target, String key, @Nullable Object value) {
        if (value != null) {
            target.put(key, value);
        }
    }

    /**
     * What depends on the protocol.
     *
     * @param xml whether the preferred protocol is written in XML or Query
     * @param queryCompatible whether old Query error codes stand beside the new ones
     */
    record Dialect(boolean xml, boolean queryCompatible) {
        static Dialect of(List<String> protocols, Map<String, @Nullable Object> metadata) {
            boolean xml = Set.of("restXml", "awsQuery", "ec2Query").contains(protocols.getFirst());
            return new Dialect(xml, metadata.containsKey("awsQueryCompatible"));
        }
    }
}
