package dev.haneul.wire.protocols.smithy;

import dev.haneul.api.runtime.Constraints;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.Location;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Shape;
import dev.haneul.api.runtime.ShapeTable;
import dev.haneul.api.runtime.SimpleShape;
import dev.haneul.api.runtime.StructShape;
import dev.haneul.api.runtime.TimestampFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.smithy.aws.traits.ServiceTrait;
import software.amazon.smithy.aws.traits.customizations.S3UnwrappedXmlOutputTrait;
import software.amazon.smithy.aws.traits.protocols.AwsQueryErrorTrait;
import software.amazon.smithy.aws.traits.protocols.Ec2QueryNameTrait;
import software.amazon.smithy.model.Model;
import software.amazon.smithy.model.shapes.MemberShape;
import software.amazon.smithy.model.shapes.ShapeId;
import software.amazon.smithy.model.shapes.ShapeType;
import software.amazon.smithy.model.traits.DefaultTrait;
import software.amazon.smithy.model.traits.EnumTrait;
import software.amazon.smithy.model.traits.ErrorTrait;
import software.amazon.smithy.model.traits.EventHeaderTrait;
import software.amazon.smithy.model.traits.EventPayloadTrait;
import software.amazon.smithy.model.traits.HttpErrorTrait;
import software.amazon.smithy.model.traits.HttpHeaderTrait;
import software.amazon.smithy.model.traits.HttpLabelTrait;
import software.amazon.smithy.model.traits.HttpPayloadTrait;
import software.amazon.smithy.model.traits.HttpPrefixHeadersTrait;
import software.amazon.smithy.model.traits.HttpQueryParamsTrait;
import software.amazon.smithy.model.traits.HttpQueryTrait;
import software.amazon.smithy.model.traits.HttpResponseCodeTrait;
import software.amazon.smithy.model.traits.HttpTrait;
import software.amazon.smithy.model.traits.IdempotencyTokenTrait;
import software.amazon.smithy.model.traits.InternalTrait;
import software.amazon.smithy.model.traits.JsonNameTrait;
import software.amazon.smithy.model.traits.LengthTrait;
import software.amazon.smithy.model.traits.MediaTypeTrait;
import software.amazon.smithy.model.traits.PatternTrait;
import software.amazon.smithy.model.traits.RangeTrait;
import software.amazon.smithy.model.traits.RequiredTrait;
import software.amazon.smithy.model.traits.SensitiveTrait;
import software.amazon.smithy.model.traits.SparseTrait;
import software.amazon.smithy.model.traits.StreamingTrait;
import software.amazon.smithy.model.traits.TimestampFormatTrait;
import software.amazon.smithy.model.traits.UniqueItemsTrait;
import software.amazon.smithy.model.traits.XmlAttributeTrait;
import software.amazon.smithy.model.traits.XmlFlattenedTrait;
import software.amazon.smithy.model.traits.XmlNameTrait;
import software.amazon.smithy.model.traits.XmlNamespaceTrait;

/** One Smithy service as our schema, as seen through one protocol: what importer and generator do for AWS's models. */
final class SmithyModels implements ShapeTable {
    private final Model model;
    private final software.amazon.smithy.model.shapes.ServiceShape source;
    private final Protocol protocol;
    private final List<Shape> shapes = new ArrayList<>();
    private final List<Runnable> later = new ArrayList<>();
    private final Map<String, Integer> indexes = new HashMap<>();
    private final ServiceShape service;

    SmithyModels(Model model, software.amazon.smithy.model.shapes.ServiceShape source, Protocol protocol) {
        this.model = model;
        this.source = source;
        this.protocol = protocol;
        this.service = new ServiceShape(facts(), this);
        List<ShapeId> operations = new ArrayList<>(source.getAllOperations());
        operations.sort(null);
        for (ShapeId id : operations) {
            service.add(operation(model.expectShape(id, software.amazon.smithy.model.shapes.OperationShape.class)));
        }
        while (!later.isEmpty()) {
            List<Runnable> now = List.copyOf(later);
            later.clear();
            now.forEach(Runnable::run);
        }
    }

