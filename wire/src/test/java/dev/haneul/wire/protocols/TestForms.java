package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.TimestampFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes structs as Query forms, as a client does. */
final class TestForms {
    private static final SimpleText.Style STYLE = new SimpleText.Style(TimestampFormat.DATE_TIME, false, false);

    private final boolean ec2;
    private final StringBuilder out = new StringBuilder("Action=Op&Version=1");

    private TestForms(boolean ec2) {
        this.ec2 = ec2;
    }

    static String of(Struct struct, boolean ec2) {
        TestForms forms = new TestForms(ec2);
        forms.members("", struct);
        return forms.out.toString();
    }

    private void members(String prefix, Struct struct) {
        boolean none = true;
        for (Member member : struct.shape().members()) {
            Object value = struct.get(member.index());
            if (value != null) {
                none = false;
                value(prefix + (prefix.isEmpty() ? "" : ".") + name(member), member, value);
            }
        }
        if (none && !prefix.isEmpty()) {
            parameter(prefix, "");
        }
    }

    private String name(Member member) {
        String name = member.xmlName();
        return ec2 ? name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1) : name;
    }

    private void value(String name, Member member, Object value) {
        switch (value) {
            case Struct struct -> members(name, struct);
            case List<?> list -> {
                Member element = ((ListShape) member.shape()).element();
                String each = member.is(Member.Flag.FLATTENED) ? name : name + "." + element.xmlName();
                for (int i = 0; i < list.size(); i++) {
                    value(each + "." + (i + 1), element, list.get(i));
                }
                if (list.isEmpty()) {
                    parameter(name, "");
                }
            }
            case Map<?, ?> map -> {
                MapShape shape = (MapShape) member.shape();
                String each = member.is(Member.Flag.FLATTENED) ? name : name + ".entry";
                int i = 0;
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    i++;
                    parameter(each + "." + i + "." + shape.key().xmlName(), (String) entry.getKey());
                    value(each + "." + i + "." + shape.value().xmlName(), shape.value(), entry.getValue());
                }
                if (map.isEmpty()) {
                    parameter(name, "");
                }
            }
            default -> parameter(name, SimpleText.format(member, value, STYLE));
        }
    }

    private void parameter(String name, String value) {
        out.append('&').append(Percent.encode(name, false)).append('=').append(Percent.encode(value, false));
    }
}
