package dev.haneul.edge.http;

import dev.haneul.edge.table.Action;
import java.io.IOException;

/** Knows who a client is, by an identity provider. */
@FunctionalInterface
public interface Logins {
    /** Where no provider is asked: whoever must log in cannot. */
    Logins NONE = (login, head, client) -> new Outcome.Answered(500, new Headers());

    /**
     * Looks at a request.
     *
     * @throws IOException where the provider does not answer: 561 to the client
     */
    Outcome check(Action.Login login, RequestHead head, Client client) throws IOException;

    /** What became of it. */
    sealed interface Outcome {
        /** It may go on, with these headers more. */
        record Known(Headers more) implements Outcome {}

        /** It is answered, e.g. sent to the provider. */
        record Answered(int status, Headers headers) implements Outcome {}
    }
}
