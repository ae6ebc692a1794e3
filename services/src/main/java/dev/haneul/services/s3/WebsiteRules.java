package dev.haneul.services.s3;

import dev.haneul.api.s3.Condition;
import dev.haneul.api.s3.ErrorDocument;
import dev.haneul.api.s3.IndexDocument;
import dev.haneul.api.s3.Redirect;
import dev.haneul.api.s3.RedirectAllRequestsTo;
import dev.haneul.api.s3.RoutingRule;
import dev.haneul.api.s3.WebsiteConfiguration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What S3 takes for a website configuration. See AWS, "PutBucketWebsite". */
final class WebsiteRules {
    private static final int MAX_ROUTING_RULES = 50;
    private static final Set<String> PROTOCOLS = Set.of("http", "https");

    private WebsiteRules() {}

    static WebsiteConfiguration check(WebsiteConfiguration given) {
        RedirectAllRequestsTo all = given.redirectAllRequestsTo();
        IndexDocument index = given.indexDocument();
        ErrorDocument error = given.errorDocument();
        if (all != null) {
            if (index != null || error != null || given.hasRoutingRules()) {
                throw S3Errors.invalidArgument(
                        "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
                        "RedirectAllRequestsTo",
                        "not null");
            }
            checkProtocol(all.protocol());
            return given;
        }
        if (index == null) {
            throw S3Errors.invalidArgument(
                    "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
                    "IndexDocument",
                    "null");
        }
        String suffix = ListObjects.or(index.suffix());
        if (suffix.isEmpty() || suffix.indexOf('/') >= 0) {
            throw S3Errors.invalidArgument("The IndexDocument Suffix is not well formed", "IndexDocument", suffix);
        }
        if (error != null && ListObjects.or(error.key()).isEmpty()) {
            throw S3Errors.invalidArgument("The ErrorDocument Key is not well formed", "ErrorDocument", "");
        }
        if (given.hasRoutingRules()) {
            checkRouting(given.routingRules());
        }
        return given;
    }

    private static void checkRouting(List<RoutingRule> rules) {
        if (rules.isEmpty()) {
            throw S3Errors.malformedXml();
        }
        if (rules.size() > MAX_ROUTING_RULES) {
            throw S3Errors.invalidRequest(rules.size()
                    + " routing rules provided, the number of routing rules in a website configuration is limited to"
                    + " 50.");
        }
        rules.forEach(WebsiteRules::check);
    }

    private static void check(RoutingRule rule) {
        Redirect redirect = rule.redirect();
        if (redirect == null || !says(redirect)) {
            throw S3Errors.malformedXml();
        }
        if (redirect.replaceKeyPrefixWith() != null && redirect.replaceKeyWith() != null) {
            throw S3Errors.invalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
        }
        Condition condition = rule.condition();
        if (condition != null
                && condition.httpErrorCodeReturnedEquals() == null
                && condition.keyPrefixEquals() == null) {
            throw S3Errors.invalidRequest("Condition cannot be empty. To redirect all requests without a condition, the"
                    + " condition element shouldn't be present.");
        }
        String error = condition == null ? null : condition.httpErrorCodeReturnedEquals();
        if (error != null && !error.matches("[45]\\d\\d")) {
            throw S3Errors.invalidRequest(
                    "The provided HTTP error code (" + error + ") is not valid. Valid codes are 4XX or 5XX.");
        }
        String code = redirect.httpRedirectCode();
        if (code != null && (!code.matches("3\\d\\d") || code.equals("300"))) {
            throw S3Errors.invalidRequest(
                    "The provided HTTP redirect code (" + code + ") is not valid. Valid codes are 3XX except 300.");
        }
        checkProtocol(redirect.protocol());
    }

    private static boolean says(Redirect redirect) {
        return redirect.hostName() != null
                || redirect.httpRedirectCode() != null
                || redirect.protocol() != null
                || redirect.replaceKeyPrefixWith() != null
                || redirect.replaceKeyWith() != null;
    }

    private static void checkProtocol(@Nullable String protocol) {
        if (protocol != null && !PROTOCOLS.contains(protocol)) {
            throw S3Errors.invalidRequest("Invalid protocol, protocol can be http or https. If not defined the protocol"
                    + " will be selected automatically.");
        }
    }
}
