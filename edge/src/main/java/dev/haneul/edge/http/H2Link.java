package dev.haneul.edge.http;

import dev.haneul.edge.h2.H2Client;
import dev.haneul.edge.stream.Wire;
import java.io.IOException;
import org.eclipse.jetty.http.MetaData;
import org.jspecify.annotations.Nullable;

/** A request on a connection that others use, too. */
final class H2Link implements Link {
    private final H2Client.Exchange exchange;
    private boolean heard;

    H2Link(H2Client client) {
        this.exchange = client.begin();
    }

    @Override
    public void send(RequestHead head, Content body, boolean upgrade) throws IOException {
        exchange.send(head, body);
    }

    @Override
    public void pump(Content body) throws IOException {
        exchange.pump(body);
    }

    @Override
    public Answer answer(String method) throws IOException {
        MetaData.Response head = exchange.head();
        heard = true;
        Headers headers = exchange.headers(head);
        return new Answer(head.getStatus(), Pages.reason(head.getStatus()), headers, exchange.content(), null);
    }

    @Override
    public boolean used() {
        return true;
    }

    @Override
    public boolean heard() {
        return heard;
    }

    @Override
    public void within(long nanos) {
        exchange.within(nanos);
    }

    @Override
    public void done() {
        exchange.close();
    }

    @Override
    public void close() {
        exchange.close();
    }

    @Override
    public @Nullable Wire wire() {
        return null;
    }
}
