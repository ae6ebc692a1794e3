package dev.haneul.fabric.vpc;

/** Names of the way out for sandboxes outside every VPC. */
final class OutsideRouter {
    private OutsideRouter() {}

    static String namespace(Names names) {
        return names.namespace("outside");
    }
}
