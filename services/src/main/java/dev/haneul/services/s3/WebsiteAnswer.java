package dev.haneul.services.s3;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.GetObjectOutput;
import dev.haneul.kernel.plane.Exchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A website's answers: objects, redirections, and errors as pages. */
final class WebsiteAnswer {
    private static final Map<String, String> HEADERS = Map.ofEntries(
            Map.entry("AcceptRanges", "Accept-Ranges"),
            Map.entry("CacheControl", "Cache-Control"),
            Map.entry("ContentDisposition", "Content-Disposition"),
            Map.entry("ContentEncoding", "Content-Encoding"),
            Map.entry("ContentLanguage", "Content-Language"),
            Map.entry("ContentRange", "Content-Range"),
            Map.entry("ContentType", "Content-Type"),
            Map.entry("ETag", "ETag"),
            Map.entry("Expires", "Expires"),
            Map.entry("VersionId", "x-amz-version-id"));
    private static final Map<Integer, String> REASONS = Map.of(
            400, "Bad Request",
            403, "Forbidden",
            404, "Not Found",
            405, "Method Not Allowed",
            412, "Precondition Failed",
            416, "Requested Range Not Satisfiable",
            500, "Internal Server Error",
            503, "Service Unavailable");

    private final Exchange exchange;
    private final Map<String, String> always;

    /**
     * An answer to come.
     *
     * @param always headers of every answer
     */
    WebsiteAnswer(Exchange exchange, Map<String, String> always) {
        this.exchange = exchange;
        this.always = always;
    }

    private Map<String, List<String>> headers() {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        headers.put("x-amz-request-id", List.of(exchange.requestId()));
        headers.put("Server", List.of("AmazonS3"));
        always.forEach((name, value) -> headers.put(name, List.of(value)));
        return headers;
    }

    void empty(int status, Map<String, String> more) throws IOException {
        Map<String, List<String>> headers = headers();
        more.forEach((name, value) -> headers.put(name, List.of(value)));
        exchange.respond(status, headers, 0).close();
    }

    void redirect(Website.Redirection to) throws IOException {
        empty(to.status(), Map.of("Location", to.location()));
    }

    /** An object; one that redirects sends elsewhere instead. */
    void object(int status, GetObjectOutput found) throws IOException {
        try (Body body = Objects.requireNonNull(found.body())) {
            String elsewhere = found.websiteRedirectLocation();
            if (elsewhere != null) {
                redirect(new Website.Redirection(301, elsewhere));
                return;
            }
            Map<String, List<String>> headers = headers();
            HEADERS.forEach((member, name) -> {
                String value = Members.text(found, member);
                if (value != null) {
                    headers.put(name, List.of(value));
                }
            });
            if (found.lastModified() != null) {
                headers.put("Last-Modified", List.of(HttpDates.format(found.lastModified())));
            }
            found.metadata().forEach((name, value) -> headers.put("x-amz-meta-" + name, List.of(value)));
            int told = status == 200 && found.contentRange() != null ? 206 : status;
            try (OutputStream out = exchange.respond(told, headers, body.length())) {
                if (!exchange.method().equals("HEAD")) {
                    body.stream().transferTo(out);
                }
            }
        }
    }

    /**
     * An error as a page.
     *
     * @param second what went wrong when the error document was to be read, null for nothing
     */
    void fault(Fault fault, @Nullable Fault second) throws IOException {
        if (fault.status() == 304) {
            empty(304, fault.headers());
            return;
        }
        Map<String, List<String>> headers = headers();
        headers.put("x-amz-error-code", List.of(fault.code()));
        headers.put("x-amz-error-message", List.of(fault.message()));
        headers.put("Content-Type", List.of("text/html; charset=utf-8"));
        byte[] page = page(fault, second).getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = exchange.respond(fault.status(), headers, page.length)) {
            if (!exchange.method().equals("HEAD")) {
                out.write(page);
            }
        }
    }

    private String page(Fault fault, @Nullable Fault second) {
        String title = fault.status() + " " + REASONS.getOrDefault(fault.status(), fault.code());
        StringBuilder page = new StringBuilder(
                "<html>\n<head><title>" + title + "</title></head>\n<body>\n<h1>" + title + "</h1>\n<ul>\n");
        item(page, "Code", fault.code());
        item(page, "Message", fault.message());
        fault.extras().forEach((name, value) -> item(page, name, value));
        item(page, "RequestId", exchange.requestId());
        page.append("</ul>\n");
        if (second != null) {
            page.append("<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n");
            item(page, "Code", second.code());
            item(page, "Message", second.message());
            second.extras().forEach((name, value) -> item(page, name, value));
            page.append("</ul>\n");
        }
        return page.append("<hr/>\n</body>\n</html>\n").toString();
    }

    private static void item(StringBuilder page, String name, String value) {
        page.append("<li>")
                .append(escaped(name))
                .append(": ")
                .append(escaped(value))
                .append("</li>\n");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
