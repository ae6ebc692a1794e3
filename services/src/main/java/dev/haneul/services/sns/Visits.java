package dev.haneul.services.sns;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sns.ConfirmSubscriptionInput;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What everybody may visit: the signing certificate, and the links with which subscriptions are confirmed and ended. */
final class Visits implements DataPlane {
    private static final String CERTIFICATE = "/SimpleNotificationService-";
    private static final String CONFIRM = "Action=ConfirmSubscription&";
    private static final String LEAVE = "Action=Unsubscribe&";
    private static final int MOST_PARAMETERS = 10;

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
        boolean link = exchange.path().equals("/")
                && (exchange.query().startsWith(LEAVE) || exchange.query().startsWith(CONFIRM))
                && !exchange.query().contains("X-Amz-Signature")
                && exchange.header("authorization") == null;
        return exchange.method().equals("GET") && (certificate || link);
    }

    @Override
    public void serve(Exchange exchange) throws IOException {
        if (exchange.path().startsWith(CERTIFICATE)) {
            String pem = signer.certificate(exchange.path());
            exchange.answer(pem == null ? 404 : 200, "application/x-pem-file", pem == null ? "" : pem);
            return;
        }
        try {
            exchange.answer(200, "text/xml", visit(exchange));
        } catch (Fault fault) {
            exchange.answer(fault.status(), "text/plain", fault.code() + ": " + fault.message());
        } catch (IllegalArgumentException e) {
            exchange.answer(400, "text/plain", "InvalidParameter");
        }
    }

    private String visit(Exchange exchange) {
        Map<String, String> query = new HashMap<>();
        for (String each : exchange.query().split("&", MOST_PARAMETERS)) {
            String[] parts = each.split("=", 2);
            query.put(parts[0], parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        String action = query.getOrDefault("Action", "");
        String result = "";
        if (action.equals("ConfirmSubscription")) {
            String arn = subscriptions.confirm(new ConfirmSubscriptionInput()
                    .topicArn(query.getOrDefault("TopicArn", ""))
                    .token(query.getOrDefault("Token", "")));
            result = "<ConfirmSubscriptionResult><SubscriptionArn>" + arn
                    + "</SubscriptionArn></ConfirmSubscriptionResult>";
        } else {
            subscriptions.leave(query.getOrDefault("SubscriptionArn", ""));
        }
        return "<" + action + "Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">" + result
                + "<ResponseMetadata><RequestId>" + exchange.requestId() + "</RequestId></ResponseMetadata></" + action
                + "Response>";
    }
}
