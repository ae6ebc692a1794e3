package dev.haneul.edge.http;

import dev.haneul.edge.table.Action;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Knows who a client is, by an identity provider. May block; never throws for what a provider does. */
public interface Logins {
    /** Where identity providers send clients back to, on every host of a listener that has logins. */
    String RETURN = "/oauth2/idpresponse";

    /** Where no provider is asked: whoever must log in cannot. */
    Logins NONE = new Logins() {
        @Override
        public Outcome check(Action.Login login, String balancer, RequestHead head) {
            return new Outcome.Answered(500, new Headers(), null);
        }

        @Override
        public Optional<Outcome.Answered> returned(List<Action.Login> logins, String balancer, RequestHead head) {
            return Optional.empty();
        }

        @Override
        public Optional<Outcome.Answered> bearer(Action.Bearer wanted, RequestHead head) {
            return Optional.of(new Outcome.Answered(500, new Headers(), "JWKSRequestFailed"));
        }
    };

    /** Looks at a request that only somebody known may make. */
    Outcome check(Action.Login login, String balancer, RequestHead head);

    /**
     * Answers a client that a provider sent back to {@link #RETURN}.
     *
     * @param logins all of the listener
     * @return empty where the request was none of ours: it goes by the rules then
     */
    Optional<Outcome.Answered> returned(List<Action.Login> logins, String balancer, RequestHead head);

    /**
     * Looks at the token of a request that must bear one.
     *
     * @return how the request is turned away; empty where it may go on
     */
    Optional<Outcome.Answered> bearer(Action.Bearer wanted, RequestHead head);

    /** What became of it. */
    sealed interface Outcome {
        /**
         * It may go on.
         *
         * @param more headers for the target
         * @param answer headers for the client, besides the target's
         */
        record Known(Headers more, Headers answer) implements Outcome {}

        /**
         * It is answered, e.g. sent to the provider.
         *
         * @param reason an access log's code where something failed; null otherwise
         */
        record Answered(
                int status, Headers headers, @Nullable String reason) implements Outcome {}
    }
}
