package dev.haneul.services.ecr;

import dev.haneul.api.runtime.Principal;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.Tokens;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What registries are logged in to with: who asked for it, where and until when, sealed under a key of the data folder.
 * What the principal may do is looked up at each request, so a policy that is taken away counts at once.
 */
final class LoginTokens {
    static final Duration LIFE = Duration.ofHours(12);
    private static final Duration LINK_LIFE = Duration.ofHours(1);
    private static final String LOGIN = "ecr login";
    private static final String LINK = "ecr layer ";

    private final Tokens tokens;

    LoginTokens(Tokens tokens) {
        this.tokens = tokens;
    }

    /** Who is logged in. */
    record Login(Principal principal, String region, Instant expires) {}

    String issue(Principal principal, String region, Instant now) {
        Map<String, @Nullable Object> content = new LinkedHashMap<>();
        content.put("type", principal.type().name());
        content.put("account", principal.account());
        content.put("id", principal.id());
        content.put("arn", principal.arn());
        content.put("key", principal.accessKeyId());
        content.put("attributes", principal.attributes());
        content.put("region", region);
        content.put("expires", now.plus(LIFE).toString());
        return tokens.seal(LOGIN, Json.write(content));
    }

    /** Opens a token, expired or not; empty where it is none of ours. */
    Optional<Login> open(String token) {
        return tokens.open(LOGIN, token).flatMap(Json::object).map(LoginTokens::login);
    }

    private static Login login(Map<String, @Nullable Object> content) {
        Map<String, String> attributes = new LinkedHashMap<>();
        if (content.get("attributes") instanceof Map<?, ?> map) {
            map.forEach((key, value) -> attributes.put(key.toString(), String.valueOf(value)));
        }
        Principal principal = new Principal(
                Principal.Type.valueOf(text(content, "type")),
                text(content, "account"),
                text(content, "id"),
                text(content, "arn"),
                text(content, "key"),
                attributes);
        return new Login(principal, text(content, "region"), Instant.parse(text(content, "expires")));
    }

    private static String text(Map<String, @Nullable Object> content, String name) {
        return String.valueOf(content.get(name));
    }

    /** A short-lived word that lets anybody read one layer of one repository. */
    String link(String path, Instant now) {
        return tokens.seal(LINK + path, now.plus(LINK_LIFE).toString());
    }

    /** Whether the word opens this path now. */
    boolean opens(String link, String path, Instant now) {
        return tokens.open(LINK + path, link)
                .map(Instant::parse)
                .filter(now::isBefore)
                .isPresent();
    }
}
