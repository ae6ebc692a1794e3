package dev.haneul.kernel.store;

/** An account's share of a region; either may be empty as in {@link Key}. */
public record Scope(String account, String region) {
    public static final Scope GLOBAL = new Scope("", "");

    /** The key of this id here. */
    public Key key(String id) {
        return new Key(account, region, id);
    }
}
