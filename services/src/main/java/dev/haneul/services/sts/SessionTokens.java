package dev.haneul.services.sts;

import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.Tokens;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Seals sessions into tokens and opens them. A token is bound to the access key id it was given out with. Inside it is
 * text: the layout's version, then field by field behind NUL, which no field can hold.
 */
final class SessionTokens {
    private static final String VERSION = "1";
    private static final String MARK = "\u0000";
    private static final int FIXED_FIELDS = 7;

    private final Tokens tokens;

    /** @param folderKey the data folder's key; the tokens' own key is derived from it */
    SessionTokens(byte[] folderKey) {
        this.tokens = new Tokens(Tokens.derive(folderKey, "sts sessions"));
    }

    String seal(Session session) {
        Principal principal = session.principal();
        StringBuilder out = new StringBuilder(VERSION);
        for (String field : new String[] {
            session.secretKey(),
            Long.toString(session.expires().getEpochSecond()),
            principal.type().name(),
            principal.account(),
            principal.id(),
            principal.arn()
        }) {
            out.append(MARK).append(field);
        }
        principal
                .attributes()
                .forEach((key, value) ->
                        out.append(MARK).append(key).append(MARK).append(value.replace(MARK, "")));
        return tokens.seal(principal.accessKeyId(), out.toString());
    }

    /** The session of a token; empty where it is forged, damaged or another key's. */
    Optional<Session> open(String token, String accessKeyId) {
        return tokens.open(accessKeyId, token)
                .map(text -> text.split(MARK, -1))
                .filter(fields -> fields[0].equals(VERSION) && fields.length >= FIXED_FIELDS)
                .map(fields -> session(fields, accessKeyId));
    }

    private static Session session(String[] fields, String accessKeyId) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (int i = FIXED_FIELDS; i + 1 < fields.length; i += 2) {
            attributes.put(fields[i], fields[i + 1]);
        }
        Principal principal = new Principal(
                Principal.Type.valueOf(fields[3]), fields[4], fields[5], fields[6], accessKeyId, attributes);
        return new Session(fields[1], principal, Instant.ofEpochSecond(Long.parseLong(fields[2])));
    }
}
