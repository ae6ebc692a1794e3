package dev.haneul.storage;

import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Contents that are known by their SHA-256 digest and kept once, whoever pushes them how often: images' layers,
 * configurations and manifests.
 *
 * <p>A layer is in use as long as a room holds a reference to it ({@link #keep}, {@link #release}, in the transactions
 * of the room's own records). One that nobody uses stays for a grace period, so that who has just found it has time to
 * refer to it, and then goes with a sweep.
 */
public interface Layers extends LayerSource {
    /** The longest an upload may rest before it is forgotten, in hours. */
    int UPLOAD_HOURS = 24;

    /** Parts of one upload. */
    int MAX_PARTS = 10_000;

    /** Reads some bytes of a layer; see {@link #open(String)}. */
    InputStream open(String digest, long offset, long length) throws IOException;

    /** Begins an upload. */
    LayerUpload begin(Scope scope, String owner);

    /** An upload of this account and region; its parts outlive a restart. */
    Optional<LayerUpload> upload(Scope scope, String id);

    /**
     * Adds a part, all of it or (where its stream ends with an exception) nothing.
     *
     * @param at where the part begins, which has to be the upload's length; negative for wherever that is
     * @param limit bytes the upload may have at most
     * @throws LayerException where there is no such upload, or the part does not fit
     */
    LayerUpload append(Scope scope, String id, long at, InputStream bytes, long limit) throws IOException;

    /**
     * Ends an upload: its bytes are a layer now, in one transaction with what the room records of it.
     *
     * @param digest what they have to be
     * @param along the room's part of the transaction
     * @throws LayerException where there is no such upload, or its bytes are others (it stays then)
     */
    Layer finish(Scope scope, String id, String digest, BiConsumer<WriteTx, Layer> along) throws IOException;

    /** Forgets an upload and its bytes; answers whether there was one. */
    boolean cancel(Scope scope, String id);

    /**
     * Takes in a layer in one piece.
     *
     * @param digest what it has to be, null for whatever it is
     * @param along the room's part of the transaction
     */
    Layer add(InputStream bytes, long limit, @Nullable String digest, BiConsumer<WriteTx, Layer> along)
            throws IOException;

    /**
     * Takes a reference for an account.
     *
     * @throws IllegalArgumentException where there is no such layer
     */
    void keep(WriteTx tx, String account, String digest);

    /** Gives a reference back. */
    void release(WriteTx tx, String account, String digest);

    /** Removes layers that nobody has used for the grace period, and uploads at rest; answers how many layers. */
    long sweep();
}
