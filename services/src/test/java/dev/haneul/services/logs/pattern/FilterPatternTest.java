package dev.haneul.services.logs.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterPatternTest {
    private static boolean matches(String pattern, String message) {
        return FilterPattern.parse(pattern).matches(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '\u0001', textBlock = """
                    ERROR                       ~ [ERROR 400] BAD REQUEST     ~ true
                    ERROR                       ~ Exiting with ERRORCODE: -1  ~ true
                    ERROR                       ~ error                       ~ false
                    ERROR ARGUMENTS             ~ [ERROR 419] MISSING ARGUMENTS ~ true
                    ERROR ARGUMENTS             ~ [ERROR 419] MISSING         ~ false
                    ?ERROR ?ARGUMENTS           ~ MISSING ARGUMENTS           ~ true
                    ?ERROR ?ARGUMENTS           ~ nothing                     ~ false
                    ERROR -ARGUMENTS            ~ [ERROR 419] MISSING ARGUMENTS ~ false
                    ERROR -ARGUMENTS            ~ [ERROR 401] UNAUTHORIZED    ~ true
                    -ERROR                      ~ fine                        ~ true
                    "INTERNAL SERVER ERROR"     ~ [ERROR 500] INTERNAL SERVER ERROR ~ true
                    "INTERNAL SERVER ERROR"     ~ INTERNAL ERROR              ~ false
                    ?"a b" ?"c d"               ~ x c d y                     ~ true
                    "a \\"quoted\\" word"       ~ a "quoted" word             ~ true
                    -"a b" c                    ~ a b c                       ~ false
                    INFO ?ERROR                 ~ INFO only                   ~ true
                    %AUTHORIZED%                ~ [ERROR 401] UNAUTHORIZED    ~ true
                    %^[hc]at%                   ~ cat                         ~ true
                    %^[hc]at%                   ~ a cat                       ~ false
                    %\\d{1,3}\\.\\d{1,3}%       ~ at 10.20 now                ~ true
                    """)
    void termsAndExpressionsAreFoundInPlainText(String pattern, String message, boolean expected) {
        assertThat(matches(pattern, message)).isEqualTo(expected);
    }

    private static final String EVENT = """
            {"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another"],
             "objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"flag":true,"no":false,
             "latency":12.5,"a.b":{"c":"d"},"code":404,"text":"404","detail-type":"x"}""";

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '\u0001', textBlock = """
                    { $.eventType = "UpdateTrail" }                              ~ true
                    {$.eventType="UpdateTrail"}                                  ~ true
                    { $.eventType = UpdateTrail }                                ~ true
                    { $.eventType = "Update*" }                                  ~ true
                    { $.eventType != "Update*" }                                 ~ false
                    { $.eventType != "Other" }                                   ~ true
                    { $.missing != "Other" }                                     ~ false
                    { $.sourceIPAddress != 123.123.* }                           ~ true
                    { $.sourceIPAddress = 111.111.* }                            ~ true
                    { $.arrayKey[0] = "value" }                                  ~ true
                    { $.arrayKey[1] = "value" }                                  ~ false
                    { $.arrayKey[7] = "value" }                                  ~ false
                    { $.arrayKey[*] = "another" }                                ~ true
                    { $.objectList[1].id = 2 }                                   ~ true
                    { $.objectList[1].id >= 3 }                                  ~ false
                    { $.SomeObject IS NULL }                                     ~ true
                    { $.eventType IS NULL }                                      ~ false
                    { $.missing IS NULL }                                        ~ false
                    { $.missing NOT EXISTS }                                     ~ true
                    { $.eventType NOT EXISTS }                                   ~ false
                    { $.flag IS TRUE }                                           ~ true
                    { $.no IS FALSE }                                            ~ true
                    { $.no is true }                                             ~ false
                    { $.latency > 12 && $.latency < 13 }                         ~ true
                    { $.latency = 1.25e1 }                                       ~ true
                    { $.code = 4* }                                              ~ true
                    { $.code = 404 }                                             ~ true
                    { $.text = 404 }                                             ~ true
                    { $.code > 500 || $.flag IS TRUE }                           ~ true
                    { ($.code > 500 || $.flag IS TRUE) && $.no IS TRUE }         ~ false
                    { $.code > 500 && $.flag IS TRUE || $.eventType = "U*" }     ~ true
                    { $.['a.b'].c = "d" }                                        ~ true
                    { $.eventType = %^Update% }                                  ~ true
                    { $.detail-type = "x" }                                      ~ true
                    { $.arrayKey = "value" }                                     ~ false
                    """)
    void jsonSelectorsLookIntoJsonMessages(String pattern, boolean expected) {
        assertThat(matches(pattern, EVENT)).isEqualTo(expected);
        assertThat(matches(pattern, "not json")).isFalse();
        assertThat(matches(pattern, "[1]")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '\u0001', textBlock = """
                    [ip, user, username, timestamp, request, status_code, bytes]          ~ true
                    [ip, user, username, timestamp, request, status_code]                 ~ false
                    [ip, ..., status_code, bytes]                                         ~ true
                    [..., status_code = 4*, bytes]                                        ~ true
                    [..., status_code = 5*, bytes]                                        ~ false
                    [..., bytes > 1000]                                                   ~ true
                    [..., bytes > 10000]                                                  ~ false
                    [ip = 127.0.0.1, ...]                                                 ~ true
                    [ip != 127.0.0.1, ...]                                                ~ false
                    [ip = %127\\.0\\.0\\.[12]%, ...]                                      ~ true
                    [ip, id, user, timestamp, request = "*index.html*", status_code, size] ~ true
                    [..., status_code = 400 || status_code = 404, size]                   ~ true
                    [..., (status_code >= 400) && (status_code < 404), size]              ~ false
                    [ip, id, user, ..., request, status_code != 200, size]                ~ true
                    [...]                                                                 ~ true
                    """)
    void fieldsAreDividedBySpacesQuotesAndBrackets(String pattern, boolean expected) {
        String line = "127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] \"GET /index.html HTTP/1.0\" 404 1534";
        assertThat(matches(pattern, line)).isEqualTo(expected);
    }

    @Test
    void extractsWhatThePatternNames() {
        assertThat(FilterPattern.parse("[ip, ..., bytes]").extract("1.2.3.4 x [a b] 99"))
                .containsEntry("$ip", "1.2.3.4")
                .containsEntry("$bytes", "99");
        assertThat(FilterPattern.parse("{ $.code = 404 && $.objectList[0].name = a }")
                        .extract(EVENT))
                .containsEntry("$.code", "404")
                .containsEntry("$.objectList[0].name", "a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Status:",
                "a,b",
                "(x",
                "'x'",
                "\"open",
                "{",
                "{ }",
                "{ $.a }",
                "{ $.a = }",
                "{ $.a = \"x\" ",
                "{ $.a = 1 } x",
                "{ a = 1 }",
                "{ $.\"a\" = 1 }",
                "{ $.a IS MAYBE }",
                "{ $.a > \"x\" }x",
                "{ $.a < b }",
                "[",
                "[a",
                "[..., b, ...]",
                "[a = ]",
                "[a] b",
                "%a(b)%",
                "%something!%",
                "%[a%",
                "-",
                "?",
                "{ $.a[x] = 1 }",
                "{ ($.a = 1 }"
            })
    void brokenPatternsAreRefused(String pattern) {
        assertThatExceptionOfType(InvalidPatternException.class).isThrownBy(() -> FilterPattern.parse(pattern));
    }

    @Test
    void theFaultIsNamedAsAwsDoes() {
        assertThatExceptionOfType(InvalidPatternException.class)
                .isThrownBy(() -> FilterPattern.parse("Status: timeout"))
                .withMessage("Invalid character(s) in term ':'");
    }

    @Test
    void noPatternMatchesEverything() {
        assertThat(matches("", "x")).isTrue();
        assertThat(FilterPattern.parse(null).matches("")).isTrue();
    }

    @Test
    void aDearExpressionGivesUpInsteadOfHanging() {
        String message = "a".repeat(100_000);
        assertThat(matches("%a*a*a*a*a*a*b%", message)).isFalse();
    }

    @Provide
    Arbitrary<String> words() {
        return Arbitraries.strings().withChars("abAB_1").ofMinLength(1).ofMaxLength(3);
    }

    @Property(tries = 500, seed = "20261123")
    void termsAreAllAndExclusionsNone(
            @ForAll("words") String one, @ForAll("words") String two, @ForAll @StringLength(max = 12) String message) {
        boolean all = message.contains(one) && message.contains(two);
        assertThat(matches(one + " " + two, message)).isEqualTo(all);
        assertThat(matches(one + " -" + two, message)).isEqualTo(message.contains(one) && !message.contains(two));
        assertThat(matches("?" + one + " ?" + two, message)).isEqualTo(message.contains(one) || message.contains(two));
        assertThat(matches("\"" + one + " " + two + "\"", message)).isEqualTo(message.contains(one + " " + two));
    }

    @Property(tries = 2000, seed = "20261123")
    void anyTextIsAPatternOrIsRefusedButNeverBreaks(@ForAll @StringLength(max = 30) String pattern) {
        for (String text : List.of(pattern, "{" + pattern + "}", "[" + pattern + "]", "%" + pattern + "%")) {
            Stream.of("", "a b", EVENT).forEach(message -> {
                try {
                    FilterPattern.parse(text).matches(message);
                } catch (InvalidPatternException e) {
                    assertThat(e.message()).isNotEmpty();
                }
            });
        }
    }
}