    ServiceShape service() {
        return service;
    }

    /** The shape of a Smithy structure that some operation reaches. */
    StructShape struct(ShapeId id) {
        return (StructShape) at(index(id.toString(), model.expectShape(id), null));
    }

    @Override
    public Shape at(int index) {
        return shapes.get(index);
    }

    private ServiceShape.Facts facts() {
        String id = source.getId().getNamespace().equals("com.amazonaws.s3")
                ? "s3"
                : source.getId().toString();
        return new ServiceShape.Facts(
                id,
                source.getTrait(ServiceTrait.class).map(ServiceTrait::getSdkId).orElse(id),
                "test",
                "test",
                source.getVersion(),
                List.of(protocol),
                protocol == Protocol.AWS_JSON_1_0 || protocol == Protocol.AWS_JSON_1_1
                        ? source.getId().getName()
                        : null,
                source.getTrait(XmlNamespaceTrait.class)
                        .map(XmlNamespaceTrait::getUri)
                        .orElse(null),
                false,
                false);
    }

    private OperationShape operation(software.amazon.smithy.model.shapes.OperationShape operation) {
        boolean rest = protocol == Protocol.REST_XML || protocol == Protocol.REST_JSON_1;
        Optional<HttpTrait> http = operation.getTrait(HttpTrait.class).filter(t -> rest);
        String name = operation.getId().getName();
        return new OperationShape(
                service,
                service.operations().size(),
                name,
                http.map(HttpTrait::getMethod).orElse("POST"),
                http.map(t -> t.getUri().toString()).orElse("/"),
                http.map(HttpTrait::getCode).orElse(200),
                null,
                index(operation.getInputShape()),
                index(operation.getOutputShape()),
                operation.getErrors().stream().mapToInt(this::index).toArray(),
                protocol == Protocol.AWS_QUERY ? name + "Result" : null,
                null,
                operation.hasTrait(S3UnwrappedXmlOutputTrait.class)
                        ? Set.of(OperationShape.Trait.UNWRAPPED_OUTPUT)
                        : Set.of());
    }

    private int index(ShapeId id) {
        return index(id.toString(), model.expectShape(id), null);
    }

    /** The place of a shape; {@code member} is given where its traits override the target's constraints. */
    private int index(String key, software.amazon.smithy.model.shapes.Shape shape, MemberShape member) {
        Integer known = indexes.get(key);
        if (known != null) {
            return known;
        }
        int index = shapes.size();
        indexes.put(key, index);
        shapes.add(null);
        shapes.set(index, convert(shape, member));
        return index;
    }

    private Shape convert(software.amazon.smithy.model.shapes.Shape shape, MemberShape member) {
        String name = shape.getId().getName();
        boolean sparse = shape.hasTrait(SparseTrait.class);
        return switch (shape.getType()) {
            case LIST, SET ->
                new ListShape(
                        name,
                        constraints(shape, member),
                        sparse,
                        member(shape.asListShape().orElseThrow().getMember(), 0, "member"));
            case MAP ->
                new MapShape(
                        name,
                        constraints(shape, member),
                        sparse,
                        member(shape.asMapShape().orElseThrow().getKey(), 0, "key"),
                        member(shape.asMapShape().orElseThrow().getValue(), 0, "value"));
            case STRUCTURE, UNION -> struct(shape, name);
            default ->
                new SimpleShape(
                        name,
                        kind(shape),
                        constraints(shape, member),
                        shape.getTrait(TimestampFormatTrait.class)
                                .map(SmithyModels::format)
                                .orElse(null));
        };
    }

    private StructShape struct(software.amazon.smithy.model.shapes.Shape shape, String name) {
        Kind kind = shape.getType() == ShapeType.STRUCTURE ? Kind.STRUCTURE : Kind.UNION;
        if (shape.hasTrait(StreamingTrait.class)) {
            kind = Kind.EVENT_STREAM;
        }
        StructShape made = TestStruct.shape(name, kind);
        shape.getTrait(XmlNameTrait.class).ifPresent(t -> made.xml(t.getValue()));
        shape.getTrait(XmlNamespaceTrait.class)
                .ifPresent(t -> made.namespace(t.getUri(), t.getPrefix().orElse(null)));
        shape.getTrait(ErrorTrait.class).ifPresent(t -> made.error(error(shape, t)));
        later.add(() -> {
            for (MemberShape member : shape.members()) {
                made.add(member(member, made.members().size(), member.getMemberName()));
            }
        });
        return made;
    }

