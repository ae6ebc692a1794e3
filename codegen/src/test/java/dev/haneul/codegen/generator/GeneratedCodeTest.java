package dev.haneul.codegen.generator;

import static dev.haneul.codegen.generator.Compiled.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.codegen.Json;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the generated classes of a tiny model are to the JVM, to reflection and to the compiler. */
class GeneratedCodeTest {
    private static final String P = "dev.haneul.api.tiny.";
    private static final String MODEL =
            """
            {"origin": "test",
             "service": {"id": "tiny", "prefix": "Tiny", "sdkId": "Tiny \\" Thing", "endpointPrefix": "t",
               "signingName": "s", "apiVersion": "1", "protocols": ["awsJson1_0", "awsQuery"], "targetPrefix": "T_1",
               "xmlNamespace": "urn:t", "queryCompatible": true, "global": true},
             "operations": {
               "GetThing": {"method": "GET", "uri": "/{Name}?thing", "status": 202, "hostPrefix": "{Name}.",
                 "input": "GetThingRequest", "output": "Thing", "errors": ["NoThing"], "resultWrapper": "GetThingResult",
                 "checksum": {"member": "Alg", "required": true, "responses": ["CRC32"]}, "noAuth": true},
               "Service": {"method": "POST", "uri": "/", "input": "Empty", "output": "Empty"}},
             "shapes": {
               "Empty": {"kind": "structure", "members": {}},
               "Color": {"kind": "string", "enum": ["red", "RED", "aws:kms", "1x", "VALUES", ""]},
               "Many": {"kind": "string", "enum": [%s]},
               "Name": {"kind": "string", "min": 1, "max": 64, "pattern": "^[\\\\w\\"\\u00e9]+$", "sensitive": true},
               "Whole": {"kind": "integer", "min": 0.5}, "Blob": {"kind": "blob"}, "Body": {"kind": "stream"},
               "When": {"kind": "timestamp", "timestampFormat": "http-date"}, "Doc": {"kind": "document"},
               "Names": {"kind": "list", "min": 1, "member": {"target": "Name", "wire": "item"}},
               "Grid": {"kind": "map", "key": {"target": "Name", "wire": "k"}, "value": {"target": "Names"}},
               "Rows": {"kind": "list", "member": {"target": "Grid"}},
               "Holes": {"kind": "list", "sparse": true, "member": {"target": "Blob"}},
               "Object": {"kind": "structure", "members": {"self": {"target": "Object"}}},
               "thing": {"kind": "structure", "members": {}}, "Events": {"kind": "eventStream", "members": {
                 "Thing": {"target": "Thing"}}},
               "Choice": {"kind": "union", "members": {"Name": {"target": "Name"}, "Number": {"target": "Whole"}}},
               "NoThing": {"kind": "structure", "error": {"code": "No.Thing", "queryCode": "Q", "status": 404,
                 "sender": true}, "members": {"message": {"target": "Name"}}},
               "GetThingRequest": {"kind": "structure", "members": {
                 "Name": {"target": "Name", "location": "uri", "required": true, "contextParam": "Name"},
                 "Body": {"target": "Body", "location": "payload"}}},
               "Thing": {"kind": "structure", "xml": {"name": "T", "namespace": "urn:x", "prefix": "x"}, "members": {
                 "ETag": {"target": "Name", "wire": "e-tag", "location": "header"},
                 "Class": {"target": "Whole"}, "class": {"target": "Whole", "xmlName": "c", "ec2": "C"},
                 "Get": {"target": "Names", "flattened": true, "wire": "g", "xml": {"namespace": "urn:g"}},
                 "Rows": {"target": "Rows"}, "Holes": {"target": "Holes"}, "Object": {"target": "Object"},
                 "At": {"target": "When", "timestampFormat": "epoch-seconds"}, "Doc": {"target": "Doc"},
                 "Choice": {"target": "Choice"}, "Events": {"target": "Events"}, "Blob": {"target": "Blob"}}}}}
            """.replace("%s", many().stream().map(Json::write).collect(Collectors.joining(",")));

    private static List<String> many() {
        return IntStream.range(0, 100).mapToObj(i -> i == 50 ? "" : "v." + i).toList();
    }

    @TempDir
    static Path folder;

    private static Compiled code;

    @BeforeAll
    static void compile() throws IOException {
        code = Compiled.of(MODEL, folder);
    }

    @AfterAll
    static void close() throws IOException {
        code.close();
    }

