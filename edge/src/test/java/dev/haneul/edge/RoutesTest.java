package dev.haneul.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.edge.http.Headers;
import dev.haneul.edge.http.RequestHead;
import dev.haneul.edge.http.Routes;
import dev.haneul.edge.table.Action;
import dev.haneul.edge.table.Block;
import dev.haneul.edge.table.Condition;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.Rule;
import dev.haneul.edge.table.Text;
import java.net.InetAddress;
import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

/** Rules: wildcards mean what they say, the first rule that fits wins, hostile expressions end. */
class RoutesTest {
    private static final InetAddress CLIENT = InetAddress.ofLiteral("10.1.2.3");
    private static final Action ANSWER = new Action.Fixed(200, "", "");

    @Property(tries = 500, seed = "2026")
    void wildcardsAreWhatTheExpressionSays(
            @ForAll @Chars({'a', 'b', '*', '?'}) @StringLength(max = 8) String pattern,
            @ForAll @CharRange(from = 'a', to = 'b') @StringLength(max = 8) String text) {
        String regex = pattern.replace("*", ".*").replace("?", ".");
        assertThat(Text.wild(pattern, false).matches(text)).isEqualTo(Pattern.matches(regex, text));
        assertThat(Text.wild(pattern.toUpperCase(java.util.Locale.ROOT), true).matches(text))
                .isEqualTo(Pattern.matches(regex, text));
    }

    @Property(tries = 300, seed = "2026")
    void theFirstRuleThatFitsWins(
            @ForAll @Size(max = 6) List<@Chars({'a', 'b', '*'}) @StringLength(max = 3) String> paths,
            @ForAll @CharRange(from = 'a', to = 'b') @StringLength(max = 3) String path) {
        List<Rule> rules = new java.util.ArrayList<>();
        for (String each : paths) {
            rules.add(new Rule(
                    "r" + rules.size(),
                    rules.size() + 1,
                    List.of(new Condition.Path(List.of(Text.wild("/" + each, false)))),
                    List.of(ANSWER),
                    List.of()));
        }
        rules.add(new Rule("default", 0, List.of(), List.of(ANSWER), List.of()));
        int wanted = 0;
        while (wanted < paths.size() && !Pattern.matches("/" + paths.get(wanted).replace("*", ".*"), "/" + path)) {
            wanted++;
        }
        Routes.Match match = Routes.match(listener(rules), head("GET", "/" + path + "?x=1"), CLIENT);
        assertThat(match.rule()).isEqualTo(rules.get(wanted));
        assertThat(match.tried()).isEqualTo(Math.min(wanted + 1, rules.size() - 1));
    }

    private static Listener listener(List<Rule> rules) {
        return Rig.listener(80, Listener.Protocol.HTTP, null, rules.toArray(Rule[]::new));
    }

    private static RequestHead head(String method, String target) {
        return new RequestHead(
                method,
                target,
                "Some.Example:8080",
                "HTTP/1.1",
                new Headers().add("X-Kind", "Blue").add("x-kind", "red"));
    }

    private static boolean meets(Condition condition, String target) {
        Rule rule = new Rule("r", 1, List.of(condition), List.of(ANSWER), List.of());
        Rule last = new Rule("default", 0, List.of(), List.of(ANSWER), List.of());
        return Routes.match(listener(List.of(rule, last)), head("GET", target), CLIENT)
                        .rule()
                == rule;
    }

    @org.junit.jupiter.api.Test
    void everyConditionLooksWhereItShould() {
        assertThat(meets(new Condition.Host(List.of(Text.wild("*.EXAMPLE", true))), "/"))
                .isTrue();
        assertThat(meets(new Condition.Path(List.of(Text.wild("/A", false))), "/a"))
                .isFalse();
        assertThat(meets(new Condition.Path(List.of(Text.regex("^/v[0-9]+/.*$", false))), "/v12/x"))
                .isTrue();
        assertThat(meets(new Condition.Header("x-KIND", List.of(Text.wild("r?d", true))), "/"))
                .isTrue();
        assertThat(meets(new Condition.Method(List.of("get")), "/")).isFalse();
        assertThat(meets(
                        new Condition.Query(List.of(new Condition.Pair(Text.wild("k", true), Text.wild("a b*", true)))),
                        "/?z=1&K=a%20bc"))
                .isTrue();
        assertThat(meets(new Condition.Query(List.of(new Condition.Pair(null, Text.wild("1", true)))), "/?z=1"))
                .isTrue();
        assertThat(meets(new Condition.Source(List.of(Block.parse("10.1.0.0/16"))), "/"))
                .isTrue();
        assertThat(meets(new Condition.Source(List.of(Block.parse("10.1.2.4/31"))), "/"))
                .isFalse();
    }

    @org.junit.jupiter.api.Test
    void anExpressionThatWouldTakeForEverEnds() {
        assertThat(Text.regex("(a+)+b", false).matches("a".repeat(5000))).isFalse();
    }
}