    private StructShape.ErrorTrait error(software.amazon.smithy.model.shapes.Shape shape, ErrorTrait trait) {
        int fallback = trait.getDefaultHttpStatusCode();
        Optional<AwsQueryErrorTrait> query = shape.getTrait(AwsQueryErrorTrait.class);
        int status = shape.getTrait(HttpErrorTrait.class)
                .map(HttpErrorTrait::getCode)
                .orElse(fallback);
        String code = shape.getId().getName();
        if (protocol == Protocol.AWS_QUERY && query.isPresent()) {
            code = query.get().getCode();
            status = query.get().getHttpResponseCode();
        }
        return new StructShape.ErrorTrait(code, null, status, trait.isClientError());
    }

    private Member member(MemberShape member, int index, String defaultName) {
        software.amazon.smithy.model.shapes.Shape target = model.expectShape(member.getTarget());
        Member made = new Member(member.getMemberName(), index, this, target(member, target));
        made.wire(wireName(member, target, defaultName));
        bind(member, made);
        member.getTrait(Ec2QueryNameTrait.class).ifPresent(t -> made.ec2(t.getValue()));
        member.getTrait(XmlNamespaceTrait.class)
                .ifPresent(t -> made.namespace(t.getUri(), t.getPrefix().orElse(null)));
        member.getTrait(TimestampFormatTrait.class).ifPresent(t -> made.format(format(t)));
        target.getTrait(MediaTypeTrait.class).ifPresent(t -> {
            made.media(t.getValue());
            if (made.location() == Location.HEADER) {
                made.with(Member.Flag.JSON_VALUE);
            }
        });
        flag(member.hasTrait(RequiredTrait.class), made, Member.Flag.REQUIRED);
        flag(member.hasTrait(XmlFlattenedTrait.class), made, Member.Flag.FLATTENED);
        flag(member.hasTrait(XmlAttributeTrait.class), made, Member.Flag.XML_ATTRIBUTE);
        flag(member.hasTrait(IdempotencyTokenTrait.class), made, Member.Flag.IDEMPOTENCY_TOKEN);
        flag(member.hasTrait(EventHeaderTrait.class), made, Member.Flag.EVENT_HEADER);
        flag(member.hasTrait(EventPayloadTrait.class), made, Member.Flag.EVENT_PAYLOAD);
        flag(target.hasTrait(UniqueItemsTrait.class), made, Member.Flag.UNIQUE_ITEMS);
        Optional<DefaultTrait> fallback =
                member.getTrait(DefaultTrait.class).filter(t -> !t.toNode().isNullNode());
        fallback.ifPresent(t -> later.add(() -> made.defaulting(Values.ofDefault(made, t.toNode()))));
        return made;
    }

    private int target(MemberShape member, software.amazon.smithy.model.shapes.Shape target) {
        boolean overrides = member.hasTrait(LengthTrait.class)
                || member.hasTrait(PatternTrait.class)
                || member.hasTrait(RangeTrait.class);
        return overrides
                ? index(member.getId().toString(), target, member)
                : index(target.getId().toString(), target, null);
    }

    private static void flag(boolean set, Member member, Member.Flag flag) {
        if (set) {
            member.with(flag);
        }
    }

    private String wireName(MemberShape member, software.amazon.smithy.model.shapes.Shape target, String defaultName) {
        return switch (protocol) {
            case REST_JSON_1 ->
                member.getTrait(JsonNameTrait.class)
                        .map(JsonNameTrait::getValue)
                        .orElse(defaultName);
            case REST_XML, AWS_QUERY, EC2_QUERY -> {
                Optional<String> own = member.getTrait(XmlNameTrait.class).map(XmlNameTrait::getValue);
                boolean payload = member.hasTrait(HttpPayloadTrait.class) && protocol == Protocol.REST_XML;
                String fallback = payload && target.getType() != ShapeType.BLOB
                        ? target.getTrait(XmlNameTrait.class)
                                .map(XmlNameTrait::getValue)
                                .orElse(target.getId().getName())
                        : defaultName;
                yield own.orElse(fallback);
            }
            default -> defaultName;
        };
    }