    @Test
    void settersAreFluentAndGettersReadBack() throws Exception {
        Object thing = code.create(P + "Thing");
        assertThat(call(thing, "eTag")).isNull();
        assertThat(call(thing, "eTag", "abc")).isSameAs(thing);
        assertThat(call(thing, "eTag")).isEqualTo("abc");
        Instant now = Instant.ofEpochSecond(1);
        call(thing, "at", now);
        assertThat(call(thing, "at")).isEqualTo(now);
        call(thing, "eTag", new Object[] {null});
        assertThat(call(thing, "eTag")).isNull();
    }

    @Test
    void unsetCollectionsAreEmptyAndUnmodifiable() throws Exception {
        Object thing = code.create(P + "Thing");
        assertThat(call(thing, "hasRows")).isEqualTo(false);
        List<?> rows = (List<?>) call(thing, "rows");
        assertThat(rows).isEmpty();
        assertThatThrownBy(() -> rows.remove(0)).isInstanceOf(RuntimeException.class);
        call(thing, "rows", List.of(Map.of("k", List.of("v"))));
        assertThat(call(thing, "hasRows")).isEqualTo(true);
    }

    @Test
    void collectionsAreTypedAllTheWayDown() throws Exception {
        assertThat(code.type(P + "Thing")
                        .getMethod("rows")
                        .getGenericReturnType()
                        .getTypeName())
                .isEqualTo("java.util.List<java.util.Map<java.lang.String, java.util.List<java.lang.String>>>");
        assertThat(code.type(P + "Thing")
                        .getMethod("holes")
                        .getGenericReturnType()
                        .getTypeName())
                .isEqualTo("java.util.List<byte[]>");
    }

    @Test
    void namesThatClashGiveWay() throws Exception {
        Class<?> thing = code.type(P + "Thing");
        assertThat(thing.getMethod("class_").getReturnType()).isEqualTo(Integer.class);
        assertThat(thing.getMethod("class__").getReturnType()).isEqualTo(Integer.class);
        assertThat(thing.getMethod("get_").getReturnType()).isEqualTo(List.class);
        assertThat(thing.getMethod("object").getReturnType().getSimpleName()).isEqualTo("TinyObject");
        assertThat(code.type(P + "Thing_").getSimpleName()).isEqualTo("Thing_");
        assertThat(code.type(P + "TinyApi").getMethod("service_", code.type(P + "Empty"), callType()))
                .isNotNull();
    }

    @Test
    void theSchemaTellsWhatTheModelTells() throws Exception {
        Object shape = code.constant(P + "Thing", "SHAPE");
        assertThat(call(shape, "name")).isEqualTo("Thing");
        assertThat(call(shape, "xmlName")).isEqualTo("T");
        assertThat(call(shape, "xmlNamespace")).isEqualTo("urn:x");
        assertThat(call(shape, "xmlPrefix")).isEqualTo("x");
        Object tag = member(shape, "ETag");
        assertThat(call(tag, "location")).hasToString("HEADER");
        assertThat(call(tag, "wireName")).isEqualTo("e-tag");
        Object small = member(shape, "class");
        assertThat(call(small, "wireName")).isEqualTo("class");
        assertThat(call(small, "xmlName")).isEqualTo("c");
        assertThat(call(small, "ec2Name")).isEqualTo("C");
        Object list = member(shape, "Get");
        assertThat(call(list, "xmlNamespace")).isEqualTo("urn:g");
        assertThat(flag(list, "FLATTENED")).isTrue();
        assertThat(call(member(shape, "At"), "timestampFormat")).hasToString("EPOCH_SECONDS");
        Object name = requiredCall(tag, "shape");
        assertThat(requiredCall(name, "constraints"))
                .hasToString("Constraints[min=1, max=64, pattern=^[\\w\"é]+$, values=[], sensitive=true]");
        assertThat(call(requiredCall(requiredCall(member(shape, "Class"), "shape"), "constraints"), "min"))
                .isNull();
    }

    @Test
    void recursiveShapesResolve() throws Exception {
        Object shape = code.constant(P + "TinyObject", "SHAPE");
        assertThat(call(member(shape, "self"), "shape")).isSameAs(shape);
    }

    @Test
    void unionsErrorsAndEventsKnowWhatTheyAre() throws Exception {
        assertThat(call(code.constant(P + "Choice", "SHAPE"), "kind")).hasToString("UNION");
        assertThat(call(code.constant(P + "Events", "SHAPE"), "kind")).hasToString("EVENT_STREAM");
        assertThat(call(code.constant(P + "NoThing", "SHAPE"), "error"))
                .hasToString("ErrorTrait[code=No.Thing, queryCode=Q, status=404, sender=true]");
        assertThat(code.type(P + "Thing").getMethod("events").getReturnType().getSimpleName())
                .isEqualTo("EventStream");
    }

