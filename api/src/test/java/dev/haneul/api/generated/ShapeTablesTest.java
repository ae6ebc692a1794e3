package dev.haneul.api.generated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Constraints;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.Location;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Shape;
import dev.haneul.api.runtime.StructShape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Walks every shape of every generated service. */
class ShapeTablesTest {
    static List<Services> services() {
        return Services.all();
    }

    @ParameterizedTest
    @MethodSource("services")
    void everyTargetResolvesAndStaysTheSame(Services service) {
        Set<String> names = new HashSet<>();
        for (Shape shape : shapes(service)) {
            assertThat(names.add(shape.name())).as(shape.name()).isTrue();
            for (Member member : members(shape)) {
                assertThat(member.shape()).as(shape.name() + "." + member).isSameAs(member.shape());
            }
        }
        for (int index = 0; index < service.size(); index++) {
            assertThat(service.shape().shapes().at(index))
                    .isSameAs(service.shape().shapes().at(index));
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void thereIsNothingBesideTheTable(Services service) {
        assertThatThrownBy(() -> service.shape().shapes().at(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> service.shape().shapes().at(service.size()))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @MethodSource("services")
    void membersStandAtTheirIndexAndHaveNamesOfTheirOwn(Services service) {
        for (StructShape shape : structs(service)) {
            Set<String> wire = new HashSet<>();
            for (int index = 0; index < shape.members().size(); index++) {
                Member member = shape.member(index);
                assertThat(member.index()).as(shape.name() + "." + member).isEqualTo(index);
                assertThat(shape.member(member.name())).isSameAs(member);
                assertThat(wire.add(member.location() + " " + member.wireName()))
                        .as(shape.name() + "." + member)
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void prototypesMakeFreshValuesOfTheirOwnClass(Services service) {
        for (StructShape shape : structs(service)) {
            assertThat(shape.create().shape()).isSameAs(shape);
            assertThat(shape.create()).isNotSameAs(shape.create()).isEqualTo(shape.create());
            for (Member member : shape.members()) {
                assertThat(shape.create().has(member.index())).isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void aPayloadStandsAloneInItsBody(Services service) {
        for (StructShape shape : structs(service)) {
            if (shape.payload() != null) {
                assertThat(shape.members())
                        .as(shape.name())
                        .noneMatch(member -> member.location() == Location.BODY)
                        .filteredOn(member -> member.location() == Location.PAYLOAD)
                        .hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void whatTravelsInAHeaderOrAUrlIsAScalar(Services service) {
        Set<Kind> structured = Set.of(Kind.STRUCTURE, Kind.UNION, Kind.STREAM, Kind.EVENT_STREAM, Kind.DOCUMENT);
        for (StructShape shape : structs(service)) {
            for (Member member : shape.members()) {
                Kind kind = member.shape().kind();
                switch (member.location()) {
                    case HEADER, QUERY ->
                        assertThat(structured).as(shape.name() + "." + member).doesNotContain(kind);
                    case PREFIX_HEADERS, QUERY_PARAMS ->
                        assertThat(kind).as(shape.name() + "." + member).isEqualTo(Kind.MAP);
                    case URI ->
                        assertThat(kind).as(shape.name() + "." + member).isNotIn(Kind.LIST, Kind.MAP, Kind.STRUCTURE);
                    case STATUS_CODE ->
                        assertThat(kind).as(shape.name() + "." + member).isEqualTo(Kind.INTEGER);
                    case BODY, PAYLOAD -> assertThat(kind).isNotNull();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void constraintsCanBeMet(Services service) {
        for (Shape shape : shapes(service)) {
            Constraints limits = shape.constraints();
            if (limits.min() != null && limits.max() != null) {
                assertThat(limits.min()).as(shape.name()).isLessThanOrEqualTo(limits.max());
            }
            assertThat(limits.values()).as(shape.name()).doesNotHaveDuplicates();
            if (limits.pattern() != null) {
                assertThat(Pattern.compile(limits.pattern())).as(shape.name()).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void errorsHaveACodeAndAStatusThatFitsTheCulprit(Services service) {
        for (StructShape shape : structs(service)) {
            StructShape.ErrorTrait error = shape.error();
            if (error != null) {
                assertThat(error.code()).as(shape.name()).isNotBlank();
                assertThat(error.status()).as(shape.name()).isBetween(400, 599);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void threadsThatAskTogetherGetTheSameShapes(Services service) throws Exception {
        Callable<List<Shape>> ask = () -> shapes(service);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Shape>>> answers = threads.invokeAll(List.of(ask, ask, ask, ask));
            List<Shape> first = answers.getFirst().get();
            for (Future<List<Shape>> answer : answers) {
                for (int index = 0; index < first.size(); index++) {
                    assertThat(answer.get().get(index)).isSameAs(first.get(index));
                }
            }
        }
    }

    private static List<Shape> shapes(Services service) {
        List<Shape> shapes = new ArrayList<>();
        for (int index = 0; index < service.size(); index++) {
            shapes.add(service.shape().shapes().at(index));
        }
        return shapes;
    }

    private static List<StructShape> structs(Services service) {
        return shapes(service).stream()
                .filter(StructShape.class::isInstance)
                .map(StructShape.class::cast)
                .toList();
    }

    private static List<Member> members(Shape shape) {
        return switch (shape) {
            case StructShape struct -> struct.members();
            case ListShape list -> List.of(list.element());
            case MapShape map -> List.of(map.key(), map.value());
            default -> List.of();
        };
    }
}
