package dev.haneul.services.s3;

import dev.haneul.api.s3.Condition;
import dev.haneul.api.s3.ErrorDocument;
import dev.haneul.api.s3.IndexDocument;
import dev.haneul.api.s3.Redirect;
import dev.haneul.api.s3.RedirectAllRequestsTo;
import dev.haneul.api.s3.RoutingRule;
import dev.haneul.api.s3.WebsiteConfiguration;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Where a website sends its visitors. Pure: configuration and path in, decision out. */
final class Website {
    private Website() {}

    /** An answer that sends elsewhere. */
    record Redirection(int status, String location) {}

    /**
     * A bucket's website.
     *
     * @param host the name it was asked by
     */
    record Site(Buckets.Bucket bucket, String host, WebsiteConfiguration configuration) {
        String index() {
            IndexDocument index = configuration.indexDocument();
            return index == null ? "" : ListObjects.or(index.suffix());
        }

        @Nullable
        String errorDocument() {
            ErrorDocument document = configuration.errorDocument();
            return document == null ? null : document.key();
        }

        /** Where all requests go, null where they are served here. */
        @Nullable
        Redirection redirectAll(String path, boolean secure) {
            RedirectAllRequestsTo all = configuration.redirectAllRequestsTo();
            if (all == null) {
                return null;
            }
            return new Redirection(301, protocol(all.protocol(), secure) + "://" + all.hostName() + path);
        }

        /**
         * Where the first routing rule that fits sends a request, null for nowhere.
         *
         * @param error the status it failed with, null where it was not tried yet
         */
        @Nullable
        Redirection redirect(String key, @Nullable Integer error, boolean secure) {
            for (RoutingRule rule : configuration.routingRules()) {
                if (fits(rule.condition(), key, error)) {
                    return to(rule, key, secure);
                }
            }
            return null;
        }

        private static boolean fits(@Nullable Condition condition, String key, @Nullable Integer error) {
            String code = condition == null ? null : condition.httpErrorCodeReturnedEquals();
            String prefix = condition == null ? null : condition.keyPrefixEquals();
            // Rules that speak of an error wait for one, the others are for what was not tried yet.
            boolean timely = error == null ? code == null : error.toString().equals(code);
            return timely && (prefix == null || key.startsWith(prefix));
        }

        private Redirection to(RoutingRule rule, String key, boolean secure) {
            Redirect redirect = rule.redirect();
            Condition condition = rule.condition();
            String prefix = condition == null ? "" : ListObjects.or(condition.keyPrefixEquals());
            String target = key;
            if (redirect.replaceKeyWith() != null) {
                target = redirect.replaceKeyWith();
            } else if (redirect.replaceKeyPrefixWith() != null) {
                target = redirect.replaceKeyPrefixWith() + key.substring(prefix.length());
            }
            String code = redirect.httpRedirectCode();
            String name = redirect.hostName() == null ? host : redirect.hostName();
            return new Redirection(
                    code == null ? 301 : Integer.parseInt(code),
                    protocol(redirect.protocol(), secure) + "://" + name + "/" + encoded(target));
        }

        private static String protocol(@Nullable String asked, boolean secure) {
            return asked != null ? asked : secure ? "https" : "http";
        }
    }

    /** A key as it stands in a URL. */
    static String encoded(String key) {
        return URLEncoder.encode(key, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/")
                .replace("%7E", "~");
    }
}
