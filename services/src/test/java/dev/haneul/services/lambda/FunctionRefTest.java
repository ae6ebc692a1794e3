package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionRefTest {
    private static final Call CALL = new Call(
            Principal.root("111111111111", ""),
            "111111111111",
            "eu-west-1",
            "r",
            Instant.EPOCH,
            new Call.Origin("", "", false, "", Map.of()));

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "f, 111111111111, f, -",
                "f:7, 111111111111, f, 7",
                "f:$LATEST, 111111111111, f, $LATEST",
                "222222222222:function:f, 222222222222, f, -",
                "222222222222:f:prod, 222222222222, f, prod",
                "function:f, 111111111111, f, -",
                "arn:aws:lambda:eu-west-1:222222222222:function:f, 222222222222, f, -",
                "arn:aws:lambda:eu-west-1:222222222222:function:f:prod, 222222222222, f, prod"
            })
    void everyFormOfANameIsUnderstood(String given, String account, String name, String qualifier) {
        assertThat(FunctionRef.of(given, null, CALL)).isEqualTo(new FunctionRef(account, "eu-west-1", name, qualifier));
    }

    @Test
    void aFunctionOfAnotherRegionIsOutOfReach() {
        assertThatThrownBy(() -> FunctionRef.of("arn:aws:lambda:us-east-1:111111111111:function:f", null, CALL))
                .isInstanceOfSatisfying(Fault.class, fault -> {
                    assertThat(fault.code()).isEqualTo("ResourceNotFoundException");
                    assertThat(fault.message())
                            .isEqualTo("Functions from 'us-east-1' are not reachable in this region ('eu-west-1')");
                });
    }

    @Test
    void twoQualifiersMustAgree() {
        assertThat(FunctionRef.of("f:1", "1", CALL).qualifier()).isEqualTo("1");
        assertThatThrownBy(() -> FunctionRef.of("f:1", "2", CALL))
                .isInstanceOf(Fault.class)
                .hasMessage("The derived qualifier from the function name does not match the specified qualifier.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "f:", "f:$OTHER", "arn:aws:s3:::b", "한글", "f/../g"})
    void otherNamesAreRefused(String name) {
        assertThatThrownBy(() -> FunctionRef.of(name, null, CALL))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("ValidationException"));
    }
}
