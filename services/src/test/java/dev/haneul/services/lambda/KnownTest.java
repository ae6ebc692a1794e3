package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.services.lambda.LambdaTables.Code;
import dev.haneul.services.lambda.LambdaTables.Function;
import dev.haneul.storage.BlobRef;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KnownTest {
    private static final FunctionRef REF = new FunctionRef("000000000000", "us-east-1", "one", null);
    private final DataFolder folder = DataFolder.temporary();
    private final SqliteStore store = SqliteStore.open(folder);
    private final Known known = new Known();

    KnownTest() {
        store.open(LambdaTables.TABLES, LambdaTables.TOPICS);
    }

    @AfterEach
    void close() {
        store.close();
        folder.close();
    }

    @Test
    void aFunctionIsReadOnceAndAgainWhenItHasChanged() {
        put("before");
        Functions.Found expected = store.read(tx -> known.latest(tx, REF)).orElseThrow();
        assertThat(store.read(tx -> known.find(tx, REF)).function()).isSameAs(expected.function());

        put("after");

        assertThat(store.read(tx -> known.find(tx, REF)).configuration().revisionId())
                .isEqualTo("after");
    }

    @Test
    void oneThatIsGoneIsNotKnownAnyMore() {
        put("before");
        store.read(tx -> known.find(tx, REF));
        store.transact(tx -> {
            tx.delete(LambdaTables.FUNCTIONS, REF.key());
            return true;
        });
        Optional<Functions.Found> left = store.read(tx -> known.latest(tx, REF));
        assertThat(left).isEmpty();
        assertThatThrownBy(() -> store.read(tx -> known.find(tx, REF))).hasMessageContaining("not found");
    }

    private void put(String revision) {
        FunctionConfiguration configuration = new FunctionConfiguration()
                .functionName(REF.name())
                .functionArn(REF.arn())
                .revisionId(revision);
        Code code = new Code("id", new BlobRef("blob", 1, 0), List.of());
        store.transact(tx -> {
            tx.put(
                    LambdaTables.FUNCTIONS,
                    REF.key(),
                    new Function(configuration, code, 0, Map.of(), null, Instant.EPOCH, null));
            return true;
        });
    }
}
