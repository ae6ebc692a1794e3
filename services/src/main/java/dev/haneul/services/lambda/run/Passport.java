package dev.haneul.services.lambda.run;

import dev.haneul.kernel.files.PropertyText;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What a later server must know to take an environment over: whose it is, which invocation is under way, and how much of
 * its log has reached CloudWatch Logs. One small file per workload, written in place: it has to outlive this process,
 * not the machine's power, so nothing is forced to disk and a note costs microseconds.
 *
 * <p>Pages, from the start of the file: how far the log was shipped, the invocation under way, the platform's own log
 * lines that may not have been shipped yet, its extensions, and whose environment it is. Pages that are not written take
 * no space.
 */
final class Passport implements AutoCloseable {
    private static final int SHIPPED_AT = 0;
    private static final int UNDER_WAY_AT = 64;
    private static final int LINES_AT = 512;
    private static final int LINES_BYTES = 6 * 1024;
    private static final int EXTENSIONS_AT = LINES_AT + LINES_BYTES;
    private static final int EXTENSIONS_BYTES = 48 * 1024;
    private static final int HOLDER_AT = EXTENSIONS_AT + EXTENSIONS_BYTES;
    private static final char FIELD = '\u001f';
    private static final char LINE = '\u001e';

    private final Path path;
    private final Holder holder;
    private final FileChannel file;
    private final Deque<Line> lines = new ArrayDeque<>();
    private int linesBytes;
    /** Where the next line goes in its page; beyond the page's end it is written anew, without what was shipped. */
    private int linesEnd;

    private volatile Shipped shipped;
    private volatile @Nullable UnderWay underWay;
    private volatile @Nullable ExtensionNotes extensions;

    /**
     * Whose environment it is.
     *
     * @param endpointVariable the variable that names the region's door
     * @param ahead whether its runtime was booted before its function was known
     * @param usableUntil when its credentials end
     */
    record Holder(
            String account,
            String region,
            String name,
            String version,
            String revision,
            String stream,
            String endpointVariable,
            boolean ahead,
            Instant usableUntil) {
        static Holder of(Target target, String stream, boolean ahead, Instant usableUntil) {
            return new Holder(
                    target.account(),
                    target.region(),
                    target.name(),
                    target.version(),
                    target.revision(),
                    stream,
                    Doors.endpointVariable(target.variables()),
                    ahead,
                    usableUntil);
        }
    }

    /**
     * The invocation an environment works on.
     *
     * @param event whether it came from the queue of asynchronous events
     */
    record UnderWay(String requestId, boolean event, Instant startedAt) {}

    /**
     * How far the log was shipped.
     *
     * @param offset of the workload's output
     * @param line the number of the last line of the platform's own
     * @param beside offset of what its extensions print
     */
    record Shipped(long offset, long line, long beside) {}

    /**
     * A line of the platform's own.
     *
     * @param number counted from 1
     * @param offset where in the workload's output it belongs
     */
    record Line(long number, long offset, long epochMillis, String text) {}

    private Passport(Path path, Holder holder, FileChannel file) {
        this.path = path;
        this.holder = holder;
        this.file = file;
        this.shipped = new Shipped(0, 0, 0);
    }

    /** Issues one for a workload. */
    static Passport issue(Path path, Holder holder) throws IOException {
        Passport issued = new Passport(
                path,
                holder,
                FileChannel.open(
                        path,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING));
        Map<String, String> text = new LinkedHashMap<>();
        text.put("account", holder.account);
        text.put("region", holder.region);
        text.put("name", holder.name);
        text.put("version", holder.version);
        text.put("revision", holder.revision);
        text.put("stream", holder.stream);
        text.put("endpointVariable", holder.endpointVariable);
        text.put("ahead", Boolean.toString(holder.ahead));
        text.put("usableUntil", holder.usableUntil.toString());
        issued.put(HOLDER_AT, PropertyText.of(text).getBytes(StandardCharsets.UTF_8));
        return issued;
    }

