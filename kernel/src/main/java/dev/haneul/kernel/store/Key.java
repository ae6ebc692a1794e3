package dev.haneul.kernel.store;

/**
 * Where a record lives. Ordered by account, region, then id in UTF-8 byte order.
 *
 * @param account 12 digits; empty for what belongs to no account (S3's bucket names)
 * @param region e.g. {@code us-east-1}; empty for what is global (IAM)
 * @param id unique within its table, account and region; never empty
 */
public record Key(String account, String region, String id) {
    public Key {
        if (id.isEmpty()) {
            throw new IllegalArgumentException("a key needs an id");
        }
    }

    /** The key of something that belongs to no account and no region. */
    public static Key global(String id) {
        return new Key("", "", id);
    }

    /** The account and region. */
    public Scope scope() {
        return new Scope(account, region);
    }
}
