package dev.haneul.services.iam;

import dev.haneul.kernel.Tokens;

/**
 * Seals what must be read again and must not lie open in the data folder: access keys' secrets, seeds of MFA devices,
 * private keys. Sealed text opens with the context it was sealed in only.
 */
final class Secrets {
    /** How sealed text begins; nothing that was kept in clear by an earlier release does. */
    private static final String MARK = "s1.";

    /** Tokens are short; a longer text is sealed in pieces. */
    private static final int PIECE_CHARS = 4096;

    private final Tokens tokens;

    Secrets(byte[] folderKey) {
        this.tokens = new Tokens(Tokens.derive(folderKey, "iam secrets"));
    }

    /** @param context what it belongs to: the account and what its record never changes */
    String seal(String context, String clear) {
        StringBuilder out = new StringBuilder();
        for (int from = 0; from < clear.length(); from += PIECE_CHARS) {
            String piece = clear.substring(from, Math.min(from + PIECE_CHARS, clear.length()));
            out.append(out.isEmpty() ? MARK : ".").append(tokens.seal(context + "/" + from, piece));
        }
        return out.toString();
    }

    String open(String context, String kept) {
        if (!kept.startsWith(MARK)) {
            return kept;
        }
        StringBuilder out = new StringBuilder();
        for (String piece : kept.substring(MARK.length()).split("\\.", -1)) {
            out.append(tokens.open(context + "/" + out.length(), piece)
                    .orElseThrow(() -> new IllegalStateException("a sealed secret of " + context + " does not open")));
        }
        return out.toString();
    }
}