    /** Reads one that an earlier server issued; empty where there is none, or it was cut short. */
    static Optional<Passport> read(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            return Optional.empty();
        }
        byte[] bytes = Files.readAllBytes(path);
        FileChannel file = null;
        try {
            Properties text = new Properties();
            text.load(new StringReader(
                    new String(bytes, HOLDER_AT, Math.max(0, bytes.length - HOLDER_AT), StandardCharsets.UTF_8)));
            file = FileChannel.open(path, StandardOpenOption.WRITE);
            Passport read = new Passport(
                    path,
                    new Holder(
                            require(text, "account"),
                            require(text, "region"),
                            require(text, "name"),
                            require(text, "version"),
                            require(text, "revision"),
                            require(text, "stream"),
                            require(text, "endpointVariable"),
                            Boolean.parseBoolean(require(text, "ahead")),
                            Instant.parse(require(text, "usableUntil"))),
                    file);
            read.load(bytes);
            return Optional.of(read);
        } catch (IOException | RuntimeException e) {
            if (file != null) {
                file.close();
            }
            return Optional.empty(); // never finished: there is nothing to take over
        }
    }

    private static String require(Properties text, String name) throws IOException {
        String value = text.getProperty(name);
        if (value == null) {
            throw new IOException("no " + name);
        }
        return value;
    }

    private void load(byte[] bytes) {
        linesEnd = LINES_BYTES;
        String[] far = page(bytes, SHIPPED_AT, UNDER_WAY_AT).split(String.valueOf(FIELD), -1);
        if (far.length >= 2) {
            long beside = far.length > 2 ? Long.parseLong(far[2]) : 0;
            shipped = new Shipped(Long.parseLong(far[0]), Long.parseLong(far[1]), beside);
        }
        String[] work = page(bytes, UNDER_WAY_AT, LINES_AT).split(String.valueOf(FIELD), -1);
        if (work.length == 3) {
            underWay = new UnderWay(work[0], Boolean.parseBoolean(work[1]), Instant.parse(work[2]));
        }
        extensions = ExtensionNotes.parse(page(bytes, EXTENSIONS_AT, HOLDER_AT)).orElse(null);
        for (String line : page(bytes, LINES_AT, EXTENSIONS_AT).split(String.valueOf(LINE), -1)) {
            String[] parts = line.split(String.valueOf(FIELD), 4);
            if (parts.length == 4) {
                keep(new Line(Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]), parts[3]));
            }
        }
    }

    /** A page's text, which ends at its first NUL. */
    private static String page(byte[] bytes, int from, int to) {
        int end = from;
        while (end < to && end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, from, end - from, StandardCharsets.UTF_8);
    }

    Holder holder() {
        return holder;
    }

    Shipped shipped() {
        return shipped;
    }

    @Nullable
    UnderWay underWay() {
        return underWay;
    }

    /** What an earlier server noted about extensions; null where it had none, or too much to say of them. */
    @Nullable
    ExtensionNotes extensions() {
        return extensions;
    }

    /** Notes what there is to know of extensions, as {@link ExtensionNotes} writes it. */
    void extensions(String text) {
        note(EXTENSIONS_AT, HOLDER_AT, text);
    }

    /** Notes that an invocation is about to be handed in. */
    void begin(UnderWay work) {
        underWay = work;
        note(UNDER_WAY_AT, LINES_AT, work.requestId + FIELD + work.event + FIELD + work.startedAt);
    }

    /** Notes that it is over, and that all its lines are in the log. */
    void end() {
        underWay = null;
        note(UNDER_WAY_AT, LINES_AT, "");
    }

    /** Notes that the log has arrived up to here. May come from another thread than the rest, and after the end. */
    void shipped(Shipped now) {
        shipped = now;
        note(SHIPPED_AT, UNDER_WAY_AT, now.offset + "" + FIELD + now.line + FIELD + now.beside);
    }

    /** Notes a line of the platform's own until it is shipped. The oldest are given up where there are too many. */
    void line(Line line) {
        keep(line);
        String added = text(line);
        int length = added.getBytes(StandardCharsets.UTF_8).length;
        if (linesEnd + length < LINES_BYTES) {
            note(LINES_AT + linesEnd, EXTENSIONS_AT, added);
            linesEnd += length;
            return;
        }
        StringBuilder all = new StringBuilder();
        lines.forEach(one -> all.append(text(one)));
        note(LINES_AT, EXTENSIONS_AT, all.toString());
        linesEnd = all.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private static String text(Line line) {
        return "" + line.number + FIELD + line.offset + FIELD + line.epochMillis + FIELD + line.text + LINE;
    }

    private void keep(Line line) {
        lines.addLast(line);
        linesBytes += bytes(line);
        while (!lines.isEmpty() && (linesBytes >= LINES_BYTES || lines.getFirst().number <= shipped.line)) {
            linesBytes -= bytes(lines.removeFirst());
        }
    }

    private static int bytes(Line line) {
        return line.text.getBytes(StandardCharsets.UTF_8).length + 64;
    }

    /** The lines that were not shipped, in their order. */
    List<Line> unshipped() {
        List<Line> left = new ArrayList<>(lines);
        left.removeIf(line -> line.number <= shipped.line);
        return left;
    }

    private void note(int from, int to, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] ended = java.util.Arrays.copyOf(bytes, Math.min(bytes.length + 1, to - from));
        try {
            put(from, ended);
        } catch (java.nio.channels.ClosedChannelException e) {
            return; // the environment has ended; nobody will take it over
        } catch (IOException e) {
            System.getLogger(Passport.class.getName())
                    .log(System.Logger.Level.DEBUG, "a note for a later server is lost", e);
        }
    }

    private void put(int at, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            file.write(buffer, at + buffer.position());
        }
    }

    /** The environment has ended: there is nothing to take over any more. */
    @Override
    public void close() {
        try {
            file.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            System.getLogger(Passport.class.getName())
                    .log(System.Logger.Level.DEBUG, path + " stays until the next start", e);
        }
    }
}
