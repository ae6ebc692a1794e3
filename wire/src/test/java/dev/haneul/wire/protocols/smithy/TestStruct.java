package dev.haneul.wire.protocols.smithy;

import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;

/** A struct of any shape: what the generator would write a class for. */
public final class TestStruct extends Struct {
    private final Holder holder;

    private static final class Holder {
        private StructShape shape;
    }

    private TestStruct(Holder holder, int members) {
        super(members);
        this.holder = holder;
    }

    /** A new shape, to be filled with members, whose values are of this class. */
    public static StructShape shape(String name, Kind kind) {
        Holder holder = new Holder();
        StructShape shape = new StructShape(name, kind, new TestStruct(holder, 0));
        holder.shape = shape;
        return shape;
    }

    @Override
    public StructShape shape() {
        return holder.shape;
    }

    @Override
    public Struct fresh() {
        return new TestStruct(holder, holder.shape.members().size());
    }
}
