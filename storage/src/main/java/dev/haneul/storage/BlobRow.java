package dev.haneul.storage;

import dev.haneul.kernel.store.RecordCodec;
import dev.haneul.kernel.store.StoreException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What the store knows of a content that an account has kept: how often, and where its bytes are.
 */
sealed interface BlobRow {
    String id();

    /** The account's references, from 1. */
    int count();

    BlobRow withCount(int count);

    /** The bytes are here. */
    record Inline(String id, int count, byte[] content) implements BlobRow {
        @Override
        public BlobRow withCount(int other) {
            return new Inline(id, other, content);
        }
    }

    /** The bytes are in a file of this id. */
    record OnDisk(String id, int count, long length, int checksum) implements BlobRow {
        @Override
        public BlobRow withCount(int other) {
            return new OnDisk(id, other, length, checksum);
        }
    }

    /** The bytes are those of other contents, each of which this one holds a reference to. */
    record Joined(String id, int count, List<Blobs.Slice> pieces) implements BlobRow {
        public Joined {
            pieces = List.copyOf(pieces);
        }

        @Override
        public BlobRow withCount(int other) {
            return new Joined(id, other, pieces);
        }

        BlobRef ref() {
            ByteBuffer encoded = ByteBuffer.allocate(sizeOf(pieces));
            put(encoded, pieces);
            CRC32C crc = new CRC32C();
            crc.update(encoded.flip());
            long length = pieces.stream().mapToLong(Blobs.Slice::length).sum();
            return new BlobRef(id, length, (int) crc.getValue());
        }
    }

    /** A compact binary form, for rows carry contents and long lists of pieces. */
    RecordCodec<BlobRow> CODEC = new Codec();

    private static int sizeOf(List<Blobs.Slice> pieces) {
        return Integer.BYTES
                + pieces.stream()
                        .mapToInt(piece -> Byte.BYTES + piece.blob().id().length() + 3 * Long.BYTES + Integer.BYTES)
                        .sum();
    }

    private static void put(ByteBuffer out, List<Blobs.Slice> pieces) {
        out.putInt(pieces.size());
        for (Blobs.Slice piece : pieces) {
            putId(out, piece.blob().id());
            out.putLong(piece.blob().length()).putInt(piece.blob().checksum());
            out.putLong(piece.offset()).putLong(piece.length());
        }
    }

    private static void putId(ByteBuffer out, String id) {
        out.put((byte) id.length()).put(id.getBytes(StandardCharsets.US_ASCII));
    }

    private static String getId(ByteBuffer in) {
        byte[] id = new byte[in.get()];
        in.get(id);
        return new String(id, StandardCharsets.US_ASCII);
    }

    /** The codec: a kind, the id, the count, and what the kind has. */
    final class Codec implements RecordCodec<BlobRow> {
        private static final byte INLINE = 1;
        private static final byte ON_DISK = 2;
        private static final byte JOINED = 3;

        @Override
        public int version() {
            return 1;
        }

        @Override
        public byte[] encode(BlobRow row) {
            int head = 2 * Byte.BYTES + row.id().length() + Integer.BYTES;
            return switch (row) {
                case Inline inline -> {
                    ByteBuffer out = ByteBuffer.allocate(head + inline.content().length);
                    putHead(out, INLINE, row);
                    yield out.put(inline.content()).array();
                }
                case OnDisk onDisk -> {
                    ByteBuffer out = ByteBuffer.allocate(head + Long.BYTES + Integer.BYTES);
                    putHead(out, ON_DISK, row);
                    yield out.putLong(onDisk.length()).putInt(onDisk.checksum()).array();
                }
                case Joined joined -> {
                    ByteBuffer out = ByteBuffer.allocate(head + sizeOf(joined.pieces()));
                    putHead(out, JOINED, row);
                    put(out, joined.pieces());
                    yield out.array();
                }
            };
        }

        private static void putHead(ByteBuffer out, byte kind, BlobRow row) {
            out.put(kind);
            putId(out, row.id());
            out.putInt(row.count());
        }

        @Override
        public BlobRow decode(int version, byte[] bytes) {
            try {
                ByteBuffer in = ByteBuffer.wrap(bytes);
                byte kind = in.get();
                String id = getId(in);
                int count = in.getInt();
                return switch (kind) {
                    case INLINE -> {
                        byte[] content = new byte[in.remaining()];
                        in.get(content);
                        yield new Inline(id, count, content);
                    }
                    case ON_DISK -> new OnDisk(id, count, in.getLong(), in.getInt());
                    case JOINED -> new Joined(id, count, getPieces(in));
                    default -> throw new StoreException("a stored content has the unknown kind " + kind);
                };
            } catch (BufferUnderflowException | IllegalArgumentException e) {
                throw new StoreException("a stored content is not readable", e);
            }
        }

        private static List<Blobs.Slice> getPieces(ByteBuffer in) {
            int count = in.getInt();
            List<Blobs.Slice> pieces = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                BlobRef ref = new BlobRef(getId(in), in.getLong(), in.getInt());
                pieces.add(new Blobs.Slice(ref, in.getLong(), in.getLong()));
            }
            return pieces;
        }
    }
}
