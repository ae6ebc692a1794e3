package dev.haneul.services.elbv2;

import dev.haneul.edge.facts.FlowFact;
import dev.haneul.edge.facts.RequestFact;
import dev.haneul.edge.facts.TlsFact;
import dev.haneul.kernel.Arn;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Lines of load balancers' logs, field by field as AWS documents them. Pure. */
final class LogLines {
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private LogLines() {}

    /** A request at an application balancer. */
    static String request(RequestFact fact) {
        List<String> fields = new ArrayList<>();
        fields.add(fact.type());
        fields.add(MICROS.format(fact.ended()));
        fields.add(balancer(fact.balancer()));
        fields.add(fact.client());
        fields.add(or(fact.target()));
        fields.add(seconds(fact.requestNanos()));
        fields.add(seconds(fact.targetNanos()));
        fields.add(seconds(fact.responseNanos()));
        fields.add(fact.status() == 0 ? "-" : String.valueOf(fact.status()));
        fields.add(fact.targetStatus() == 0 ? "-" : String.valueOf(fact.targetStatus()));
        fields.add(String.valueOf(fact.received()));
        fields.add(String.valueOf(fact.sent()));
        fields.add(quoted(fact.line()));
        fields.add(quoted(fact.userAgent()));
        fields.add(or(fact.cipher()));
        fields.add(or(fact.tlsVersion()));
        fields.add(or(fact.group()));
        fields.add(quoted(fact.trace()));
        fields.add(quoted(or(fact.domain())));
        fields.add(quoted(or(fact.certificate())));
        fields.add(String.valueOf(fact.rule()));
        fields.add(MICROS.format(fact.began()));
        fields.add(quoted(fact.actions().isEmpty() ? "-" : String.join(",", fact.actions())));
        fields.add(quoted(or(fact.redirect())));
        fields.add(quoted(or(fact.errorReason())));
        fields.add(quoted(or(fact.target())));
        fields.add(quoted(fact.targetStatus() == 0 ? "-" : String.valueOf(fact.targetStatus())));
        fields.add(quoted("-"));
        fields.add(quoted("-"));
        fields.add(or(fact.connection()));
        return String.join(" ", fields);
    }

    /** A request at a classic balancer. */
    static String classic(RequestFact fact) {
        return String.join(
                " ",
                MICROS.format(fact.began()),
                balancer(fact.balancer()),
                fact.client(),
                or(fact.target()),
                seconds(fact.requestNanos()),
                seconds(fact.targetNanos()),
                seconds(fact.responseNanos()),
                String.valueOf(fact.status()),
                fact.targetStatus() == 0 ? "-" : String.valueOf(fact.targetStatus()),
                String.valueOf(fact.received()),
                String.valueOf(fact.sent()),
                quoted(fact.line()),
                quoted(fact.userAgent()),
                or(fact.cipher()),
                or(fact.tlsVersion()));
    }

    /** A connection to an application balancer. */
    static String connection(FlowFact fact) {
        int colon = fact.client().lastIndexOf(':');
        TlsFact tls = fact.tls();
        X509Certificate client = tls == null ? null : tls.client();
        boolean secure = fact.protocol().equals("HTTPS");
        return String.join(
                " ",
                MICROS.format(fact.began()),
                fact.client().substring(0, colon),
                fact.client().substring(colon + 1),
                String.valueOf(fact.port()),
                tls == null ? "-" : tls.version(),
                tls == null ? "-" : tls.cipher(),
                tls == null ? "-" : seconds(tls.handshakeNanos()),
                quoted(client == null ? "-" : client.getSubjectX500Principal().getName()),
                client == null
                        ? "-"
                        : "NotBefore=" + client.getNotBefore().toInstant() + ";NotAfter="
                                + client.getNotAfter().toInstant(),
                client == null ? "-" : hex(client.getSerialNumber()),
                !secure ? "-" : tls == null ? "Failed:UnmappedConnectionError" : "Success",
                fact.connection());
    }

    /** A TLS connection through a network balancer. */
    static String flow(FlowFact fact) {
        String listener = fact.listener().substring(fact.listener().lastIndexOf('/') + 1);
        long millis = Duration.between(fact.began(), fact.ended()).toMillis();
        TlsFact tls = fact.tls();
        return String.join(
                " ",
                "tls",
                "2.0",
                local(fact.ended()),
                balancer(fact.balancer()),
                listener,
                fact.client(),
                or(fact.target()),
                String.valueOf(millis),
                tls == null ? "-" : String.valueOf(tls.handshakeNanos() / 1_000_000),
                String.valueOf(fact.received()),
                String.valueOf(fact.sent()),
                "-",
                or(tls == null ? null : tls.certificate()),
                "-",
                tls == null ? "-" : tls.cipher(),
                tls == null ? "-" : tls.version().replace("TLSv1.", "tlsv1"),
                "-",
                or(tls == null ? null : tls.domain()),
                or(tls == null ? null : tls.alpn()),
                "-",
                "-",
                local(fact.began()));
    }

    private static String hex(BigInteger serial) {
        return serial.toString(16);
    }

    private static String local(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS).toString().replace("Z", "");
    }

    private static String balancer(String arn) {
        return Arn.parse(arn).map(Arn::resourceId).orElse("-");
    }

    private static String seconds(long nanos) {
        return nanos < 0 ? "-1" : String.format(Locale.ROOT, "%.3f", nanos / 1e9);
    }

    private static String or(@Nullable String text) {
        return text == null || text.isEmpty() ? "-" : text;
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\' || c < ' ' || c > '~') {
                out.append(String.format(Locale.ROOT, "\\x%02X", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
