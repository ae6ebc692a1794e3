package dev.haneul.services.cloudtrail.record;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.SessionAttributes;
import dev.haneul.kernel.policy.Subject;
import tools.jackson.core.JsonGenerator;

/** Who called, in the form of each kind of principal. See AWS, "CloudTrail userIdentity element". */
final class UserIdentity {
    private UserIdentity() {}

    static void write(JsonGenerator json, Call call) {
        Principal who = call.principal();
        json.writeObjectPropertyStart("userIdentity");
        switch (who.type()) {
            case SERVICE -> {
                json.writeStringProperty("type", "AWSService");
                json.writeStringProperty("invokedBy", who.arn());
            }
            case ANONYMOUS -> {
                json.writeStringProperty("type", "AWSAccount");
                json.writeStringProperty("principalId", "");
                json.writeStringProperty("accountId", "ANONYMOUS_PRINCIPAL");
            }
            case ROOT -> common(json, "Root", who);
            case USER -> common(json, "IAMUser", who);
            case ASSUMED_ROLE -> common(json, "AssumedRole", who);
            case FEDERATED_USER -> common(json, "FederatedUser", who);
        }
        if (who.type() == Principal.Type.USER) {
            json.writeStringProperty("userName", userName(who));
        }
        if (who.attributes().containsKey("aws:TokenIssueTime")) {
            session(json, who);
        }
        if (who.type() != Principal.Type.SERVICE && call.origin().endpoint().isEmpty()) {
            json.writeStringProperty("invokedBy", call.origin().sourceIp());
        }
        json.writeEndObject();
    }

    private static void common(JsonGenerator json, String type, Principal who) {
        json.writeStringProperty("type", type);
        json.writeStringProperty("principalId", who.id());
        json.writeStringProperty("arn", who.arn());
        json.writeStringProperty("accountId", who.account());
        if (!who.accessKeyId().isEmpty()) {
            json.writeStringProperty("accessKeyId", who.accessKeyId());
        }
    }

    private static void session(JsonGenerator json, Principal who) {
        json.writeObjectPropertyStart("sessionContext");
        if (who.type() == Principal.Type.ASSUMED_ROLE) {
            String role = who.attributes().getOrDefault(Subject.ENTITY_ARN, "");
            json.writeObjectPropertyStart("sessionIssuer");
            json.writeStringProperty("type", "Role");
            json.writeStringProperty("principalId", before(who.id()));
            json.writeStringProperty("arn", role);
            json.writeStringProperty("accountId", who.account());
            json.writeStringProperty("userName", role.substring(role.lastIndexOf('/') + 1));
            json.writeEndObject();
        } else if (who.type() == Principal.Type.FEDERATED_USER) {
            String federator = who.attributes().getOrDefault(SessionAttributes.FEDERATOR, "");
            int slash = federator.indexOf('/');
            json.writeObjectPropertyStart("sessionIssuer");
            json.writeStringProperty("type", slash < 0 ? "Root" : "IAMUser");
            json.writeStringProperty("principalId", slash < 0 ? who.account() : federator.substring(0, slash));
            json.writeStringProperty(
                    "arn",
                    who.attributes().getOrDefault(Subject.ENTITY_ARN, "arn:aws:iam::" + who.account() + ":root"));
            json.writeStringProperty("accountId", who.account());
            if (slash >= 0) {
                json.writeStringProperty("userName", federator.substring(slash + 1));
            }
            json.writeEndObject();
        }
        json.writeObjectPropertyStart("attributes");
        json.writeStringProperty("creationDate", who.attributes().getOrDefault("aws:TokenIssueTime", ""));
        json.writeStringProperty(
                "mfaAuthenticated", who.attributes().getOrDefault("aws:MultiFactorAuthPresent", "false"));
        json.writeEndObject();
        String source = who.attributes().get("aws:SourceIdentity");
        if (source != null) {
            json.writeStringProperty("sourceIdentity", source);
        }
        json.writeEndObject();
    }

    /** The name LookupEvents finds a caller by: the user's, the session's, {@code root}, a service's host. */
    static String userName(Principal who) {
        return switch (who.type()) {
            case ROOT -> "root";
            case USER, ASSUMED_ROLE, FEDERATED_USER ->
                who.arn().substring(who.arn().lastIndexOf('/') + 1);
            case SERVICE -> who.arn();
            case ANONYMOUS -> "";
        };
    }

    private static String before(String id) {
        int colon = id.indexOf(':');
        return colon < 0 ? id : id.substring(0, colon);
    }
}
