package dev.haneul.kernel.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Constraints;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Shape;
import dev.haneul.api.runtime.ShapeTable;
import dev.haneul.api.runtime.SimpleShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import dev.haneul.api.s3.BucketLifecycleConfiguration;
import dev.haneul.api.s3.LifecycleExpiration;
import dev.haneul.api.s3.LifecycleRule;
import dev.haneul.api.s3.LifecycleRuleAndOperator;
import dev.haneul.api.s3.LifecycleRuleFilter;
import dev.haneul.api.s3.Tag;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordCodecsTest {
    enum Level {
        LOW,
        HIGH {
            @Override
            public String toString() {
                return "high!";
            }
        }
    }

    record Inner(String text, @Nullable Inner next) {}

    sealed interface Target permits Queue, Topic, Deep {}

    record Queue(String arn) implements Target {}

    record Topic(String arn, int retries) implements Target {}

    sealed interface Deep extends Target permits Function {}

    record Function(List<Target> then) implements Deep {}

    record Everything(
            String text,
            int number,
            @Nullable Long big,
            double ratio,
            float small,
            boolean yes,
            @Nullable Boolean maybe,
            short little,
            byte tiny,
            Instant when,
            Duration span,
            Level level,
            byte[] bytes,
            List<@Nullable String> list,
            Set<Integer> set,
            Map<String, List<Inner>> map,
            Inner inner,
            Target target,
            @Nullable String nothing,
            Object tree) {}

    @Test
    void everyKindOfComponentComesBackAsItWent() {
        Map<String, List<Inner>> map = new LinkedHashMap<>();
        for (String key : List.of("z", "a", "m", "")) {
            map.put(key, List.of(new Inner(key, new Inner("deep", null))));
        }
        Everything value = new Everything(
                "q\"\\\u0000\u2028😀",
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                Double.NEGATIVE_INFINITY,
                0.1f,
                true,
                null,
                (short) -3,
                (byte) 7,
                Instant.parse("2026-02-03T04:05:06.123456789Z"),
                Duration.ofMillis(-1501),
                Level.HIGH,
                new byte[] {0, -1, 5},
                Arrays.asList("a", null, "b"),
                new LinkedHashSet<>(List.of(3, 1, 2)),
                map,
                new Inner("i", null),
                new Function(List.of(new Queue("q"), new Topic("t", 2))),
                null,
                Map.of("a", List.of(1L, "x", true, 1.5)));
        RecordCodec<Everything> codec = RecordCodecs.of(Everything.class);
        Everything back = codec.decode(1, codec.encode(value));
        assertThat(back).usingRecursiveComparison().ignoringFields("set").isEqualTo(value);
        assertThat(back.map().keySet()).containsExactly("z", "a", "m", "");
        assertThat(back.set()).containsExactly(3, 1, 2);
        assertThatThrownBy(() -> back.list().add("c")).isInstanceOf(UnsupportedOperationException.class);
        assertThat(codec.encode(back)).isEqualTo(codec.encode(value));
    }

    @Test
    void membersThatOldDataDoesNotHaveAreZeroAndUnknownOnesAreIgnored() {
        RecordCodec<Everything> codec = RecordCodecs.of(Everything.class);
        Everything value = codec.decode(1, "{\"future\":{\"x\":[1,{}]},\"number\":3}".getBytes(UTF_8));
        assertThat(value.number()).isEqualTo(3);
        assertThat(value.text()).isEmpty();
        assertThat(value.big()).isNull();
        assertThat(value.when()).isEqualTo(Instant.EPOCH);
        assertThat(value.span()).isEqualTo(Duration.ZERO);
        assertThat(value.level()).isEqualTo(Level.LOW);
        assertThat(value.bytes()).isEmpty();
        assertThat(value.list()).isEmpty();
        assertThat(value.map()).isEmpty();
        assertThat(value.inner()).isEqualTo(new Inner("", null));
        assertThat(value.target()).isNull();
    }

    record Strict(String name, List<String> tags) {
        Strict {
            if (name.isEmpty()) {
                throw new IllegalArgumentException("no name");
            }
            tags = List.copyOf(tags);
        }
    }

    @Test
    void whatCannotBeReadIsToldAndNotGuessed() {
        RecordCodec<Strict> codec = RecordCodecs.of(Strict.class);
        assertThatThrownBy(() -> codec.decode(1, "{}".getBytes(UTF_8)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("Strict");
        assertThatThrownBy(() -> codec.decode(1, "{\"name\":\"x".getBytes(UTF_8)))
                .isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> codec.decode(2, "{\"name\":\"x\"}".getBytes(UTF_8)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("newer");
        RecordCodec<Target> targets = RecordCodecs.of(Target.class);
        assertThatThrownBy(() -> targets.decode(1, "{\"@\":\"Gone\"}".getBytes(UTF_8)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("Gone");
    }

    record Bad(String name, java.util.Locale locale) {}

    @Test
    void aComponentOfAnUnsupportedTypeIsNamed() {
        assertThatThrownBy(() -> RecordCodecs.of(Bad.class).encode(new Bad("a", java.util.Locale.ROOT)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Bad.locale")
                .hasMessageContaining("java.util.Locale");
    }

    record Renamed(String fullName, int generation) {}

    @Test
    void upgradesRunInOrderFromTheVersionThatWasWritten() {
        RecordCodec<Renamed> codec = RecordCodecs.of(Renamed.class)
                .withUpgrade(1, old -> {
                    old.put("full", old.remove("name"));
                    return old;
                })
                .withUpgrade(2, old -> {
                    old.put("fullName", old.remove("full") + "!");
                    return old;
                });
        assertThat(codec.version()).isEqualTo(3);
        assertThat(codec.decode(1, "{\"name\":\"x\",\"generation\":4}".getBytes(UTF_8)))
                .isEqualTo(new Renamed("x!", 4));
        assertThat(codec.decode(2, "{\"full\":\"y\"}".getBytes(UTF_8))).isEqualTo(new Renamed("y!", 0));
        assertThat(codec.decode(3, codec.encode(new Renamed("z", 1)))).isEqualTo(new Renamed("z", 1));
        assertThatThrownBy(() -> RecordCodecs.of(Renamed.class).withUpgrade(2, old -> old))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** A structure as the generator writes them, with one member of every kind. */
    static final class Thing extends Struct {
        static final List<Kind> KINDS = List.of(
                Kind.STRING,
                Kind.INTEGER,
                Kind.LONG,
                Kind.DOUBLE,
                Kind.FLOAT,
                Kind.BOOLEAN,
                Kind.BLOB,
                Kind.TIMESTAMP,
                Kind.DOCUMENT,
                Kind.BIG_INTEGER,
                Kind.BIG_DECIMAL,
                Kind.SHORT,
                Kind.BYTE);
        private static final ShapeTable TABLE = Thing::shapeAt;
        private static final StructShape SHAPE = build();
        private static final Shape LIST =
                new ListShape("Things", Constraints.NONE, true, new Member("member", 0, TABLE, 100));
        private static final Shape MAP = new MapShape(
                "ThingMap", Constraints.NONE, true, new Member("key", 0, TABLE, 0), new Member("value", 0, TABLE, 101));

        Thing() {
            super(KINDS.size() + 2);
        }

        private static Shape shapeAt(int index) {
            return switch (index) {
                case 100 -> SHAPE;
                case 101 -> LIST;
                case 102 -> MAP;
                default -> new SimpleShape(KINDS.get(index).name(), KINDS.get(index));
            };
        }

        private static StructShape build() {
            StructShape shape = new StructShape("Thing", Kind.STRUCTURE, new Thing());
            for (int i = 0; i < KINDS.size(); i++) {
                shape.add(new Member("M" + KINDS.get(i), i, TABLE, i).wire("wire" + i));
            }
            return shape.add(new Member("List", KINDS.size(), TABLE, 101))
                    .add(new Member("Map", KINDS.size() + 1, TABLE, 102));
        }

        @Override
        public StructShape shape() {
            return SHAPE;
        }

        @Override
        public Thing fresh() {
            return new Thing();
        }
    }

    record Holder(String name, Thing thing, @Nullable Thing other) {}

    @Test
    void generatedStructuresComeBackAsTheyWent() {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("n", null);
        document.put("list", List.of(1L, 2.5, "x", true, Map.of()));
        Object[] values = {
            "text",
            5,
            6L,
            Double.NaN,
            1.25f,
            true,
            new byte[] {1, 2},
            Instant.parse("2026-01-01T00:00:00.000000001Z"),
            document,
            new BigInteger("123456789012345678901234567890"),
            new BigDecimal("1.10"),
            (short) 3,
            (byte) 4
        };
        Thing inner = new Thing();
        Thing thing = new Thing();
        for (int i = 0; i < values.length; i++) {
            inner.set(i, values[i]);
            thing.set(i, values[i]);
        }
        thing.set(13, new ArrayList<>(Arrays.asList(inner, null)));
        thing.set(14, Map.of("k", List.of(inner)));
        RecordCodec<Holder> codec = RecordCodecs.of(Holder.class);
        byte[] bytes = codec.encode(new Holder("h", thing, null));
        assertThat(new String(bytes, UTF_8)).contains("\"MSTRING\"").doesNotContain("wire0");
        Holder back = codec.decode(1, bytes);
        assertThat(back.thing()).isEqualTo(thing);
        assertThat(back.other()).isNull();
        RecordCodec<Thing> plain = RecordCodecs.struct(new Thing());
        assertThat(plain.decode(1, plain.encode(thing))).isEqualTo(thing);
        assertThat(codec.decode(1, "{\"thing\":{\"Unknown\":[{}],\"MINTEGER\":9}}".getBytes(UTF_8))
                        .thing()
                        .get(1))
                .isEqualTo(9);
    }

    @Test
    void aDocumentOfTheApiIsKeptAsTheModelSaysIt() {
        LifecycleRule rule = new LifecycleRule()
                .id("r")
                .status("Enabled")
                .filter(new LifecycleRuleFilter()
                        .and(new LifecycleRuleAndOperator()
                                .prefix("p/")
                                .tags(List.of(new Tag().key("k").value("v")))))
                .expiration(new LifecycleExpiration().days(3));
        BucketLifecycleConfiguration value = new BucketLifecycleConfiguration().rules(List.of(rule));
        RecordCodec<BucketLifecycleConfiguration> codec = RecordCodecs.of(BucketLifecycleConfiguration.class);
        assertThat(codec.decode(1, codec.encode(value))).isEqualTo(value);
        assertThat(new String(codec.encode(value), UTF_8)).startsWith("{\"Rules\":[{\"Expiration\":{\"Days\":3}");
    }
}
