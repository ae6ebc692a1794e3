package dev.haneul.services.ecs.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Fault;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionTest {
    private static final Expression.Facts FACTS = new Expression.Facts(
            Map.of(
                    "attribute:ecs.instance-type", "t3.small",
                    "attribute:rack", "r1",
                    "runningTasksCount", "3",
                    "agentConnected", "true"),
            Set.of("service:web"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "attribute:ecs.instance-type == t3.small",
                "attribute:ecs.instance-type =~ t3.*",
                "attribute:ecs.instance-type in [t2.micro, t3.small]",
                "attribute:ecs.instance-type !in [t2.micro]",
                "attribute:ecs.instance-type not_in [t2.micro]",
                "attribute:rack exists and not (attribute:other exists)",
                "attribute:other !exists",
                "attribute:other == x or runningTasksCount > 2",
                "(runningTasksCount >= 3 && agentConnected == true) and task:group == service:web",
                "!(task:group == service:db)",
                "task:group !~ service:d.*",
            })
    void whatHolds(String text) {
        assertThat(Expression.parse(text).holds(FACTS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "attribute:ecs.instance-type != t3.small",
                "attribute:other exists",
                "runningTasksCount < 3",
                "attribute:rack == r1 and attribute:rack == r2",
                "not agentConnected == true",
            })
    void whatDoesNot(String text) {
        assertThat(Expression.parse(text).holds(FACTS)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "attribute:rack",
                "rack == r1",
                "attribute:rack == ",
                "(attribute:rack exists",
                "attribute:rack in r1",
                "attribute:rack in [r1",
                "attribute:rack == r1 attribute:rack",
                "attribute:rack =~ [",
                "and and and"
            })
    void whatIsNone(String text) {
        assertThatThrownBy(() -> Expression.parse(text))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("InvalidParameterException"));
    }
}
