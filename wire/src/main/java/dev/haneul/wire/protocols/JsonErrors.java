package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Error bodies of the JSON protocols. */
final class JsonErrors {
    private JsonErrors() {}

    /**
     * The error's body: the modelled members, or just a message; {@code __type} in front where the protocol tells the
     * code in the body.
     */
    static byte[] body(
            JsonEncoder encoder,
            @Nullable OperationShape operation,
            ServiceShape service,
            Fault fault,
            @Nullable String type,
            Function<StructShape, HttpBinding> bindings) {
        Struct detail = fault.detail();
        if (detail == null) {
            String key = messageKey(operation, service, fault);
            return encoder.generate(out -> {
                out.writeStartObject();
                if (type != null) {
                    out.writeStringProperty("__type", type);
                }
                out.writeStringProperty(key, fault.message());
                fault.extras().forEach(out::writeStringProperty);
                out.writeEndObject();
            });
        }
        List<Member> members = bindings.apply(detail.shape()).body;
        return encoder.write(detail, members, out -> {
            if (type != null) {
                out.writeStringProperty("__type", type);
            }
            if (unmodelledMessage(fault, detail)) {
                out.writeStringProperty(ServiceQuirks.of(service).messageKey(), fault.message());
            }
            fault.extras().forEach(out::writeStringProperty);
        });
    }

    /** Some models leave the message out of their errors (CloudWatch Logs); the service tells it all the same. */
    static boolean unmodelledMessage(Fault fault, Struct detail) {
        return !fault.message().isEmpty() && detail.shape().members().stream().noneMatch(XmlErrors::isMessage);
    }

    /** How the message is called: as in the declared error of that code, if there is one. */
    private static String messageKey(@Nullable OperationShape operation, ServiceShape service, Fault fault) {
        if (operation != null) {
            for (int i = 0; i < operation.errors().length; i++) {
                StructShape shape = operation.errorShape(i);
                StructShape.ErrorTrait trait = shape.error();
                if (trait != null && trait.code().equals(fault.code())) {
                    for (Member member : shape.members()) {
                        if (XmlErrors.isMessage(member)) {
                            return member.wireName();
                        }
                    }
                }
            }
        }
        return ServiceQuirks.of(service).messageKey();
    }
}
