package dev.haneul.storage;

import java.util.concurrent.ArrayBlockingQueue;

/**
 * Buffers for blocks that are used again: of a young generation of a few MiB, those of one upload or download would be a
 * tenth. What is in one is whatever it was used for last.
 */
final class BlockBuffers {
    /** Room for a block, also an encrypted one. */
    static final int BYTES = BlockSums.BLOCK_BYTES + BlockCipher.TAG_BYTES;

    private static final int KEPT = 6;
    private final ArrayBlockingQueue<byte[]> free = new ArrayBlockingQueue<>(KEPT);

    byte[] take() {
        byte[] kept = free.poll();
        return kept == null ? new byte[BYTES] : kept;
    }

    /** Gives a buffer back that nobody uses any more; others than those of {@link #take} are left alone. */
    void give(byte[] buffer) {
        if (buffer.length == BYTES) {
            free.offer(buffer);
        }
    }
}
