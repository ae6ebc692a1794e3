package dev.haneul.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.factories.JacksonFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever is read or written is what AWS's serializer would have made of it. */
class PlainDocumentsTest {
    private static final List<Type> TYPES = List.of(Object.class, String.class, Map.class);

    @Property(tries = 2000, seed = "2026")
    void documentsAreReadAndWrittenAsByTheWholeSerializer(@ForAll("values") @Nullable Object value) throws IOException {
        byte[] document = theirs(Object.class, value);
        assertThat(ours(Object.class, value)).isEqualTo(text(document));
        for (Type type : TYPES) {
            assertThat(ourRead(type, document)).isEqualTo(theirRead(type, document));
        }
    }

    @Property(tries = 3000, seed = "2026")
    void damagedDocumentsToo(
            @ForAll("values") @Nullable Object value,
            @ForAll @IntRange(min = 0, max = 1 << 20) int where,
            @ForAll byte what,
            @ForAll @IntRange(min = 0, max = 2) int how) {
        byte[] document = damaged(theirs(Object.class, value), where, what, how);
        for (Type type : TYPES) {
            assertThat(ourRead(type, document)).as(text(document)).isEqualTo(theirRead(type, document));
        }
    }

    @Test
    void rareWaysToWriteADocument() {
        for (String document : List.of(
                "",
                " ",
                "nul",
                "truex",
                "-",
                "-0",
                "01",
                "1.",
                ".5",
                "1e3",
                "1E-3",
                "1.5e+2",
                "NaN",
                "'a'",
                "{a:1}",
                "[1,]",
                "{\"a\":1,}",
                "[1 2]",
                "1 2",
                "{} x",
                "[[]",
                "\"\\u00e9\\uD83D\\uDE00\"",
                "\"\\u12\"",
                "\"\\x\"",
                "\"a\nb\"",
                "\"\\\"",
                "99999999999999999999",
                "-999999999999999999",
                "1234567890123456789",
                "{\"a\":1,\"a\":2}",
                "\"\"",
                "[{}]",
                "// no\n1",
                "\uFEFF{}",
                "[".repeat(300) + "]".repeat(300))) {
            byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
            for (Type type : TYPES) {
                assertThat(ourRead(type, bytes)).as(document).isEqualTo(theirRead(type, bytes));
            }
        }
    }

    @Test
    void valuesThatAreNotPlain() throws IOException {
        Map<String, @Nullable Object> nothing = new LinkedHashMap<>();
        nothing.put("a", null);
        for (Object value : List.of(
                nothing,
                Map.of(1, 2),
                List.of(new Point()),
                new Point(),
                new BigInteger("9".repeat(30)),
                new BigDecimal("1.50"),
                1.5f,
                (short) 3,
                'c',
                Double.NaN,
                new int[] {1, 2},
                "\u0001\u007f\u2028",
                List.of(Map.of("é", "\uD83D\uDE00")))) {
            assertThat(ours(Object.class, value)).isEqualTo(text(theirs(Object.class, value)));
        }
    }

    /** A bean. */
    public static final class Point {
        public int getX() {
            return 1;
        }
    }

    @Provide
    Arbitrary<@Nullable Object> values() {
        return values(3);
    }

    private static Arbitrary<@Nullable Object> values(int depth) {
        Arbitrary<Object> strings = Arbitraries.strings()
                .ofMaxLength(8)
                .withCharRange(' ', '\u00ff')
                .withChars('"', '\\', '\n', '\t', '/', '\u2028', '한')
                .asGeneric();
        Arbitrary<@Nullable Object> leaves = Arbitraries.oneOf(
                strings,
                Arbitraries.integers().asGeneric(),
                Arbitraries.longs().asGeneric(),
                Arbitraries.doubles().asGeneric(),
                Arbitraries.of(true, false).asGeneric(),
                Arbitraries.bigIntegers().asGeneric(),
                Arbitraries.<@Nullable Object>just(null));
        if (depth == 0) {
            return leaves;
        }
        Arbitrary<@Nullable Object> deeper = values(depth - 1);
        Arbitrary<@Nullable Object> lists = deeper.list().ofMaxSize(3).map(list -> new ArrayList<>(list));
        Arbitrary<@Nullable Object> maps = Arbitraries.maps(strings.map(String::valueOf), deeper)
                .ofMaxSize(3)
                .map(map -> new LinkedHashMap<>(map));
        return Arbitraries.oneOf(leaves, lists, maps);
    }

    private static byte[] damaged(byte[] document, int where, byte what, int how) {
        int at = document.length == 0 ? 0 : where % document.length;
        ByteArrayOutputStream damaged = new ByteArrayOutputStream();
        damaged.write(document, 0, at);
        if (how > 0) {
            damaged.write(what);
        }
        int from = how == 2 ? at : Math.min(document.length, at + 1);
        damaged.write(document, from, document.length - from);
        return damaged.toByteArray();
    }

    private static String ours(Type type, @Nullable Object value) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new PlainDocuments(type).write(value, out);
        return text(out.toByteArray());
    }

    private static byte[] theirs(Type type, @Nullable Object value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        whole(type).toJson(value, out);
        return out.toByteArray();
    }

    /** What was read, with its classes and its order; or what was wrong. */
    private static String ourRead(Type type, byte[] document) {
        try {
            return told(new PlainDocuments(type).read(document));
        } catch (RuntimeException e) {
            return "wrong: " + e.getMessage();
        }
    }

    private static String theirRead(Type type, byte[] document) {
        try {
            return told(whole(type).fromJson(new ByteArrayInputStream(document)));
        } catch (RuntimeException e) {
            return "wrong: " + e.getMessage();
        }
    }

    private static String told(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            StringBuilder all = new StringBuilder("{");
            map.forEach((key, each) ->
                    all.append(key).append('=').append(told(each)).append(';'));
            return all.append('}').toString();
        }
        if (value instanceof List<?> list) {
            StringBuilder all = new StringBuilder("[");
            list.forEach(each -> all.append(told(each)).append(';'));
            return all.append(']').toString();
        }
        return value == null ? "null" : value.getClass().getSimpleName() + " " + value;
    }

    private static PojoSerializer<Object> whole(Type type) {
        return JacksonFactory.getInstance().getSerializer(type);
    }

    private static String text(byte[] document) {
        return new String(document, StandardCharsets.UTF_8);
    }
}