    private void bind(MemberShape member, Member made) {
        if (protocol != Protocol.REST_XML && protocol != Protocol.REST_JSON_1) {
            return;
        }
        member.getTrait(HttpHeaderTrait.class).ifPresent(t -> made.at(Location.HEADER, t.getValue()));
        member.getTrait(HttpPrefixHeadersTrait.class).ifPresent(t -> made.at(Location.PREFIX_HEADERS, t.getValue()));
        member.getTrait(HttpQueryTrait.class).ifPresent(t -> made.at(Location.QUERY, t.getValue()));
        member.getTrait(HttpQueryParamsTrait.class).ifPresent(t -> made.at(Location.QUERY_PARAMS, made.name()));
        member.getTrait(HttpLabelTrait.class).ifPresent(t -> made.at(Location.URI, made.name()));
        member.getTrait(HttpResponseCodeTrait.class).ifPresent(t -> made.at(Location.STATUS_CODE, made.name()));
        member.getTrait(HttpPayloadTrait.class).ifPresent(t -> made.at(Location.PAYLOAD, made.wireName()));
    }

    private static Kind kind(software.amazon.smithy.model.shapes.Shape shape) {
        return switch (shape.getType()) {
            case BLOB -> shape.hasTrait(StreamingTrait.class) ? Kind.STREAM : Kind.BLOB;
            case ENUM -> Kind.STRING;
            case INT_ENUM -> Kind.INTEGER;
            default -> Kind.valueOf(shape.getType().name());
        };
    }

    private static TimestampFormat format(TimestampFormatTrait trait) {
        return switch (trait.getFormat()) {
            case DATE_TIME -> TimestampFormat.DATE_TIME;
            case HTTP_DATE -> TimestampFormat.HTTP_DATE;
            default -> TimestampFormat.EPOCH_SECONDS;
        };
    }

    private static Constraints constraints(software.amazon.smithy.model.shapes.Shape shape, MemberShape member) {
        Optional<LengthTrait> length = trait(shape, member, LengthTrait.class);
        Optional<RangeTrait> range = trait(shape, member, RangeTrait.class);
        Long min = length.flatMap(LengthTrait::getMin)
                .or(() -> range.flatMap(RangeTrait::getMin).map(Number::longValue))
                .orElse(null);
        Long max = length.flatMap(LengthTrait::getMax)
                .or(() -> range.flatMap(RangeTrait::getMax).map(Number::longValue))
                .orElse(null);
        String pattern = trait(shape, member, PatternTrait.class)
                .map(PatternTrait::getValue)
                .orElse(null);
        return new Constraints(min, max, pattern, values(shape), shape.hasTrait(SensitiveTrait.class));
    }

    /** Enum values but the internal ones, which the messages of servers do not tell. */
    private static List<String> values(software.amazon.smithy.model.shapes.Shape shape) {
        if (shape.asEnumShape().isPresent()) {
            return shape.asEnumShape().get().members().stream()
                    .filter(m -> !m.hasTrait(InternalTrait.class))
                    .map(m -> m.expectTrait(software.amazon.smithy.model.traits.EnumValueTrait.class)
                            .expectStringValue())
                    .toList();
        }
        return shape.getTrait(EnumTrait.class)
                .map(t -> t.getValues().stream()
                        .filter(d -> !d.hasTag("internal"))
                        .map(software.amazon.smithy.model.traits.EnumDefinition::getValue)
                        .toList())
                .orElse(List.of());
    }

    private static <T extends software.amazon.smithy.model.traits.Trait> Optional<T> trait(
            software.amazon.smithy.model.shapes.Shape shape, MemberShape member, Class<T> type) {
        return (member == null ? Optional.<T>empty() : member.getTrait(type)).or(() -> shape.getTrait(type));
    }
}
