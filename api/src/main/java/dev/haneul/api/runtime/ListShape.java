package dev.haneul.api.runtime;

/** A list; its values are {@code java.util.List}. The element is described as a member (wire name, formats, target). */
public final class ListShape implements Shape {
    private final String name;
    private final Constraints constraints;
    private final boolean sparse;
    private final Member element;

    /** A list whose element's wire name is {@code element.wireName()} ({@code member} in most XML protocols). */
    public ListShape(String name, Constraints constraints, boolean sparse, Member element) {
        this.name = name;
        this.constraints = constraints;
        this.sparse = sparse;
        this.element = element;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Kind kind() {
        return Kind.LIST;
    }

    @Override
    public Constraints constraints() {
        return constraints;
    }

    /** Whether null elements are kept. */
    public boolean sparse() {
        return sparse;
    }

    public Member element() {
        return element;
    }
}
