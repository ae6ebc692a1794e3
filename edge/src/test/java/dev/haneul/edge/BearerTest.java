package dev.haneul.edge;

import static dev.haneul.edge.Rig.forward;
import static dev.haneul.edge.Rig.group;
import static dev.haneul.edge.Rig.listener;
import static dev.haneul.edge.Rig.table;
import static dev.haneul.edge.Rig.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.edge.facts.RequestFact;
import dev.haneul.edge.http.Headers;
import dev.haneul.edge.http.Logins;
import dev.haneul.edge.http.RequestHead;
import dev.haneul.edge.table.Action;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.RoutingTable.Settings;
import dev.haneul.edge.table.Rule;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests that must bear a token, with somebody behind the seam who knows one. */
class BearerTest {
    private static final Action.Bearer WANTED = new Action.Bearer(
            "https://issuer.example",
            "https://issuer.example/keys",
            List.of(new Action.Claim("scope", Action.Shape.WORDS, List.of("read"))));

    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private void forwardToBearers(int port) throws IOException {
        Rule rule = new Rule("r", 0, List.of(), List.of(WANTED, forward("g")), List.of());
        rig.edge.apply(table(
                Settings.APPLICATION, listener(80, Listener.Protocol.HTTP, null, rule), group("g", target(port))));
    }

    private String get(String header) throws IOException {
        return rig.say(80, "GET / HTTP/1.1\r\nHost: x\r\n" + header + "Connection: close\r\n\r\n", "");
    }

    @Test
    void whoBearsAGoodTokenGoesOnAndOthersDoNot() throws IOException {
        rig.logins = new Knowing();
        try (Backend backend = Backend.saying("hello")) {
            forwardToBearers(backend.port());
            assertThat(get("")).startsWith("HTTP/1.1 401 ");
            assertThat(backend.heard()).isEmpty();
            assertThat(get("Authorization: Bearer good\r\n"))
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("hello");
            assertThat(backend.heard()).singleElement().asString().contains("Authorization: Bearer good\r\n");
        }
        assertThat(rig.requests).extracting(RequestFact::status).containsExactly(401, 200);
        assertThat(rig.requests)
                .extracting(RequestFact::actions)
                .containsExactly(List.of("jwt-validation"), List.of("jwt-validation", "forward"));
        assertThat(rig.requests).extracting(RequestFact::errorReason).containsExactly("JWTHeaderNotPresent", null);
    }

    @Test
    void whereNobodyChecksNobodyGoesOn() throws IOException {
        try (Backend backend = Backend.saying("hello")) {
            forwardToBearers(backend.port());
            assertThat(get("Authorization: Bearer good\r\n")).startsWith("HTTP/1.1 500 ");
            assertThat(backend.heard()).isEmpty();
        }
    }

    @Test
    void aRuleThatOnlyChecksAnswersNothing() {
        List<Action> only = List.of(WANTED);
        assertThatThrownBy(() -> new Rule("r", 0, List.of(), only, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Knows one token. */
    private static final class Knowing implements Logins {
        @Override
        public Outcome check(Action.Login login, String balancer, RequestHead head) {
            throw new AssertionError("no rule has a login");
        }

        @Override
        public Optional<Outcome.Answered> returned(List<Action.Login> logins, String balancer, RequestHead head) {
            throw new AssertionError("no rule has a login");
        }

        @Override
        public Optional<Outcome.Answered> bearer(Action.Bearer wanted, RequestHead head) {
            assertThat(wanted).isEqualTo(WANTED);
            return "Bearer good".equals(head.headers().get("authorization"))
                    ? Optional.empty()
                    : Optional.of(new Outcome.Answered(401, new Headers(), "JWTHeaderNotPresent"));
        }
    }
}
