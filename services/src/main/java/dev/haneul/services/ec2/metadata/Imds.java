package dev.haneul.services.ec2.metadata;

import dev.haneul.kernel.Tokens;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers instances' questions about themselves, by version 1 (no token) or 2 (a token from {@code PUT
 * /latest/api/token}) of the protocol.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html">Retrieval</a>
 */
public final class Imds {
    private static final String TTL = "x-aws-ec2-metadata-token-ttl-seconds";
    private static final String TOKEN = "x-aws-ec2-metadata-token";
    private static final String TOKEN_PATH = "/latest/api/token";
    private static final int LONGEST_SECONDS = 21_600;
    private static final String TEXT = "text/plain";
    private static final String OCTETS = "application/octet-stream";
    /** The dates of its versions; all tell the same here. */
    private static final List<String> VERSIONS = List.of(
            "1.0",
            "2007-01-19",
            "2007-03-01",
            "2007-08-29",
            "2007-10-10",
            "2007-12-15",
            "2008-02-01",
            "2008-09-01",
            "2009-04-04",
            "2011-01-01",
            "2011-05-01",
            "2012-01-12",
            "2014-02-25",
            "2014-11-05",
            "2015-10-20",
            "2016-04-19",
            "2016-06-30",
            "2016-09-02",
            "2018-03-28",
            "2018-08-17",
            "2018-09-24",
            "2019-10-01",
            "2020-10-27",
            "2021-01-03",
            "2021-03-23",
            "2021-07-15",
            "2022-09-24",
            "2024-04-11",
            "latest");

    private final Tokens tokens;
    private final InstantSource clock;
    private final IdentityDocuments identity;
    private final RoleCredentials credentials;

    /**
     * An answerer.
     *
     * @param tokens seal session tokens; of a key of the room's own
     */
    public Imds(Tokens tokens, InstantSource clock, IdentityDocuments identity, RoleCredentials credentials) {
        this.tokens = tokens;
        this.clock = clock;
        this.identity = identity;
        this.credentials = credentials;
    }

    /**
     * A question.
     *
     * @param headers by lower-case name
     */
    public record Question(String method, String path, Map<String, String> headers) {
        public Question {
            headers = Map.copyOf(headers);
        }
    }

    /** An answer. */
    public record Answer(int status, String type, Map<String, String> headers, byte[] body) {
        static Answer text(int status, String body) {
            return new Answer(status, TEXT, Map.of(), body.getBytes(StandardCharsets.UTF_8));
        }

        static Answer error(int status, String title) {
            String page = """
                    <?xml version="1.0" encoding="iso-8859-1"?>
                    <!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
                    \t"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
                    <html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
                     <head>
                      <title>%1$d - %2$s</title>
                     </head>
                     <body>
                      <h1>%1$d - %2$s</h1>
                     </body>
                    </html>
                    """.formatted(status, title);
            return new Answer(status, "text/html", Map.of(), page.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** What this instance hears. */
    public Answer answer(Question question, InstanceFacts facts) {
        if (!facts.options().enabled()) {
            return Answer.error(403, "Forbidden");
        }
        String path = question.path().replaceAll("/{2,}", "/");
        return switch (question.method().toUpperCase(Locale.ROOT)) {
            case "PUT" -> path.equals(TOKEN_PATH) ? token(question, facts) : Answer.error(405, "Method Not Allowed");
            case "GET", "HEAD" -> read(path, question, facts);
            default -> Answer.error(405, "Method Not Allowed");
        };
    }

    private Answer token(Question question, InstanceFacts facts) {
        if (question.headers().containsKey("x-forwarded-for")) {
            return Answer.error(403, "Forbidden");
        }
        int seconds = seconds(question.headers().get(TTL));
        if (seconds < 1 || seconds > LONGEST_SECONDS) {
            return Answer.error(400, "Bad Request");
        }
        long until = clock.instant().getEpochSecond() + seconds;
        String token = tokens.seal(facts.instanceId(), Long.toString(until));
        return new Answer(
                200,
                TEXT,
                Map.of("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", Integer.toString(seconds)),
                token.getBytes(StandardCharsets.US_ASCII));
    }

    private static int seconds(@Nullable String text) {
        return text != null && text.strip().matches("[0-9]{1,6}") ? Integer.parseInt(text.strip()) : 0;
    }

    private Answer read(String path, Question question, InstanceFacts facts) {
        String token = question.headers().get(TOKEN);
        long left = token == null ? 0 : left(token, facts);
        if (token == null ? facts.options().tokensRequired() : left <= 0) {
            return Answer.error(401, "Unauthorized");
        }
        Answer answer = content(path, facts);
        return token == null || answer.status() != 200
                ? answer
                : new Answer(
                        200,
                        answer.type(),
                        Map.of("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", Long.toString(left)),
                        answer.body());
    }

    /** Seconds for which a token is good yet; 0 or less where it is not. */
    private long left(String token, InstanceFacts facts) {
        return tokens.open(facts.instanceId(), token)
                .map(until -> Long.parseLong(until) - clock.instant().getEpochSecond())
                .orElse(0L);
    }

    private Answer content(String path, InstanceFacts facts) {
        if (path.equals("/") || path.isEmpty()) {
            return Answer.text(200, String.join("\n", VERSIONS));
        }
        int slash = path.indexOf('/', 1);
        String version = slash < 0 ? path.substring(1) : path.substring(1, slash);
        if (!VERSIONS.contains(version)) {
            return Answer.error(404, "Not Found");
        }
        String rest = slash < 0 ? "" : path.substring(slash + 1);
        byte[] userData = facts.userData();
        if (rest.isEmpty()) {
            return Answer.text(200, userData == null ? "dynamic\nmeta-data" : "dynamic\nmeta-data\nuser-data");
        }
        if (rest.equals("user-data") || rest.equals("user-data/")) {
            return userData == null
                    ? Answer.error(404, "Not Found")
                    : new Answer(200, OCTETS, Map.of(), userData.clone());
        }
        Optional<String> found = MetadataTree.of(facts, identity, credentials).at(rest);
        return found.map(text -> Answer.text(200, text)).orElseGet(() -> Answer.error(404, "Not Found"));
    }
}
