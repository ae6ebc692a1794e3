package dev.haneul.services.sns;

import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.sns.SnsTables.SignerRow;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Signs what subscribers get. The key is made when it is first needed and lies sealed in the store; its certificate is
 * served at {@code /SimpleNotificationService-<id>.pem}. See "Verifying the signatures of Amazon SNS messages".
 */
final class Signer {
    private static final Key ONE = Key.global("signer");
    private static final String SEALED = "signing key";
    /** What is signed, in this order, of what is there. */
    private static final List<String> NOTIFICATION =
            List.of("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type");

    private static final List<String> CONFIRMATION =
            List.of("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type");

    private final Store store;
    private final Clock clock;
    private final Tokens tokens;
    private volatile @Nullable Identity known;

    private record Identity(String id, PrivateKey key) {}

    Signer(Store store, Clock clock, Tokens tokens) {
        this.store = store;
        this.clock = clock;
        this.tokens = tokens;
    }

    /** The path of the certificate that signatures are verified with. */
    String certificatePath() {
        return "/SimpleNotificationService-" + identity().id + ".pem";
    }

    /** The certificate at a path, in PEM; null where there is none. */
    @Nullable
    String certificate(String path) {
        return store.read(tx -> tx.get(SnsTables.SIGNER, ONE))
                .map(Row::value)
                .filter(row -> path.equals("/SimpleNotificationService-" + row.id() + ".pem"))
                .map(SignerRow::certificate)
                .orElse(null);
    }

    /**
     * A message's signature, in base64.
     *
     * @param version 1 for SHA1, 2 for SHA256
     */
    String sign(Map<String, @Nullable Object> message, String version) {
        List<String> fields = "Notification".equals(message.get("Type")) ? NOTIFICATION : CONFIRMATION;
        StringBuilder text = new StringBuilder();
        for (String name : fields) {
            Object value = message.get(name);
            if (value != null) {
                text.append(name).append('\n').append(value).append('\n');
            }
        }
        try {
            Signature signature = Signature.getInstance(version.equals("2") ? "SHA256withRSA" : "SHA1withRSA");
            signature.initSign(identity().key);
            signature.update(text.toString().getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a message cannot be signed", e);
        }
    }

    private Identity identity() {
        Identity there = known;
        if (there != null) {
            return there;
        }
        SignerRow row =
                store.read(tx -> tx.get(SnsTables.SIGNER, ONE)).map(Row::value).orElse(null);
        if (row == null) {
            SignerRow made = make();
            row = store.transact(tx -> {
                SignerRow first = tx.get(SnsTables.SIGNER, ONE).map(Row::value).orElse(null);
                if (first == null) {
                    tx.put(SnsTables.SIGNER, ONE, made);
                }
                return first == null ? made : first;
            });
        }
        String sealed = row.sealedKey();
        byte[] pkcs8 = Base64.getDecoder()
                .decode(tokens.open(SEALED, sealed)
                        .orElseThrow(() -> new IllegalStateException("the signing key is of another data folder")));
        try {
            PrivateKey key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            Identity identity = new Identity(row.id(), key);
            known = identity;
            return identity;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the signing key cannot be read", e);
        }
    }

    private SignerRow make() {
        SigningIdentity made = SigningIdentity.make(clock.instant());
        String sealed = tokens.seal(SEALED, Base64.getEncoder().encodeToString(made.privateKey()));
        return new SignerRow(UUID.randomUUID().toString().replace("-", ""), sealed, made.certificate());
    }
}
