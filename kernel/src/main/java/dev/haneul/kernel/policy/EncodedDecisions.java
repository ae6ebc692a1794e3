package dev.haneul.kernel.policy;

import dev.haneul.kernel.Tokens;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Refusals as some services add them to their errors: everything about the decision, sealed, for only those who may
 * know to open. Nothing is kept; the text holds it all. See STS's DecodeAuthorizationMessage.
 */
public final class EncodedDecisions {
    private static final JsonFactory JSON = new JsonFactory();
    /** A message must open again; what would make it longer than that leaves its conditions out. */
    private static final int LONGEST_CHARS = 6000;

    private final Tokens tokens;

    /** @param folderKey the data folder's key */
    public EncodedDecisions(byte[] folderKey) {
        this.tokens = new Tokens(Tokens.derive(folderKey, "encoded decisions"));
    }

    /** Seals a decision for the account whose principal asked. */
    public String seal(String principalId, PolicyRequest request, Decision decision) {
        String all = json(principalId, request, decision, true);
        String content = all.length() <= LONGEST_CHARS ? all : json(principalId, request, decision, false);
        return tokens.seal(request.subject().account(), content);
    }

    /** Opens a message of an account; empty where it is none of ours, was changed, or is another account's. */
    public Optional<String> open(String account, String message) {
        return tokens.open(account, message);
    }

    private static String json(String principalId, PolicyRequest request, Decision decision, boolean conditions) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeBooleanProperty("allowed", decision.allowed());
            json.writeBooleanProperty("explicitDeny", decision.outcome() == Decision.Outcome.EXPLICIT_DENY);
            matches(json, decision);
            json.writeObjectPropertyStart("failures");
            json.writeArrayPropertyStart("items");
            json.writeEndArray();
            json.writeEndObject();
            json.writeObjectPropertyStart("context");
            json.writeObjectPropertyStart("principal");
            json.writeStringProperty("id", principalId);
            json.writeStringProperty("arn", request.subject().arn());
            json.writeEndObject();
            json.writeStringProperty("action", request.action());
            json.writeStringProperty("resource", request.resource());
            json.writeObjectPropertyStart("conditions");
            items(json, conditions ? request.context().all() : Map.of());
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndObject();
        }
        return out.toString();
    }

    private static void matches(JsonGenerator json, Decision decision) {
        json.writeObjectPropertyStart("matchedStatements");
        json.writeArrayPropertyStart("items");
        for (Decision.Match match : decision.matches()) {
            json.writeStartObject();
            json.writeStringProperty("statementId", Integer.toString(match.statement()));
            json.writeStringProperty("effect", match.allow() ? "ALLOW" : "DENY");
            json.writeStringProperty("sourcePolicyId", match.policy());
            json.writeStringProperty("sourcePolicyType", match.layer().text());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void items(JsonGenerator json, Map<String, List<String>> conditions) {
        json.writeArrayPropertyStart("items");
        conditions.forEach((key, values) -> {
            json.writeStartObject();
            json.writeStringProperty("key", key);
            json.writeObjectPropertyStart("values");
            json.writeArrayPropertyStart("items");
            for (String value : values) {
                json.writeStartObject();
                json.writeStringProperty("value", value);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndObject();
        });
        json.writeEndArray();
    }
}