    @Test
    void enumsAreConstants() throws Exception {
        assertThat(code.constant(P + "Color", "RED")).isEqualTo("red");
        assertThat(code.constant(P + "Color", "RED_")).isEqualTo("RED");
        assertThat(code.constant(P + "Color", "AWS_KMS")).isEqualTo("aws:kms");
        assertThat(code.constant(P + "Color", "_1X")).isEqualTo("1x");
        assertThat(code.constant(P + "Color", "VALUES_")).isEqualTo("VALUES");
        assertThat(code.constant(P + "Color", "EMPTY")).isEqualTo("");
        assertThat(code.constant(P + "Color", "VALUES"))
                .isEqualTo(List.of("red", "RED", "aws:kms", "1x", "VALUES", ""));
    }

    @Test
    void manyValuesAreTheSameList() throws Exception {
        assertThat(code.constant(P + "Many", "VALUES")).isEqualTo(many());
        assertThat(code.constant(P + "Many", "V_99")).isEqualTo("v.99");
    }

    @Test
    void theServiceKnowsItsFactsAndOperations() throws Exception {
        Object service = code.constant(P + "TinyModel", "SHAPE");
        assertThat(call(service, "facts"))
                .hasToString("Facts[id=tiny, sdkId=Tiny \" Thing, endpointPrefix=t, signingName=s, apiVersion=1, "
                        + "protocols=[AWS_JSON_1_0, AWS_QUERY], targetPrefix=T_1, xmlNamespace=urn:t, "
                        + "queryCompatible=true, global=true]");
        Object get = code.constant(P + "TinyOperations", "GET_THING");
        assertThat(service.getClass().getMethod("operation", String.class).invoke(service, "GetThing"))
                .isSameAs(get);
        assertThat(call(get, "uri")).isEqualTo("/{Name}?thing");
        assertThat(call(get, "status")).isEqualTo(202);
        assertThat(call(get, "hostPrefix")).isEqualTo("{Name}.");
        assertThat(call(get, "resultWrapper")).isEqualTo("GetThingResult");
        assertThat(call(get, "checksumMember")).isEqualTo("Alg");
        assertThat(requiredCall(get, "traits"))
                .asString()
                .contains("NO_AUTH", "CHECKSUM_REQUIRED", "RESPONSE_CHECKSUM");
        assertThat(call(get, "inputShape")).isSameAs(code.constant(P + "GetThingRequest", "SHAPE"));
        assertThat(call(get, "errorShape", 0)).isSameAs(code.constant(P + "NoThing", "SHAPE"));
        assertThat(call(requiredCall(call(get, "inputShape"), "payload"), "name"))
                .isEqualTo("Body");
    }

    @Test
    void anOperationThatIsNotBuiltSaysSo() throws Exception {
        Class<?> api = code.type(P + "TinyApi");
        InvocationHandler defaults =
                (proxy, method, arguments) -> InvocationHandler.invokeDefault(proxy, method, arguments);
        Object unbuilt = Proxy.newProxyInstance(api.getClassLoader(), new Class<?>[] {api}, defaults);
        assertThat(call(unbuilt, "service")).isSameAs(code.constant(P + "TinyModel", "SHAPE"));
        Object get = code.constant(P + "TinyOperations", "GET_THING");
        assertThatThrownBy(() -> call(unbuilt, "invoke", get, code.create(P + "GetThingRequest"), null))
                .hasMessageContaining("tiny:GetThing is not implemented")
                .extracting(fault -> requiredCall(fault, "status"))
                .isEqualTo(501);
    }

    @Test
    void theClientAsksItsCaller() throws Exception {
        AtomicReference<@Nullable Object> asked = new AtomicReference<>();
        Object answer = code.create(P + "Thing");
        Class<?> callerType = code.type("dev.haneul.api.runtime.Caller");
        Object caller = Proxy.newProxyInstance(
                callerType.getClassLoader(), new Class<?>[] {callerType}, (proxy, method, arguments) -> {
                    asked.set(arguments[0]);
                    return answer;
                });
        Object client = code.create(P + "TinyClient", caller);
        assertThat(call(client, "getThing", code.create(P + "GetThingRequest"), null))
                .isSameAs(answer);
        assertThat(asked.get()).isSameAs(code.constant(P + "TinyOperations", "GET_THING"));
    }

