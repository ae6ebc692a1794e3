package dev.haneul.services.elbv2;

import dev.haneul.delivery.Json;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.elbv2.ElbTables.SignerRow;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Signs what targets are told of a user: ES256, with one key of the region's, whose public half is served at {@code
 * public-keys.auth.elb.REGION}. As at AWS, the parts of a token are padded.
 */
final class ClaimSigner {
    private static final Scope ALL = new Scope("", "");
    private static final Key KEY = ALL.key("signer");
    private static final String SEALED = "elbv2 signer";
    private static final int LIFE_SECONDS = 120;

    private final Store store;
    private final Tokens tokens;

    ClaimSigner(Store store, Tokens tokens) {
        this.store = store;
        this.tokens = tokens;
    }

    /** The public key of this id, in PEM. */
    Optional<String> published(String id) {
        return store.read(tx -> tx.get(ElbTables.SIGNERS, KEY))
                .map(Row::value)
                .filter(row -> row.id().equals(id))
                .map(SignerRow::published);
    }

    /** A token with a user's claims, good for two minutes. */
    String sign(String balancer, String issuer, String client, Map<String, @Nullable Object> claims, Instant now) {
        SignerRow signer = signer();
        long end = now.getEpochSecond() + LIFE_SECONDS;
        Map<String, @Nullable Object> head = new LinkedHashMap<>();
        head.put("typ", "JWT");
        head.put("kid", signer.id());
        head.put("alg", "ES256");
        head.put("iss", issuer);
        head.put("client", client);
        head.put("signer", balancer);
        head.put("exp", end);
        Map<String, @Nullable Object> body = new LinkedHashMap<>(claims);
        body.put("exp", end);
        body.put("iss", issuer);
        String text = part(Json.write(head)) + "." + part(Json.write(body));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(secret(signer));
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return text + "." + Base64.getUrlEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has ES256", e);
        }
    }

    private static String part(String json) {
        return Base64.getUrlEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private PrivateKey secret(SignerRow signer) throws GeneralSecurityException {
        String plain = tokens.open(SEALED, signer.sealed())
                .orElseThrow(() -> new IllegalStateException("the key that signs claims does not open"));
        return KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(plain)));
    }

    /** The key, made when it is first needed. */
    private SignerRow signer() {
        Optional<SignerRow> known =
                store.read(tx -> tx.get(ElbTables.SIGNERS, KEY)).map(Row::value);
        return known.orElseGet(() -> {
            SignerRow made = made();
            return store.transact(tx -> {
                Optional<SignerRow> other = tx.get(ElbTables.SIGNERS, KEY).map(Row::value);
                if (other.isEmpty()) {
                    tx.put(ElbTables.SIGNERS, KEY, made);
                }
                return other.orElse(made);
            });
        });
    }

    private SignerRow made() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            String sealed = tokens.seal(
                    SEALED, Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded()));
            String pem = "-----BEGIN PUBLIC KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'})
                            .encodeToString(pair.getPublic().getEncoded())
                    + "\n-----END PUBLIC KEY-----\n";
            return new SignerRow(UUID.randomUUID().toString(), sealed, pem);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }
}
