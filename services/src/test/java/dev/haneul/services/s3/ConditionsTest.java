package dev.haneul.services.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Fault;
import dev.haneul.services.s3.Conditions.Verdict;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConditionsTest {
    private static final String ETAG = "0cc175b9c0f1b6a831c399e269772661";
    private static final Instant MODIFIED = Instant.parse("2026-01-02T03:04:05Z");

    private static @Nullable String tag(int choice) {
        return switch (choice) {
            case 0 -> null;
            case 1 -> '"' + ETAG + '"';
            default -> "\"other\"";
        };
    }

    private static @Nullable Instant date(int choice) {
        return switch (choice) {
            case 0 -> null;
            case 1 -> MODIFIED.minusSeconds(1);
            case 2 -> MODIFIED;
            default -> MODIFIED.plusSeconds(1);
        };
    }

    /** RFC 9110, 13.2.2, said as its numbered steps. */
    private static String rfc(int match, int noneMatch, int since, int unmodified) {
        if (match != 0) {
            if (match != 1) {
                return "412";
            }
        } else if (unmodified == 1) {
            return "412";
        }
        if (noneMatch != 0) {
            return noneMatch == 1 ? "304" : "200";
        }
        return since >= 2 ? "304" : "200";
    }

    @Property(seed = "2026")
    void precedenceIsThatOfTheRfc(
            @ForAll @IntRange(max = 2) int match,
            @ForAll @IntRange(max = 2) int noneMatch,
            @ForAll @IntRange(max = 3) int since,
            @ForAll @IntRange(max = 3) int unmodified) {
        Verdict verdict =
                new Conditions(tag(match), tag(noneMatch), date(since), date(unmodified)).judge(ETAG, MODIFIED);
        String status = switch (verdict) {
            case Verdict.Holds _ -> "200";
            case Verdict.NotModified _ -> "304";
            case Verdict.Failed _ -> "412";
        };
        assertThat(status).isEqualTo(rfc(match, noneMatch, since, unmodified));
    }

    @Test
    void aMatchGoesBeforeTheDateAsAwsDocuments() {
        Conditions both = new Conditions(ETAG, null, null, MODIFIED.minusSeconds(60));
        assertThat(both.judge(ETAG, MODIFIED)).isInstanceOf(Verdict.Holds.class);
    }

    @Test
    void fractionsOfASecondDoNotCount() {
        Conditions since = new Conditions(null, null, MODIFIED, null);
        assertThat(since.judge(ETAG, MODIFIED.plusMillis(999))).isInstanceOf(Verdict.NotModified.class);
    }

    @Test
    void notModifiedTellsTagAndDate() {
        assertThatThrownBy(() -> new Conditions(null, "*", null, null).checkRead(ETAG, MODIFIED))
                .isInstanceOfSatisfying(Fault.class, fault -> {
                    assertThat(fault.status()).isEqualTo(304);
                    assertThat(fault.headers())
                            .containsEntry("ETag", '"' + ETAG + '"')
                            .containsEntry("Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT");
                });
    }

    @Test
    void aFailedConditionIsNamed() {
        assertThatThrownBy(() -> new Conditions("\"x\"", null, null, null).checkRead(ETAG, MODIFIED))
                .isInstanceOfSatisfying(Fault.class, fault -> {
                    assertThat(fault.status()).isEqualTo(412);
                    assertThat(fault.code()).isEqualTo("PreconditionFailed");
                    assertThat(fault.extras()).containsEntry("Condition", "If-Match");
                });
    }

    @Test
    void forACopyEveryFailureIs412() {
        assertThatThrownBy(() -> new Conditions(null, ETAG, null, null).checkCopySource(ETAG, MODIFIED))
                .isInstanceOfSatisfying(Fault.class, fault -> {
                    assertThat(fault.status()).isEqualTo(412);
                    assertThat(fault.extras()).containsEntry("Condition", "x-amz-copy-source-If-None-Match");
                });
    }

    @Test
    void tagsComeInListsQuotedWeakOrBare() {
        assertThat(Conditions.matches("\"a\", W/\"b\" ,c", "b")).isTrue();
        assertThat(Conditions.matches("\"a\", W/\"b\" ,c", "c")).isTrue();
        assertThat(Conditions.matches("\"a\"", "b")).isFalse();
        assertThat(Conditions.matches("*", "anything")).isTrue();
    }
}
