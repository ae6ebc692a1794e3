package dev.haneul.trials.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilteredLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetQueryResultsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.InputLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;

@ExtendWith(SharedRegion.class)
class LogsTest {
    private static final String GROUP = "/trial/group";

    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final Clients root;
    private final CloudWatchLogsClient logs;
    /** Of the next event. */
    private long time = System.currentTimeMillis() - 60_000;

    LogsTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.logs = root.logs();
    }

    @BeforeEach
    void makeAGroup() {
        logs.createLogGroup(request -> request.logGroupName(GROUP));
        for (String stream : List.of("a", "b")) {
            logs.createLogStream(request -> request.logGroupName(GROUP).logStreamName(stream));
        }
    }

    @AfterEach
    void close() throws Exception {
        root.close();
    }

    private void put(String stream, String... messages) {
        long first = time;
        time += messages.length;
        List<InputLogEvent> events = IntStream.range(0, messages.length)
                .mapToObj(i -> InputLogEvent.builder()
                        .timestamp(first + i)
                        .message(messages[i])
                        .build())
                .toList();
        logs.putLogEvents(
                request -> request.logGroupName(GROUP).logStreamName(stream).logEvents(events));
    }

    @Test
    void theSdksPaginatorReadsAStreamToItsEnd() {
        String[] messages = IntStream.range(0, 25).mapToObj(i -> "m" + i).toArray(String[]::new);
        put("a", messages);
        assertThat(logs.getLogEventsPaginator(request -> request.logGroupName(GROUP)
                                .logStreamName("a")
                                .startFromHead(true)
                                .limit(10))
                        .events())
                .extracting(OutputLogEvent::message)
                .containsExactly(messages);
        GetLogEventsResponse last = logs.getLogEvents(
                request -> request.logGroupName(GROUP).logStreamName("a").limit(2));
        assertThat(last.events()).extracting(OutputLogEvent::message).containsExactly("m23", "m24");
        assertThat(logs.getLogEvents(request ->
                                request.logGroupName(GROUP).logStreamName("a").nextToken(last.nextForwardToken()))
                        .nextForwardToken())
                .isEqualTo(last.nextForwardToken());
    }

    @Test
    void filteringFindsWhatMatchesInAllStreams() {
        put("a", "ERROR one", "fine", "{\"level\":\"error\",\"code\":500}");
        put("b", "fine too", "ERROR two", "{\"level\":\"info\",\"code\":200}");
        assertThat(logs.filterLogEventsPaginator(request -> request.logGroupName(GROUP)
                                .filterPattern("ERROR")
                                .limit(1))
                        .events())
                .extracting(FilteredLogEvent::message)
                .containsExactlyInAnyOrder("ERROR one", "ERROR two");
        assertThat(logs.filterLogEvents(request -> request.logGroupName(GROUP).filterPattern("{ $.code >= 500 }"))
                        .events())
                .extracting(FilteredLogEvent::logStreamName)
                .containsExactly("a");
    }

    @Test
    void errorsAreOfTheSdksOwnTypes() {
        ResourceNotFoundException gone = catchThrowableOfType(
                ResourceNotFoundException.class,
                () -> logs.getLogEvents(request -> request.logGroupName("none").logStreamName("a")));
        assertThat(gone.awsErrorDetails().errorMessage()).isEqualTo("The specified log group does not exist.");
        AwsServiceException again = catchThrowableOfType(
                AwsServiceException.class, () -> logs.createLogGroup(request -> request.logGroupName(GROUP)));
        assertThat(again.awsErrorDetails().errorCode()).isEqualTo("ResourceAlreadyExistsException");
    }

    @Test
    void theAwsCliFilters(@TempDir Path folder) throws Exception {
        put("a", "first line", "second line");
        put("b", "third line");
        String text = run(
                folder,
                "aws",
                "logs",
                "filter-log-events",
                "--log-group-name",
                GROUP,
                "--filter-pattern",
                "?first ?third");
        assertThat(text).contains("first line", "third line").doesNotContain("second line");
    }

    /** How {@code aws logs tail --follow} works: ask again from the last time on and leave out what was told already. */
    @Test
    void followingByTimeAndEventIdMissesNothingAndRepeatsNothing() {
        List<String> seen = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        long start = time;
        for (int round = 0; round < 5; round++) {
            put("a", "a" + round, "x" + round);
            put("b", "b" + round);
            long from = start;
            for (FilteredLogEvent event : logs.filterLogEventsPaginator(request ->
                            request.logGroupName(GROUP).startTime(from).limit(2))
                    .events()) {
                if (ids.add(event.eventId())) {
                    seen.add(event.message());
                }
                start = Math.max(start, event.timestamp());
            }
        }
        assertThat(seen).hasSize(15).doesNotHaveDuplicates().contains("a0", "b4", "x3");
    }

    private String run(Path folder, String... command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("AWS_"));
        environment.put("AWS_ENDPOINT_URL", endpoint.toString());
        environment.put("AWS_ACCESS_KEY_ID", account);
        environment.put("AWS_SECRET_ACCESS_KEY", "test");
        environment.put("AWS_DEFAULT_REGION", "us-east-1");
        Process process = builder.start();
        boolean ended = process.waitFor(2, TimeUnit.MINUTES);
        process.destroyForcibly();
        String text = Files.readString(output);
        assertThat(ended).as(text).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }

    @Test
    void anInsightsQueryIsAnswered() throws Exception {
        put("a", "{\"level\":\"error\",\"took\":5}", "{\"level\":\"info\",\"took\":7}", "plain");
        put("b", "{\"level\":\"error\",\"took\":9}");
        String id = logs.startQuery(request -> request.logGroupName(GROUP)
                        .startTime(time / 1000 - 3600)
                        .endTime(time / 1000 + 3600)
                        .queryString("filter level = 'error' | stats sum(took) as total, count(*) as n by level"))
                .queryId();
        GetQueryResultsResponse answer = logs.getQueryResults(request -> request.queryId(id));
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!answer.statusAsString().equals("Complete") && System.nanoTime() < until) {
            TimeUnit.MILLISECONDS.sleep(20);
            answer = logs.getQueryResults(request -> request.queryId(id));
        }
        assertThat(answer.statusAsString()).isEqualTo("Complete");
        assertThat(answer.results()).hasSize(1);
        assertThat(answer.results().getFirst().stream().map(each -> each.field() + "=" + each.value()))
                .containsExactly("level=error", "total=14", "n=2");
        assertThat(answer.statistics().recordsScanned()).isEqualTo(4);
        assertThat(answer.statistics().recordsMatched()).isEqualTo(2);
    }
}
