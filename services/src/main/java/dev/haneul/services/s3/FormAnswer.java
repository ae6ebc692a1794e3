package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.plane.Exchange;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;

/** What a form's sender is told: a status, a small document, or where to go next. */
final class FormAnswer {
    private static final XMLOutputFactory XML = XMLOutputFactory.newDefaultFactory();

    private final Exchange exchange;

    FormAnswer(Exchange exchange) {
        this.exchange = exchange;
    }

    /**
     * The file is stored.
     *
     * @param fields may hold success_action_redirect (or redirect) and success_action_status
     */
    void success(String bucket, String key, String etag, Map<String, String> fields) throws IOException {
        String location = exchange.endpoint() + "/" + bucket + "/"
                + URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20");
        Map<String, String> headers = headers();
        headers.put("ETag", etag);
        String redirect = redirect(fields, bucket, key, etag);
        if (redirect != null) {
            headers.put("Location", redirect);
            send(303, headers, "");
            return;
        }
        headers.put("Location", location);
        switch (fields.getOrDefault("success_action_status", "")) {
            case "200" -> send(200, headers, "");
            case "201" ->
                send(
                        201,
                        headers,
                        document(
                                "PostResponse",
                                Map.of("Location", location, "Bucket", bucket, "Key", key, "ETag", etag)));
            default -> send(204, headers, "");
        }
    }

    /** Where a browser is sent; null where it is sent nowhere, or to no URL. */
    private static @Nullable String redirect(Map<String, String> fields, String bucket, String key, String etag) {
        String asked = fields.getOrDefault("success_action_redirect", fields.get("redirect"));
        if (asked == null) {
            return null;
        }
        try {
            URI uri = new URI(asked);
            if (uri.getHost() == null) {
                return null;
            }
            String query = "bucket=" + encode(bucket) + "&key=" + encode(key) + "&etag=" + encode(etag);
            String fragment = uri.getRawFragment() == null ? "" : "#" + uri.getRawFragment();
            String base = asked.substring(0, asked.length() - fragment.length());
            return base + (uri.getRawQuery() == null ? "?" : "&") + query + fragment;
        } catch (URISyntaxException noUrl) {
            return null;
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** The upload is refused. */
    void fault(Fault fault) throws IOException {
        Map<String, String> elements = new LinkedHashMap<>();
        elements.put("Code", fault.code());
        elements.put("Message", fault.message());
        elements.putAll(fault.extras());
        elements.put("RequestId", exchange.requestId());
        Map<String, String> headers = headers();
        headers.putAll(fault.headers());
        send(fault.status(), headers, document("Error", elements));
    }

    private Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("x-amz-request-id", exchange.requestId());
        return headers;
    }

    private void send(int status, Map<String, String> headers, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        Map<String, List<String>> all = new LinkedHashMap<>();
        headers.forEach((name, value) -> all.put(name, List.of(value)));
        if (bytes.length > 0) {
            all.put("Content-Type", List.of("application/xml"));
        }
        try (OutputStream out = exchange.respond(status, all, bytes.length)) {
            out.write(bytes);
        }
    }

    private static String document(String root, Map<String, String> elements) {
        StringWriter out = new StringWriter();
        try {
            XMLStreamWriter xml = XML.createXMLStreamWriter(out);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement(root);
            for (Map.Entry<String, String> element : elements.entrySet()) {
                xml.writeStartElement(element.getKey());
                xml.writeCharacters(printable(element.getValue()));
                xml.writeEndElement();
            }
            xml.writeEndElement();
            xml.writeEndDocument();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("writing to memory", e);
        }
        return out.toString();
    }

    /** XML has no way to say most control characters. */
    private static String printable(String text) {
        return text.replaceAll("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\uFFFE\\uFFFF]", "\uFFFD");
    }
}
