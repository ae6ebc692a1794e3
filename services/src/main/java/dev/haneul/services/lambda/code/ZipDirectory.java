package dev.haneul.services.lambda.code;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The central directory of a zip archive, with what the JDK's own reader does not tell: Unix modes and links.
 * Follows PKWARE's APPNOTE 6.3, without encryption, split archives and ZIP64 sizes (a package is far below 4 GiB).
 */
final class ZipDirectory {
    /** More entries than this are refused: each is a file to make. */
    static final int MOST_ENTRIES = 150_000;

    private static final int END_SIGNATURE = 0x06054b50;
    private static final int ENTRY_SIGNATURE = 0x02014b50;
    private static final int LOCAL_SIGNATURE = 0x04034b50;
    private static final int END_BYTES = 22;
    private static final int ENTRY_BYTES = 46;
    private static final int LOCAL_BYTES = 30;
    private static final int LONGEST_COMMENT = 65_535;
    private static final int MADE_ON_UNIX = 3;
    private static final int ENCRYPTED = 1;
    private static final int TYPE_MASK = 0xF000;
    private static final int TYPE_LINK = 0xA000;

    private ZipDirectory() {}

    /** How an entry's bytes are kept. */
    enum Method {
        STORED,
        DEFLATED
    }

    /**
     * One entry.
     *
     * @param name as written; folders end with a slash
     * @param mode Unix permissions, 0 where the archive tells none
     * @param offset of its local header
     */
    record Entry(
            String name, Method method, long crc, long packedBytes, long bytes, int mode, boolean link, long offset) {
        boolean folder() {
            return name.endsWith("/");
        }
    }

    /** Reads the directory. */
    static List<Entry> read(FileChannel zip) throws IOException, BadPackageException {
        ByteBuffer end = end(zip);
        int count = Short.toUnsignedInt(end.getShort(end.position() + 10));
        long size = Integer.toUnsignedLong(end.getInt(end.position() + 12));
        long start = Integer.toUnsignedLong(end.getInt(end.position() + 16));
        if (start + size > zip.size() || size > Integer.MAX_VALUE / 2) {
            throw BadPackageException.unreadable();
        }
        ByteBuffer directory = at(zip, start, (int) size);
        List<Entry> entries = new ArrayList<>(Math.min(count, 1024));
        while (directory.remaining() >= ENTRY_BYTES && directory.getInt(directory.position()) == ENTRY_SIGNATURE) {
            if (entries.size() == MOST_ENTRIES) {
                throw new BadPackageException("The package has more than " + MOST_ENTRIES + " files.");
            }
            entries.add(entry(directory));
        }
        // The count field has 16 bits; larger archives without ZIP64 let it overflow.
        if ((entries.size() & 0xFFFF) != count) {
            throw BadPackageException.unreadable();
        }
        return entries;
    }

    /** Where an entry's bytes begin. */
    static long dataOffset(FileChannel zip, Entry entry) throws IOException, BadPackageException {
        ByteBuffer local = at(zip, entry.offset, LOCAL_BYTES);
        if (local.getInt(0) != LOCAL_SIGNATURE) {
            throw BadPackageException.unreadable();
        }
        return entry.offset
                + LOCAL_BYTES
                + Short.toUnsignedInt(local.getShort(26))
                + Short.toUnsignedInt(local.getShort(28));
    }

    private static ByteBuffer end(FileChannel zip) throws IOException, BadPackageException {
        long size = zip.size();
        if (size < END_BYTES) {
            throw BadPackageException.unreadable();
        }
        int window = (int) Math.min(size, END_BYTES + LONGEST_COMMENT);
        ByteBuffer tail = at(zip, size - window, window);
        for (int i = window - END_BYTES; i >= 0; i--) {
            if (tail.getInt(i) == END_SIGNATURE) {
                return tail.position(i);
            }
        }
        throw BadPackageException.unreadable();
    }

    private static Entry entry(ByteBuffer at) throws BadPackageException {
        int from = at.position();
        int madeOn = Byte.toUnsignedInt(at.get(from + 5));
        int flags = Short.toUnsignedInt(at.getShort(from + 8));
        int method = Short.toUnsignedInt(at.getShort(from + 10));
        int nameLength = Short.toUnsignedInt(at.getShort(from + 28));
        int extraLength = Short.toUnsignedInt(at.getShort(from + 30));
        int commentLength = Short.toUnsignedInt(at.getShort(from + 32));
        int attributes = at.getInt(from + 38) >>> 16;
        int total = ENTRY_BYTES + nameLength + extraLength + commentLength;
        if ((flags & ENCRYPTED) != 0 || (method != 0 && method != 8) || at.remaining() < total) {
            throw BadPackageException.unreadable();
        }
        byte[] name = new byte[nameLength];
        at.get(from + ENTRY_BYTES, name);
        at.position(from + total);
        boolean unix = madeOn == MADE_ON_UNIX;
        return new Entry(
                text(name),
                method == 0 ? Method.STORED : Method.DEFLATED,
                Integer.toUnsignedLong(at.getInt(from + 16)),
                Integer.toUnsignedLong(at.getInt(from + 20)),
                Integer.toUnsignedLong(at.getInt(from + 24)),
                unix ? attributes & 0777 : 0,
                unix && (attributes & TYPE_MASK) == TYPE_LINK,
                Integer.toUnsignedLong(at.getInt(from + 42)));
    }

    /** Names are UTF-8 nowadays, flagged or not; what is not is read byte by byte, so that no two names fall together. */
    private static String text(byte[] name) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(name))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(name, StandardCharsets.ISO_8859_1);
        }
    }

    private static ByteBuffer at(FileChannel zip, long offset, int length) throws IOException, BadPackageException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        try {
            while (bytes.hasRemaining()) {
                int count = zip.read(bytes, offset + bytes.position());
                if (count < 0) {
                    throw new EOFException();
                }
            }
        } catch (EOFException e) {
            throw BadPackageException.unreadable();
        }
        return bytes.flip();
    }
}
