package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.util.List;
import java.util.function.Function;

/** The parts of an error that the XML protocols share. */
final class XmlErrors {
    private XmlErrors() {}

    /** {@code <Error>} with type, code, message and whatever the model or the service adds. */
    static void error(
            XmlText out, String code, Fault fault, XmlEncoder encoder, Function<StructShape, HttpBinding> bindings) {
        out.start("Error").element("Type", fault.sender() ? "Sender" : "Receiver");
        codeAndMessage(out, code, fault);
        members(out, fault, encoder, bindings);
        out.end("Error");
    }

    /** Code and message. */
    static void codeAndMessage(XmlText out, String code, Fault fault) {
        out.element("Code", code);
        if (!fault.message().isEmpty() || fault.detail() == null) {
            out.element("Message", fault.message());
        }
    }

    /** The modelled members but the message, then the extras. */
    static void members(XmlText out, Fault fault, XmlEncoder encoder, Function<StructShape, HttpBinding> bindings) {
        Struct detail = fault.detail();
        if (detail != null) {
            List<Member> rest = bindings.apply(detail.shape()).body.stream()
                    .filter(member -> !isMessage(member))
                    .toList();
            encoder.content(out, detail, rest);
        }
        fault.extras().forEach(out::element);
    }

    /** The headers that the error's members and the service add. */
    static void headers(Fault fault, Function<StructShape, HttpBinding> bindings, Headers into) {
        Struct detail = fault.detail();
        if (detail != null) {
            HttpResponses.headers(bindings.apply(detail.shape()), detail, into);
        }
        fault.headers().forEach(into::set);
    }

    /** Whether the member is the error's message, which stands for itself. */
    static boolean isMessage(Member member) {
        return member.name().equalsIgnoreCase("message");
    }
}
