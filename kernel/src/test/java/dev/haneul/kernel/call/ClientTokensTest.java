package dev.haneul.kernel.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.servicediscovery.CreateHttpNamespaceRequest;
import dev.haneul.api.servicediscovery.ServiceDiscoveryModel;
import dev.haneul.api.servicediscovery.Tag;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientTokensTest {
    private static final OperationShape CREATE =
            Objects.requireNonNull(ServiceDiscoveryModel.SHAPE.operation("CreateHttpNamespace"));

    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-01-15T10:00:00Z");
    private DataFolder held;
    private SqliteStore store;
    private ClientTokens tokens;
    private int made;

    @BeforeEach
    void open() {
        held = DataFolder.open(folder);
        store = SqliteStore.open(held);
        tokens = tokens(3);
    }

    @AfterEach
    void close() {
        store.close();
        held.close();
    }

    private ClientTokens tokens(int most) {
        ClientTokens fresh = new ClientTokens(
                "test",
                () -> now,
                Duration.ofHours(24),
                message -> Fault.client("IdempotentParameterMismatch", 400, message),
                most);
        store.open(List.of(fresh.table()), List.of());
        return fresh;
    }

    private static CreateHttpNamespaceRequest request(String token, String name) {
        return new CreateHttpNamespaceRequest()
                .creatorRequestId(token)
                .name(name)
                .tags(List.of(new Tag().key("k").value("v")));
    }

    private String create(CreateHttpNamespaceRequest in, String account) {
        Call call = new Call(
                Principal.ANONYMOUS,
                account,
                "us-east-1",
                "id",
                now.plusSeconds(60),
                Call.Origin.inside("test.amazonaws.com"));
        ClientTokens.Claim claim = tokens.claim(CREATE, in, "CreatorRequestId", call);
        return store.transact(tx -> claim.answer(tx).orElseGet(() -> {
            String id = "ns-" + ++made;
            claim.keep(tx, id);
            return id;
        }));
    }

    @Test
    void aRepetitionGetsTheSameAnswerThroughARestart() {
        assertThat(create(request("t", "n"), "1")).isEqualTo("ns-1");
        assertThat(create(request("t", "n"), "1")).isEqualTo("ns-1");
        close();
        open();
        assertThat(create(request("t", "n"), "1")).isEqualTo("ns-1");
    }

    @Test
    void otherParametersUnderTheSameTokenAreRefused() {
        create(request("t", "n"), "1");
        assertThatThrownBy(() -> create(request("t", "other"), "1"))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("IdempotentParameterMismatch"));
        assertThatThrownBy(() -> create(request("t", "n").tags(List.of(new Tag().key("k"))), "1"))
                .isInstanceOf(Fault.class);
        assertThat(made).isEqualTo(1);
    }

    @Test
    void tokensAreTheAccountsOwnAndRequestsWithoutOneAreNew() {
        assertThat(create(request("t", "n"), "1")).isNotEqualTo(create(request("t", "n"), "2"));
        assertThat(create(request(null, "n"), "1")).isNotEqualTo(create(request(null, "n"), "1"));
    }

    @Test
    void aTokenIsForgottenAfterItsLife() {
        create(request("t", "n"), "1");
        now = now.plus(Duration.ofHours(24));
        assertThat(create(request("t", "other"), "1")).isEqualTo("ns-2");
        assertThat(create(request("t", "other"), "1")).isEqualTo("ns-2");
    }

    @Test
    void theOldestGoWhereTheyAreTooMany() {
        for (int i = 0; i < 20; i++) {
            create(request("t" + i, "n"), "1");
        }
        assertThat(create(request("t19", "n"), "1")).isEqualTo("ns-20");
        assertThat(create(request("t18", "n"), "1")).isEqualTo("ns-19");
        assertThat(create(request("t0", "n"), "1")).isEqualTo("ns-21");
        int rows = store.read(tx -> tx.all(tokens.table(), null, 1000).size());
        assertThat(rows).isLessThanOrEqualTo(2 * 3 + 1);
    }

    @Test
    void ofTwoAtOnceOneMakesIt() throws InterruptedException {
        Set<String> answers = ConcurrentHashMap.newKeySet();
        List<Thread> clients = java.util.stream.IntStream.range(0, 8)
                .mapToObj(i -> Thread.ofVirtual().start(() -> answers.add(create(request("t", "n"), "1"))))
                .toList();
        for (Thread client : clients) {
            client.join();
        }
        assertThat(answers).hasSize(1);
    }
}
