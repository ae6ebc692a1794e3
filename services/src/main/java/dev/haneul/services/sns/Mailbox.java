package dev.haneul.services.sns;

import dev.haneul.delivery.Outcome;
import dev.haneul.kernel.time.Clock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Mails, text messages and pushes to devices, which leave the machine on AWS, as files: a folder for each address, a file for each message,
 * the newest thousand of each and of a thousand addresses.
 */
final class Mailbox {
    private static final int MOST_MESSAGES = 1000;
    private static final int MOST_ADDRESSES = 1000;
    /** A file by which a phone says that it wants no more. */
    private static final String STOP = "STOP";

    private final Path folder;
    private final Clock clock;

    Mailbox(Path folder, Clock clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /** Puts a mail into the address's folder. */
    Outcome mail(String address, @Nullable String subject, String body) {
        String date =
                DateTimeFormatter.RFC_1123_DATE_TIME.format(clock.instant().atOffset(ZoneOffset.UTC));
        String encoded = Base64.getMimeEncoder().encodeToString(body.getBytes(StandardCharsets.UTF_8));
        String title = subject == null ? "AWS Notification Message" : subject;
        String text = "From: AWS Notifications <no-reply@sns.amazonaws.com>\r\nTo: " + address
                + "\r\nSubject: =?UTF-8?B?"
                + Base64.getEncoder().encodeToString(title.getBytes(StandardCharsets.UTF_8)) + "?=\r\nDate: " + date
                + "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64"
                + "\r\n\r\n" + encoded + "\r\n";
        return put(address, ".eml", text);
    }

    /** Puts a text message into the number's folder. */
    Outcome text(String number, String body) {
        return put(number, ".txt", body);
    }

    /** Puts what an app on a device is sent into the endpoint's folder. */
    Outcome push(String endpointArn, String body) {
        return put(endpointArn, ".json", body);
    }

    /** Whether a phone has answered that it wants no more. */
    boolean stopped(String number) {
        return Files.exists(box(number).resolve(STOP));
    }

    /** The numbers that want no more, in order. */
    List<String> stopped() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(each -> Files.exists(each.resolve(STOP)))
                    .map(each -> each.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The phone is written to again. */
    void resume(String number) {
        try {
            Files.deleteIfExists(box(number).resolve(STOP));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whatever an address holds, its folder is one below ours. */
    private Path box(String address) {
        String safe = address.replaceAll("[^A-Za-z0-9@+._-]", "_").replaceAll("^\\.", "_");
        return folder.resolve(safe.substring(0, Math.min(safe.length(), 200)));
    }

    private synchronized Outcome put(String address, String ending, String text) {
        Path box = box(address);
        try {
            Files.createDirectories(folder);
            if (!Files.exists(box) && count(folder) >= MOST_ADDRESSES) {
                return new Outcome.Never("MailboxFull", "there are " + MOST_ADDRESSES + " mailboxes already");
            }
            Files.createDirectories(box);
            String name = "%015d-%s".formatted(clock.instant().toEpochMilli(), UUID.randomUUID());
            Path fresh = box.resolve("." + name + ".new");
            Files.writeString(fresh, text);
            Path unused = Files.move(fresh, box.resolve(name + ending), StandardCopyOption.ATOMIC_MOVE);
            prune(box);
            return new Outcome.Done("");
        } catch (IOException e) {
            return new Outcome.Again("MailboxError", String.valueOf(e.getMessage()));
        }
    }

    private static long count(Path in) throws IOException {
        try (Stream<Path> all = Files.list(in)) {
            return all.count();
        }
    }

    private static void prune(Path box) throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.list(box)) {
            all = files.filter(each -> !each.endsWith(STOP)).sorted().toList();
        }
        for (Path each : all.subList(0, Math.max(0, all.size() - MOST_MESSAGES))) {
            Files.deleteIfExists(each);
        }
    }
}
