package dev.haneul.services.iam;

import dev.haneul.kernel.policy.MalformedPolicyException;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Policy documents as IAM takes and gives them. */
final class Documents {
    private Documents() {}

    /** Checks a document. */
    static PolicyDocument check(String json, PolicyKind kind) {
        try {
            return PolicyDocument.parse(json, kind);
        } catch (MalformedPolicyException e) {
            throw IamFaults.malformedPolicy(e.message());
        }
    }

    /** The size that quotas count: white space is free. */
    static int size(String json) {
        return (int) json.chars().filter(c -> !Character.isWhitespace(c)).count();
    }

    /** Percent-encoded as RFC 3986 says, the form of every document in an answer. */
    static String encode(String json) {
        return URLEncoder.encode(json, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }
}
