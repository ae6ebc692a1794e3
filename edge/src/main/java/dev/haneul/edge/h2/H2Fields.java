package dev.haneul.edge.h2;

import dev.haneul.edge.http.Headers;
import java.io.IOException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;

/** Header fields of HTTP/2 as headers. */
final class H2Fields {
    private H2Fields() {}

    /** Fields as headers; refused where one would break a line of HTTP/1.1. */
    static Headers headers(HttpFields fields) throws IOException {
        Headers headers = new Headers();
        StringBuilder cookies = new StringBuilder();
        for (HttpField field : fields) {
            String value = field.getValue() == null ? "" : field.getValue();
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (c < ' ' && c != '\t' || c == 0x7f || c > 0xff) {
                    throw new IOException("a header with a control character");
                }
            }
            if (field.getName().startsWith(":") || field.getName().chars().anyMatch(c -> c <= ' ' || c == ':')) {
                throw new IOException("a header's name that is none");
            }
            if (field.getName().equalsIgnoreCase("cookie")) {
                cookies.append(cookies.isEmpty() ? "" : "; ").append(value);
            } else {
                headers.add(field.getName(), value);
            }
        }
        return cookies.isEmpty() ? headers : headers.add("cookie", cookies.toString());
    }
}
