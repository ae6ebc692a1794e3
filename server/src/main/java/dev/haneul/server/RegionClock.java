package dev.haneul.server;

import dev.haneul.kernel.files.PrivateFile;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.time.SystemClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The region's time as {@code haneul clock} shows and moves it. How far it was moved on is kept in the data folder:
 * after a restart time does not go back.
 */
final class RegionClock implements AutoCloseable {
    private static final Pattern DURATION =
            Pattern.compile("(?:(\\d{1,5})d)?(?:(\\d{1,6})h)?(?:(\\d{1,7})m)?(?:(\\d{1,9})s)?");
    private static final Duration MOST = Duration.ofDays(3660);

    private final Path file;
    private final SystemClock clock;

    private RegionClock(Path file, SystemClock clock) {
        this.file = file;
        this.clock = clock;
    }

    static RegionClock open(DataFolder folder) throws IOException {
        Path file = folder.path().resolve("clock");
        Duration moved = Duration.ZERO;
        try {
            moved = Duration.parse(
                    Files.readString(file, StandardCharsets.US_ASCII).strip());
        } catch (NoSuchFileException e) {
            // never moved
        } catch (DateTimeException e) {
            throw new StartFailure("the file " + file + " does not hold a duration such as PT2H", e);
        }
        return new RegionClock(file, new SystemClock(moved));
    }

    SystemClock clock() {
        return clock;
    }

    /** One line: what time it is here. */
    String describe() {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Duration moved = clock.moved();
        return moved.isZero() ? now + "\n" : now + " (moved on by " + words(moved) + ")\n";
    }

    /**
     * Moves on, and answers the line of {@link #describe}. Whatever becomes due happens soon after.
     *
     * @param text such as {@code 2m}, {@code 1h30m}, {@code 7d}
     * @throws IllegalArgumentException where it is no such duration
     */
    synchronized String advance(String text) throws IOException {
        Duration by = parse(text);
        Duration moved = clock.moved().plus(by);
        if (moved.compareTo(MOST) > 0) {
            throw new IllegalArgumentException("the clock goes no further than " + MOST.toDays() + " days ahead");
        }
        PrivateFile.write(file, (moved + "\n").getBytes(StandardCharsets.US_ASCII));
        clock.advance(by);
        return describe();
    }

    private static Duration parse(String text) {
        Matcher parts = DURATION.matcher(text.toLowerCase(Locale.ROOT));
        if (text.isEmpty() || !parts.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no duration such as 90s, 2m, 1h30m or 7d");
        }
        return Duration.ofDays(number(parts.group(1)))
                .plusHours(number(parts.group(2)))
                .plusMinutes(number(parts.group(3)))
                .plusSeconds(number(parts.group(4)));
    }

    private static long number(@org.jspecify.annotations.Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static String words(Duration moved) {
        return (moved.toDays() > 0 ? moved.toDays() + "d" : "")
                + (moved.toHoursPart() > 0 ? moved.toHoursPart() + "h" : "")
                + (moved.toMinutesPart() > 0 ? moved.toMinutesPart() + "m" : "")
                + (moved.toSecondsPart() > 0 ? moved.toSecondsPart() + "s" : "");
    }

    @Override
    public void close() {
        clock.close();
    }
}
