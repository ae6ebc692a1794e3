package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.GetObjectOutput;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.HeadObjectRequest;
import dev.haneul.api.s3.S3Client;
import dev.haneul.api.s3.WebsiteConfiguration;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.s3.Website.Site;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Buckets as websites, at {@code bucket.s3-website-region.localhost} and {@code bucket.s3-website.region.localhost}
 * (and at AWS's own names, where a Host header says so). Everybody is anonymous here: what a page shows is what the
 * bucket's policy or the object's ACL shows to all. See AWS, "Hosting a static website using Amazon S3".
 */
public final class WebsitePlane implements DataPlane {
    private static final Pattern HOST =
            Pattern.compile("(.+)\\.s3-website(?:[.-]([a-z]{2}(?:-[a-z]+)+-\\d))?\\.(?:localhost|amazonaws\\.com)");
    private static final Duration PATIENCE = Duration.ofHours(1);

    private final Store store;
    private final S3Client s3;
    private final Clock clock;
    private final BucketOrigins origins;

    /**
     * A plane for the gateway.
     *
     * @param caller carries the reads, authorised as anybody's
     */
    public WebsitePlane(Store store, Caller caller, Clock clock) {
        this.store = store;
        this.s3 = new S3Client(caller);
        this.clock = clock;
        this.origins = new BucketOrigins(store);
    }

    @Override
    public boolean claims(Exchange exchange) {
        return exchange.host().contains(".s3-website")
                && HOST.matcher(exchange.host()).matches();
    }

    @Override
    public void serve(Exchange exchange) throws IOException {
        WebsiteAnswer answer = new WebsiteAnswer(exchange, origins.headers(exchange));
        try {
            if (exchange.method().equals("OPTIONS")) {
                answer.empty(200, origins.preflight(exchange));
                return;
            }
            if (!exchange.method().equals("GET") && !exchange.method().equals("HEAD")) {
                throw Fault.client(
                                "MethodNotAllowed", 405, "The specified method is not allowed against this resource.")
                        .with("Method", exchange.method())
                        .with("ResourceType", "OBJECT");
            }
            Site site = site(exchange);
            Website.Redirection all = site.redirectAll(exchange.path(), exchange.secure());
            if (all != null) {
                answer.redirect(all);
                return;
            }
            serve(site, decoded(exchange.path()), answer, exchange);
        } catch (Fault fault) {
            answer.fault(fault, null);
        }
    }

    private Site site(Exchange exchange) {
        Matcher host = HOST.matcher(exchange.host());
        if (!host.matches()) {
            throw S3Errors.noSuchBucket(exchange.host());
        }
        String name = host.group(1);
        return store.read(tx -> {
            Buckets.Bucket bucket = Buckets.find(tx, name).orElseThrow(() -> S3Errors.noSuchBucket(name));
            if (host.group(2) != null && !host.group(2).equals(bucket.region())) {
                throw Fault.client(
                                "IncorrectEndpoint",
                                400,
                                "The specified bucket exists in another region. Please direct requests to the specified"
                                        + " endpoint.")
                        .with("Endpoint", name + ".s3-website-" + bucket.region() + ".amazonaws.com");
            }
            WebsiteConfiguration configuration = Configurations.of(tx, bucket).website();
            if (configuration == null) {
                throw S3Errors.noConfiguration(
                        "NoSuchWebsiteConfiguration",
                        "The specified bucket does not have a website configuration",
                        name);
            }
            return new Site(bucket, exchange.host(), configuration);
        });
    }

    private void serve(Site site, String path, WebsiteAnswer answer, Exchange exchange) throws IOException {
        Website.Redirection before = site.redirect(path, null, exchange.secure());
        if (before != null) {
            answer.redirect(before);
            return;
        }
        String key = path.isEmpty() || path.endsWith("/") ? path + site.index() : path;
        try {
            answer.object(200, read(site, key, exchange, true));
        } catch (Fault fault) {
            if (fault.status() == 304 || fault.status() == 412 || fault.status() == 416) {
                answer.fault(fault, null);
            } else {
                failed(site, path, fault, answer, exchange);
            }
        }
    }

    private void failed(Site site, String path, Fault fault, WebsiteAnswer answer, Exchange exchange)
            throws IOException {
        if (!path.isEmpty() && !path.endsWith("/") && exists(site, path + "/" + site.index(), exchange)) {
            answer.redirect(new Website.Redirection(302, "/" + Website.encoded(path) + "/"));
            return;
        }
        Website.Redirection after = site.redirect(path, fault.status(), exchange.secure());
        if (after != null) {
            answer.redirect(after);
            return;
        }
        String document = site.errorDocument();
        if (document == null) {
            answer.fault(fault, null);
            return;
        }
        try {
            answer.object(fault.status(), read(site, document, exchange, false));
        } catch (Fault second) {
            answer.fault(fault, second);
        }
    }

    private GetObjectOutput read(Site site, String key, Exchange exchange, boolean conditions) {
        GetObjectRequest request =
                new GetObjectRequest().bucket(site.bucket().name()).key(key);
        if (conditions) {
            request.range(exchange.header("range"))
                    .ifMatch(exchange.header("if-match"))
                    .ifNoneMatch(exchange.header("if-none-match"))
                    .ifModifiedSince(HttpDates.parse(exchange.header("if-modified-since")))
                    .ifUnmodifiedSince(HttpDates.parse(exchange.header("if-unmodified-since")));
        }
        return s3.getObject(request, call(site, exchange));
    }

    private boolean exists(Site site, String key, Exchange exchange) {
        try {
            s3.headObject(new HeadObjectRequest().bucket(site.bucket().name()).key(key), call(site, exchange));
            return true;
        } catch (Fault missing) {
            return false;
        }
    }

    private Call call(Site site, Exchange exchange) {
        Map<String, String> headers = new LinkedHashMap<>();
        exchange.headers().forEach((name, values) -> headers.put(name, String.join(",", values)));
        return new Call(
                Principal.ANONYMOUS,
                "",
                site.bucket().region(),
                exchange.requestId(),
                clock.instant().plus(PATIENCE),
                new Call.Origin(
                        exchange.remoteAddress(),
                        headers.getOrDefault("user-agent", ""),
                        exchange.secure(),
                        exchange.endpoint(),
                        headers));
    }

    private static String decoded(String path) {
        try {
            return URLDecoder.decode(
                    (path.startsWith("/") ? path.substring(1) : path).replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw Fault.client("InvalidURI", 400, "Couldn't parse the specified URI.");
        }
    }
}
