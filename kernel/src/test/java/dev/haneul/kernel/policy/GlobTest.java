package dev.haneul.kernel.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class GlobTest {
    /** The plainest possible meaning of a pattern, to judge the quick one by. */
    private static boolean plainly(String pattern, String text) {
        StringBuilder regex = new StringBuilder();
        for (char c : pattern.toCharArray()) {
            regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(text).matches();
    }

    @Property(tries = 3000, seed = "20261123")
    void aPatternMatchesWhatItsRegularExpressionMatches(
            @ForAll @Chars({'a', 'b', '*', '?', ':'}) @StringLength(max = 8) String pattern,
            @ForAll @CharRange(from = 'a', to = 'b') @Chars(':') @StringLength(max = 10) String text) {
        assertThat(Glob.compile(pattern, true, false).matches(text, RequestContext.EMPTY))
                .isEqualTo(plainly(pattern, text));
    }

    @Property(tries = 1000, seed = "20261123")
    void aVariableStandsForItsValueLiterally(
            @ForAll @Chars({'a', '*', '?', '/'}) @StringLength(min = 1, max = 6) String value,
            @ForAll @Chars({'a', '*', '?', '/'}) @StringLength(max = 6) String text) {
        RequestContext context =
                RequestContext.builder().put("aws:username", value).build();
        Glob pattern = Glob.compile("home/${aws:UserName}/*", true, true);
        assertThat(pattern.matches("home/" + text + "/x", context))
                .isEqualTo(("home/" + text + "/x").startsWith("home/" + value + "/"));
    }

    @Property(tries = 1000, seed = "20261123")
    void anArnPatternOfWholeSegmentsMatchesAsAPlainPatternDoes(
            @ForAll @Chars({'a', '*', '?'}) @StringLength(max = 5) String name,
            @ForAll @Chars({'a', 'b', '/'}) @StringLength(max = 5) String text) {
        assertThat(ArnGlob.compile("arn:aws:s3:::" + name, false).matches("arn:aws:s3:::" + text, RequestContext.EMPTY))
                .isEqualTo(plainly(name, text));
    }

    @Test
    void wildcardsOfAnArnStayInTheirSegment() {
        RequestContext none = RequestContext.EMPTY;
        assertThat(ArnGlob.compile("arn:aws:s3*", false).matches("arn:aws:s3:::b", none))
                .isTrue();
        assertThat(ArnGlob.compile("arn:aws:*:b", false).matches("arn:aws:s3:::b", none))
                .isFalse();
        assertThat(ArnGlob.compile("arn:aws:logs:*:*:*", false)
                        .matches("arn:aws:logs:us-east-1:1:log-group:x:log-stream:y", none))
                .isTrue();
        assertThat(ArnGlob.compile("arn:aws:sqs", false).matches("arn:aws:sqs:us-east-1:1:q", none))
                .isTrue();
        assertThat(ArnGlob.compile("arn:aws:s3:::*", false).matches("*", none)).isFalse();
        assertThat(ArnGlob.compile("*", false).matches("*", none)).isTrue();
    }

    @Test
    void variablesHaveDefaultsEscapesAndNoCaseAndFailWithoutAValue() {
        RequestContext bob = RequestContext.builder()
                .put("aws:username", "bob")
                .putAll("aws:TagKeys", java.util.List.of("a", "b"))
                .build();
        assertThat(Glob.compile("${AWS:userName}", false, true).matches("bob", bob))
                .isTrue();
        assertThat(Glob.compile("${aws:PrincipalTag/team, 'none'}/*", true, true)
                        .matches("none/x", bob))
                .isTrue();
        assertThat(Glob.compile("${aws:PrincipalTag/team}", true, true).matches("", bob))
                .isFalse();
        assertThat(Glob.compile("${aws:TagKeys}", true, true).matches("a", bob)).isFalse();
        assertThat(Glob.compile("${*}${?}${$}", true, true).matches("*?$", bob)).isTrue();
        assertThat(Glob.compile("${*}", true, true).matches("x", bob)).isFalse();
        assertThat(Glob.compile("${aws:username}", true, false).matches("${aws:username}", bob))
                .isTrue();
    }
}
