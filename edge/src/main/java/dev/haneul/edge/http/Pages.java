package dev.haneul.edge.http;

import java.nio.charset.StandardCharsets;

/** The balancer's own answers. */
final class Pages {
    private Pages() {}

    static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 301 -> "Moved Permanently";
            case 302 -> "Found";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Time-out";
            case 413 -> "Request Entity Too Large";
            case 414 -> "Request-URI Too Large";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Temporarily Unavailable";
            case 504 -> "Gateway Time-out";
            case 505 -> "HTTP Version Not Supported";
            case 561 -> "Unauthorized";
            default -> "";
        };
    }

    /** A small page that names the status. */
    static byte[] page(int status) {
        String title = (status + " " + reason(status)).trim();
        String page = "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title
                + "</h1></center>\r\n</body>\r\n</html>\r\n";
        return page.getBytes(StandardCharsets.US_ASCII);
    }

    static Headers headers() {
        return new Headers().add("Server", "awselb/2.0").add("Date", Dates.now());
    }
}
