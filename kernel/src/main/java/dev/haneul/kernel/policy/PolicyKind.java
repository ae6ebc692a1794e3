package dev.haneul.kernel.policy;

/** Where a policy stands, which decides what its statements must and must not say. */
public enum PolicyKind {
    /** Of a user, group, role, boundary, session or organisation: names resources, never principals. */
    IDENTITY,
    /** Of a role: says who may assume it, and names no resource. */
    TRUST,
    /** Of any other resource: names principals and resources. */
    RESOURCE
}
