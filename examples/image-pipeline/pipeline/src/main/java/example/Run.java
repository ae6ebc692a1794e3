package example;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilteredLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** One run: upload, watch, report. */
final class Run {
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);
    private static final Pattern REPORT = Pattern.compile(
            "REPORT RequestId: (\\S+)\\tDuration: ([\\d.]+) ms.*?Max Memory Used: (\\d+) MB(?:\\s+Init Duration: ([\\d.]+) ms)?.*",
            Pattern.DOTALL);

    private final S3Client s3;
    private final S3Presigner presigner;
    private final CloudWatchLogsClient logs;
    private final String photos;
    private final String crops;
    private final String prefix = "run-" + Instant.now().toEpochMilli() + "/";

    Run(S3Client s3, S3Presigner presigner, CloudWatchLogsClient logs, String photos, String crops) {
        this.s3 = s3;
        this.presigner = presigner;
        this.logs = logs;
        this.photos = photos;
        this.crops = crops;
    }

    /** A picture on its way. */
    static final class Picture {
        final Path file;
        final String key;
        Instant uploaded = Instant.EPOCH;
        Instant done = Instant.EPOCH;
        String timing = "";

        Picture(Path file, String key) {
            this.file = file;
            this.key = key;
        }

        boolean cropped() {
            return !done.equals(Instant.EPOCH);
        }
    }

    /** Uploads every file with a presigned PUT, as a browser would. */
    List<Picture> upload(List<Path> files) throws IOException, InterruptedException {
        List<Picture> pictures = new ArrayList<>();
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (Path file : files) {
                Picture picture = new Picture(file, prefix + file.getFileName());
                String type = file.toString().toLowerCase(java.util.Locale.ROOT).endsWith(".png") ? "image/png" : "image/jpeg";
                var url = presigner.presignPutObject(request -> request.signatureDuration(Duration.ofMinutes(15))
                        .putObjectRequest(put -> put.bucket(photos).key(picture.key).contentType(type)));
                HttpResponse<String> answer = http.send(
                        HttpRequest.newBuilder(URI.create(url.url().toString()))
                                .header("Content-Type", type)
                                .PUT(HttpRequest.BodyPublishers.ofFile(file))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() != 200) {
                    throw new IOException("Upload of " + file + " failed: " + answer.statusCode() + " " + answer.body());
                }
                picture.uploaded = Instant.now();
                pictures.add(picture);
                System.out.print("\rUploaded " + pictures.size() + " of " + files.size());
                System.out.flush();
            }
        }
        System.out.println();
        return pictures;
    }

    /** Waits until every picture has its crop, or patience ends, or the rest has failed. */
    void watch(List<Picture> pictures, Duration patience) throws InterruptedException {
        Instant deadline = Instant.now().plus(patience);
        long cropped = 0;
        while (cropped < pictures.size() && Instant.now().isBefore(deadline)) {
            Set<String> there = new HashSet<>();
            for (S3Object crop : s3.listObjectsV2Paginator(request -> request.bucket(crops).prefix(prefix))
                    .contents()) {
                there.add(crop.key());
            }
            Instant now = Instant.now();
            for (Picture picture : pictures) {
                if (!picture.cropped() && there.contains(picture.key)) {
                    picture.done = now;
                }
            }
            cropped = pictures.stream().filter(Picture::cropped).count();
            System.out.print("\rCropped " + cropped + " of " + pictures.size());
            System.out.flush();
            if (cropped < pictures.size()) {
                if (cropped + failures() >= pictures.size()) {
                    break;
                }
                Thread.sleep(LOOK_EVERY);
            }
        }
        System.out.println();
    }

    /** How many keys of this run the function has complained about. */
    private long failures() {
        Set<String> failed = new HashSet<>();
        Pattern complaint = Pattern.compile("(" + Pattern.quote(prefix) + ".+?) is not a picture");
        for (FilteredLogEvent event : events(Instant.now().minus(Duration.ofMinutes(10)))) {
            Matcher matcher = complaint.matcher(event.message());
            if (matcher.find()) {
                failed.add(matcher.group(1));
            }
        }
        return failed.size();
    }

    /** Prints each picture's timing, cold or warm, as the function's own log tells it. */
    void report(List<Picture> pictures, Duration whole) {
        Map<String, String> requestOf = new HashMap<>();
        Map<String, Matcher> reportOf = new HashMap<>();
        for (FilteredLogEvent event : settled(pictures)) {
            String line = event.message();
            if (line.startsWith("REPORT")) {
                Matcher matcher = REPORT.matcher(line.strip());
                if (matcher.matches()) {
                    reportOf.put(matcher.group(1), matcher);
                }
            }
        }
        matchRequests(requestOf);
        System.out.printf("%n%-34s %10s  %s%n", "picture", "crop after", "the function's own account");
        for (Picture picture : pictures) {
            Matcher report = reportOf.get(requestOf.getOrDefault(picture.key, ""));
            picture.timing = report == null ? "" : timing(report);
            String after = picture.cropped()
                    ? Duration.between(picture.uploaded, picture.done).toMillis() + " ms"
                    : "FAILED";
            System.out.printf("%-34s %10s  %s%n", picture.key.substring(prefix.length()), after, picture.timing);
        }
        long cropped = pictures.stream().filter(Picture::cropped).count();
        System.out.printf("%n%d of %d cropped in %.1f s%n", cropped, pictures.size(), whole.toMillis() / 1000.0);
        if (cropped < pictures.size()) {
            System.out.println("Lambda tries a failed picture twice more, after one and after two minutes.");
        }
    }

    private static String timing(Matcher report) {
        String start = report.group(4) == null ? "warm" : "cold, init " + report.group(4) + " ms";
        return report.group(2) + " ms, " + report.group(3) + " MB, " + start;
    }

    /** A stream holds one request at a time, so the CROPPED line after a START line belongs to its request. */
    private void matchRequests(Map<String, String> requestOf) {
        Map<String, String> current = new HashMap<>();
        Pattern start = Pattern.compile("START RequestId: (\\S+).*", Pattern.DOTALL);
        Pattern cropped = Pattern.compile("CROPPED (.+) to \\d+ bytes in .*", Pattern.DOTALL);
        for (FilteredLogEvent event : events(Instant.now().minus(Duration.ofMinutes(10)))) {
            Matcher begins = start.matcher(event.message());
            Matcher crops = cropped.matcher(event.message());
            if (begins.matches()) {
                current.put(event.logStreamName(), begins.group(1));
            } else if (crops.matches()) {
                requestOf.put(crops.group(1), current.getOrDefault(event.logStreamName(), ""));
            }
        }
    }

    /** The log once the last REPORT line is in it, or after a short wait without. */
    private List<FilteredLogEvent> settled(List<Picture> pictures) {
        long wanted = pictures.stream().filter(Picture::cropped).count();
        List<FilteredLogEvent> events = List.of();
        for (int attempt = 0; attempt < 10; attempt++) {
            events = events(pictures.getFirst().uploaded.minusSeconds(5));
            long reports = events.stream().filter(e -> e.message().startsWith("REPORT")).count();
            if (reports >= wanted) {
                break;
            }
            try {
                Thread.sleep(LOOK_EVERY);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        return events;
    }

    /** Prints what the function logged since then, the first and last lines of it where it is long. */
    void printLog(Instant since) {
        List<FilteredLogEvent> events = events(since);
        int shown = 24;
        int hidden = Math.max(0, events.size() - shown);
        for (int i = 0; i < events.size(); i++) {
            if (hidden > 0 && i == shown / 2) {
                System.out.println("  … " + hidden + " lines …");
            }
            if (i < shown / 2 || i >= shown / 2 + hidden) {
                System.out.println("  " + events.get(i).message().strip());
            }
        }
    }

    private List<FilteredLogEvent> events(Instant since) {
        try {
            return logs
                    .filterLogEventsPaginator(request -> request.logGroupName(Deployment.LOG_GROUP)
                            .startTime(since.toEpochMilli()))
                    .events()
                    .stream()
                    .toList();
        } catch (ResourceNotFoundException e) {
            return List.of();
        }
    }
}
