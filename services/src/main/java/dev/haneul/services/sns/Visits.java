package dev.haneul.services.sns;

import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** What everybody may visit: the signing certificate, and the links with which subscriptions are ended. */
final class Visits implements DataPlane {
    private static final String CERTIFICATE = "/SimpleNotificationService-";
    private static final String LEAVE = "Action=Unsubscribe&SubscriptionArn=";

    private final Signer signer;
    private final Subscriptions subscriptions;

    Visits(Signer signer, Subscriptions subscriptions) {
        this.signer = signer;
        this.subscriptions = subscriptions;
    }

    @Override
    public boolean claims(Exchange exchange) {
        boolean certificate =
                exchange.path().startsWith(CERTIFICATE) && exchange.path().endsWith(".pem");
        boolean leave = exchange.path().equals("/")
                && exchange.query().startsWith(LEAVE)
                && !exchange.query().contains("X-Amz-Signature")
                && exchange.header("authorization") == null;
        return exchange.method().equals("GET") && (certificate || leave);
    }

    @Override
    public void serve(Exchange exchange) throws IOException {
        if (exchange.path().startsWith(CERTIFICATE)) {
            String pem = signer.certificate(exchange.path());
            answer(exchange, pem == null ? 404 : 200, "application/x-pem-file", pem == null ? "" : pem);
            return;
        }
        try {
            String arn = exchange.query().substring(LEAVE.length()).split("&", 2)[0];
            subscriptions.leave(URLDecoder.decode(arn, StandardCharsets.UTF_8));
            answer(
                    exchange,
                    200,
                    "text/xml",
                    "<UnsubscribeResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><ResponseMetadata><RequestId>"
                            + exchange.requestId() + "</RequestId></ResponseMetadata></UnsubscribeResponse>");
        } catch (Fault fault) {
            answer(exchange, fault.status(), "text/plain", fault.code());
        } catch (IllegalArgumentException e) {
            answer(exchange, 400, "text/plain", "InvalidParameter");
        }
    }

    private static void answer(Exchange exchange, int status, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = exchange.respond(status, Map.of("Content-Type", List.of(type)), bytes.length)) {
            out.write(bytes);
        }
    }
}