    @Test
    void everyClassIsVerified() throws Exception {
        for (Path file : Compiled.generated(MODEL).keySet()) {
            String name = file.toString().replace(".class", "").replace('/', '.');
            assertThat(Class.forName(name, true, code.type(P + "Thing").getClassLoader())
                            .getName())
                    .isEqualTo(name);
        }
    }

    @Test
    void theSameModelGivesTheSameBytes() throws IOException {
        Map<Path, byte[]> once = Compiled.generated(MODEL);
        Map<Path, byte[]> again = Compiled.generated(MODEL);
        assertThat(again.keySet()).containsExactlyElementsOf(once.keySet());
        again.forEach((path, bytes) -> assertThat(bytes).as(path.toString()).isEqualTo(once.get(path)));
    }

    @Test
    void usersCompileAgainstWhatTheyWouldWriteBySource() throws IOException {
        String user = """
                import dev.haneul.api.Catalog;
                import dev.haneul.api.runtime.*;
                import dev.haneul.api.tiny.*;
                import java.util.*;
                class User implements TinyApi {
                    @Override public Thing getThing(GetThingRequest in, Call call) {
                        Thing out = new Thing().eTag(in.name()).get_(List.of(in.name())).rows(List.of(Map.of()));
                        for (Map<String, List<String>> row : out.rows()) {
                            row.forEach((key, names) -> names.add(key));
                        }
                        Integer number = out.class_();
                        byte[] first = out.holes().get(0);
                        Object document = out.doc();
                        TinyObject object = out.object();
                        EventStream events = out.events();
                        return out.hasRows() && number > first.length && document == object ? out : out.events(events);
                    }
                    static int kind(String color, Caller caller) {
                        StructShape shape = new TinyClient(caller).getThing(new GetThingRequest(), null).shape();
                        OperationShape operation = TinyOperations.GET_THING;
                        List<String> values = Color.VALUES;
                        return switch (color) {
                            case Color.RED -> TinyShapes.SIZE;
                            case Color.AWS_KMS -> Catalog.SERVICES.get(0).operations().size();
                            default -> values.size();
                        };
                    }
                }
                """;
        assertThat(code.compile("User", user)).isEmpty();
        String wrong = "class Wrong { List<Integer> it = new dev.haneul.api.tiny.Thing().get_(); }";
        assertThat(code.compile("Wrong", "import java.util.*;" + wrong)).contains("incompatible types");
    }

    @Test
    void whatMayBeNullSaysSo() throws Exception {
        Class<?> thing = code.type(P + "Thing");
        assertThat(nullable(thing.getMethod("eTag").getAnnotatedReturnType())).isTrue();
        assertThat(nullable(thing.getMethod("blob").getAnnotatedReturnType())).isTrue();
        assertThat(nullable(thing.getMethod("rows").getAnnotatedReturnType())).isFalse();
        assertThat(nullable(code.type(P + "GetThingRequest").getMethod("name").getAnnotatedReturnType()))
                .isFalse();
        AnnotatedType holes = thing.getMethod("holes").getAnnotatedReturnType();
        assertThat(nullable(((AnnotatedParameterizedType) holes).getAnnotatedActualTypeArguments()[0]))
                .isTrue();
        assertThat(nullable(thing.getMethod("rows", List.class).getAnnotatedParameterTypes()[0]))
                .isTrue();
        Annotation[] marks = code.type(P + "package-info").getAnnotations();
        assertThat(marks)
                .extracting(mark -> mark.annotationType().getSimpleName())
                .containsExactly("NullMarked");
    }

    private static boolean nullable(AnnotatedType type) {
        return type.isAnnotationPresent(Nullable.class);
    }

    private static Class<?> callType() throws ClassNotFoundException {
        return code.type("dev.haneul.api.runtime.Call");
    }

    private static Object requiredCall(@Nullable Object target, String method) {
        try {
            return java.util.Objects.requireNonNull(call(java.util.Objects.requireNonNull(target), method));
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    private static Object member(Object shape, String name) throws Exception {
        return java.util.Objects.requireNonNull(
                shape.getClass().getMethod("member", String.class).invoke(shape, name));
    }

    private static boolean flag(Object member, String name) throws Exception {
        for (Object flag : code.type("dev.haneul.api.runtime.Member$Flag").getEnumConstants()) {
            if (flag.toString().equals(name)) {
                return (Boolean) java.util.Objects.requireNonNull(call(member, "is", flag));
            }
        }
        return false;
    }
}
