package dev.haneul.services.logs.insights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.delivery.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InsightsQueryTest {
    private static final long START = 1_767_323_040_000L; // 2026-01-02 03:04:00

    private static final List<String> MESSAGES = List.of(
            "GET /a 200 12 ms",
            "GET /b 404 7 ms",
            "POST /a 500 30 ms",
            "{\"level\":\"error\",\"took\":5}",
            "{\"level\":\"info\",\"took\":15}",
            "GET /a 200 20 ms");

    private static InsightsRow row(int index) {
        return new InsightsRow(InsightsQueryTest::fields)
                .set("@timestamp", new InsightsRow.Moment(START + index * 60_000L))
                .set("@message", MESSAGES.get(index));
    }

    private static Map<String, String> fields(String message) {
        Map<String, String> found = new HashMap<>();
        Json.object(message).ifPresent(tree -> tree.forEach((name, value) -> found.put(name, String.valueOf(value))));
        return found;
    }

    private static String run(String query) {
        InsightsQuery.Run run = InsightsQuery.parse(query).start(1000);
        for (int i = 0; i < MESSAGES.size(); i++) {
            run.add(row(i));
        }
        return run.results().stream()
                .map(line -> line.stream().map(InsightsQuery.Value::text).collect(Collectors.joining(" ")))
                .collect(Collectors.joining("; "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "filter @message like /POST/ | fields @message ~ POST /a 500 30 ms",
                "filter @message like 'POST' | fields @message ~ POST /a 500 30 ms",
                "filter @message not like /GET/ and ispresent(level) | fields level | sort took ~ error; info",
                "filter took > 5 | display level, took ~ info 15",
                "stats count(*) ~ 6",
                "stats count(level) as n ~ 2",
                "filter ispresent(took) | stats sum(took), avg(took), min(took), max(took) ~ 20 10 5 15",
                "parse @message \"* * * * ms\" as verb, path, code, ms | filter ispresent(code)"
                        + " | stats count(*) as n by path | sort n desc ~ /a 3; /b 1",
                "parse @message /(?<verb>[A-Z]+) (?<path>\\/[a-z])/ | filter verb = 'POST' | display verb, path ~ POST /a",
                "parse @message '* * * * ms' as v, p, c, ms | stats pct(ms, 50) as median ~ 16",
                "parse @message '* * * * ms' as v, p, c, ms | filter ispresent(p) | stats count_distinct(p) ~ 2",
                "stats count(*) by bin(5m) ~ 2026-01-02 03:00:00.000 1; 2026-01-02 03:05:00.000 5",
                "fields strlen(level) as n, toupper(level) as up | filter level = 'info' | display n, up ~ 4 INFO",
                "fields took * 2 + 1 as more | filter took = 5 | display more ~ 11",
                "filter level in ['error', 'warn'] | fields level ~ error",
                "fields level | filter ispresent(level) | sort level asc | limit 1 ~ error",
                "parse @message '* * *' as v, p, rest | filter v = 'GET' | dedup p | display p ~ /a; /b",
                "fields coalesce(level, 'none') as l | filter l = 'none' | stats count(*) ~ 4",
                "filter not (level = 'info' or level = 'error') | stats count(*) # all others ~ 4",
                "stats count(*) as n by level | stats max(n) ~ 4",
            })
    void queriesFindWhatTheySay(String query, String results) {
        assertThat(run(query)).isEqualTo(results);
    }

    @Test
    void eventsComeNewestFirstWithoutAnOrder() {
        assertThat(run("fields @message | limit 1")).isEqualTo("GET /a 200 20 ms");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "fields",
                "foo x",
                "filter @message like",
                "stats foo(x)",
                "limit 0",
                "parse @message '*'",
                "filter @message like /[/",
                "stats sum()",
                "filter (a",
                "fields nope(a)",
                "sort"
            })
    void badQueriesAreRefused(String query) {
        assertThatThrownBy(() -> InsightsQuery.parse(query)).isInstanceOf(BadQueryException.class);
    }

    @Property(seed = "20261126", tries = 500)
    void anyTextIsReadOrRefused(@ForAll String text) {
        try {
            assertThat(InsightsQuery.parse(text)).isNotNull();
        } catch (BadQueryException refused) {
            assertThat(refused.message()).isNotEmpty();
        }
    }
}
