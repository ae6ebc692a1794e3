package dev.haneul.services.sns;

import dev.haneul.delivery.Outcome;
import dev.haneul.delivery.Outgoing;
import dev.haneul.delivery.Parcel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** POSTs to HTTP and HTTPS subscribers. Answers of 5xx and 429 are tried again, other refusals are not. */
final class WebEndpoints {
    /** SNS waits so long for an answer. */
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private static final int OK = 200;
    private static final int REDIRECT = 300;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;

    private final Outgoing http = new Outgoing(TIMEOUT);

    Outcome post(Parcel parcel) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(parcel.arn()))
                    .timeout(TIMEOUT)
                    .setHeader("Content-Type", "text/plain; charset=UTF-8")
                    .setHeader("User-Agent", "Amazon Simple Notification Service Agent")
                    .POST(HttpRequest.BodyPublishers.ofString(parcel.payload()));
            Parcel.Request form = parcel.manner().request();
            if (form != null) {
                form.headers().forEach(request::setHeader);
            }
            int status = http.send(request.build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
            String told = "the endpoint answered " + status;
            if (status >= OK && status < REDIRECT) {
                return new Outcome.Done("");
            }
            return status == TOO_MANY || status >= SERVER_ERROR
                    ? new Outcome.Again("" + status, told)
                    : new Outcome.Never("" + status, told);
        } catch (IOException e) {
            return new Outcome.Again("ConnectionFailure", String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            return new Outcome.Never("InvalidEndpoint", String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome.Again("Interrupted", "the region stops");
        }
    }
}
