package dev.haneul.api.generated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Api;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.Location;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Walks every operation of every generated service. */
class OperationsTest {
    private static final Pattern LABEL = Pattern.compile("\\{([^}+]+)\\+?}");
    private static final Set<Protocol> HTTP_BOUND = Set.of(Protocol.REST_XML, Protocol.REST_JSON_1);
    private static final Call CALL = new Call(
            Principal.ANONYMOUS, "", "us-east-1", "r", Instant.EPOCH, Call.Origin.inside("test.amazonaws.com"));

    static List<Services> services() {
        return Services.all();
    }

    @ParameterizedTest
    @MethodSource("services")
    void operationsStandAtTheirIndexUnderTheirName(Services service) {
        ServiceShape shape = service.shape();
        assertThat(shape.operations()).isNotEmpty();
        for (int index = 0; index < shape.operations().size(); index++) {
            OperationShape operation = shape.operation(index);
            assertThat(operation.index()).isEqualTo(index);
            assertThat(operation.service()).isSameAs(shape);
            assertThat(shape.operation(operation.name())).isSameAs(operation);
            assertThat(operation.status()).isBetween(200, 299);
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void endsAreStructuresAndErrorsAreErrors(Services service) {
        for (OperationShape operation : service.shape().operations()) {
            assertThat(operation.inputShape().kind()).as(operation + "").isEqualTo(Kind.STRUCTURE);
            assertThat(operation.outputShape().kind()).as(operation + "").isEqualTo(Kind.STRUCTURE);
            for (int position = 0; position < operation.errors().length; position++) {
                assertThat(operation.errorShape(position).error())
                        .as(operation + " " + operation.errorShape(position).name())
                        .isNotNull();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void labelsOfATemplateAreTheUriMembersOfItsInput(Services service) {
        boolean bound = HTTP_BOUND.stream().anyMatch(service.shape().facts()::speaks);
        for (OperationShape operation : service.shape().operations()) {
            if (!bound) {
                assertThat(operation.uri()).as(operation + "").isEqualTo("/");
                assertThat(operation.method()).as(operation + "").isEqualTo("POST");
                continue;
            }
            Set<String> members = new HashSet<>();
            for (Member member : operation.inputShape().members()) {
                if (member.location() == Location.URI) {
                    assertThat(member.required()).as(operation + "." + member).isTrue();
                    members.add(member.wireName());
                }
            }
            assertThat(labels(operation.uri())).as(operation + "").isEqualTo(members);
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void labelsOfAHostPrefixAreMarkedMembers(Services service) {
        for (OperationShape operation : service.shape().operations()) {
            String prefix = operation.hostPrefix();
            for (String label : prefix == null ? Set.<String>of() : labels(prefix)) {
                Member member = operation.inputShape().member(label);
                assertThat(member).as(operation + "." + label).isNotNull();
                assertThat(member.is(Member.Flag.HOST_LABEL)).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void theChecksumMemberIsAMember(Services service) {
        for (OperationShape operation : service.shape().operations()) {
            String member = operation.checksumMember();
            if (member != null) {
                assertThat(operation.inputShape().member(member))
                        .as(operation + "")
                        .isNotNull();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void anApiThatImplementsNothingAnswersNotImplementedEverywhere(Services service) {
        Api api = unbuilt(service);
        for (OperationShape operation : api.service().operations()) {
            assertThatThrownBy(
                            () -> api.invoke(operation, operation.inputShape().create(), CALL))
                    .isInstanceOfSatisfying(Fault.class, fault -> {
                        assertThat(fault.code()).isEqualTo("NotImplemented");
                        assertThat(fault.status()).isEqualTo(501);
                        assertThat(fault.message()).startsWith(operation + " is not implemented");
                    });
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void theClientCallsTheOperationItsMethodIsNamedAfter(Services service) throws Exception {
        for (Method method : service.type("Client").getDeclaredMethods()) {
            if (method.getName().equals("invoke") || method.isSynthetic()) {
                continue;
            }
            Caller caller = (operation, input, call) -> {
                assertThat(operation.name().toLowerCase(Locale.ROOT))
                        .isEqualTo(method.getName().replace("_", "").toLowerCase(Locale.ROOT));
                assertThat(operation.inputShape()).isSameAs(input.shape());
                return operation.outputShape().create();
            };
            Struct input =
                    (Struct) method.getParameterTypes()[0].getConstructor().newInstance();
            assertThat(method.invoke(service.client(caller), input, CALL)).isInstanceOf(method.getReturnType());
        }
    }

    @Test
    void anOperationOfAnotherServiceIsRefused() {
        Services first = Services.all().getFirst();
        Services second = Services.all().get(1);
        Api api = unbuilt(first);
        OperationShape foreign = second.shape().operation(0);
        assertThatThrownBy(() -> api.invoke(foreign, foreign.inputShape().create(), CALL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not of " + first.id());
    }

    private static Set<String> labels(String template) {
        Set<String> labels = new HashSet<>();
        Matcher label = LABEL.matcher(template);
        while (label.find()) {
            labels.add(label.group(1));
        }
        return labels;
    }

    /** An implementation made of nothing but defaults. */
    private static Api unbuilt(Services service) {
        try {
            Class<?> type = service.type("Api");
            InvocationHandler defaults = InvocationHandler::invokeDefault;
            return (Api) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, defaults);
        } catch (ClassNotFoundException failure) {
            throw new AssertionError(failure);
        }
    }
}
