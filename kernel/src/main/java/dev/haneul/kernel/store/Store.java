package dev.haneul.kernel.store;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Control state, durable when acknowledged.
 *
 * <p>A transaction's function may be run more than once, and must neither sleep nor start anything nor call the
 * network: decide first, then commit. What it throws rolls it back and comes out unchanged. Transactions do not nest, and
 * neither does a read in a transaction or a transaction in a read: IllegalStateException.
 *
 * <p>Where the disk fails, {@link StoreException} is thrown ({@link StoreFullException} where it is full) and the
 * transaction has not happened.
 */
public interface Store extends AutoCloseable {
    /** Declares the tables and topics a room uses, once, before use; creates what is new. */
    void open(List<Table<?>> tables, List<Topic<?>> topics);

    /**
     * Reads from one consistent view. The function may be run again from its beginning, where what is remembered has changed
     * meanwhile.
     */
    <T> T read(Function<ReadTx, T> body);

    /** Reads and writes. Returns when the commit is on disk. */
    <T> T transact(Function<WriteTx, T> body);

    /** Like {@link #transact} for bodies without a result. */
    default void write(Consumer<WriteTx> body) {
        transact(tx -> {
            body.accept(tx);
            return Boolean.TRUE;
        });
    }

    /** The change feed. */
    Feed feed();

    /** Removes every record of an account (all accounts for null), its facts too. The feed goes on. */
    void reset(@Nullable String account);

    @Override
    void close();
}
