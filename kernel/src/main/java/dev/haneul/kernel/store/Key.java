package dev.haneul.kernel.store;

/**
 * Where a record lives. Ordered by account, region, then id in UTF-8 byte order.
 *
 * @param account 12 digits; empty for what belongs to no account (S3's bucket names)
 * @param region e.g. {@code us-east-1}; empty for what is global (IAM)
 * @param id unique within its table, account and region; never empty, well-formed Unicode
 */
public record Key(String account, String region, String id) {
    public Key {
        if (id.isEmpty()) {
            throw new IllegalArgumentException("a key needs an id");
        }
        requireUnicode(account);
        requireUnicode(region);
        requireUnicode(id);
    }

    /** Half a surrogate pair has no UTF-8 form: two different ids would be stored as one. */
    static void requireUnicode(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw new IllegalArgumentException("half a surrogate pair at " + i);
                }
                i++;
            }
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
