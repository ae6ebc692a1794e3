package dev.haneul.api.runtime;

/** A map with string keys; its values are {@code java.util.Map}. Key and value are described as members. */
public final class MapShape implements Shape {
    private final String name;
    private final Constraints constraints;
    private final boolean sparse;
    private final Member key;
    private final Member value;

    public MapShape(String name, Constraints constraints, boolean sparse, Member key, Member value) {
        this.name = name;
        this.constraints = constraints;
        this.sparse = sparse;
        this.key = key;
        this.value = value;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Kind kind() {
        return Kind.MAP;
    }

    @Override
    public Constraints constraints() {
        return constraints;
    }

    /** Whether null values are kept. */
    public boolean sparse() {
        return sparse;
    }

    public Member key() {
        return key;
    }

    public Member value() {
        return value;
    }
}
