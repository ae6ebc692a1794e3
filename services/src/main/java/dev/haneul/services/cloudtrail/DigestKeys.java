package dev.haneul.services.cloudtrail;

import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.cloudtrail.TrailTables.SigningRow;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** The key pairs that sign digests: RSA, one for each region, made anew each year, private halves sealed on disk. */
final class DigestKeys {
    private static final int BITS = 2048;
    private static final Duration GOOD_FOR = Duration.ofDays(365);
    /** What stands before the PKCS #1 key in the X.509 form of a 2048-bit key. */
    private static final int X509_HEADER_BYTES = 24;

    private static final int MOST = 1000;

    private final Store store;
    private final Tokens seal;

    DigestKeys(Store store, Tokens seal) {
        this.store = store;
        this.seal = seal;
    }

    /** A public key and its fingerprint. */
    record Known(String fingerprint, SigningRow row) {}

    /** Every key of a region that was good at some moment between these. */
    List<Known> between(String region, Instant from, Instant to) {
        return store.read(tx -> tx.range(TrailTables.KEYS, new Scope("", region), "", null, MOST)).stream()
                .filter(row ->
                        !row.value().from().isAfter(to) && !row.value().to().isBefore(from))
                .map(row -> new Known(row.key().id(), row.value()))
                .toList();
    }

    /** The key that signs now, made where there is none. */
    Known current(String region, Instant now) {
        Scope scope = new Scope("", region);
        List<Known> good = between(region, now, now);
        if (!good.isEmpty()) {
            return good.getFirst();
        }
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(BITS);
            KeyPair pair = generator.generateKeyPair();
            byte[] x509 = pair.getPublic().getEncoded();
            byte[] pkcs1 = Arrays.copyOfRange(x509, X509_HEADER_BYTES, x509.length);
            String fingerprint =
                    HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(pkcs1));
            String sealed = seal.seal(
                    fingerprint,
                    Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded()));
            SigningRow row = new SigningRow(pkcs1, sealed, now, now.plus(GOOD_FOR));
            return store.transact(tx -> {
                List<Row<SigningRow>> there = tx.range(TrailTables.KEYS, scope, "", null, MOST);
                for (Row<SigningRow> each : there) {
                    if (each.value().to().isAfter(now)) {
                        return new Known(each.key().id(), each.value());
                    }
                }
                tx.put(TrailTables.KEYS, scope.key(fingerprint), row);
                return new Known(fingerprint, row);
            });
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has RSA and MD5", e);
        }
    }

    /** SHA256withRSA over a text, in hexadecimal. */
    String sign(Known key, String text) {
        String sealed = key.row().sealedPrivate();
        byte[] pkcs8 = Base64.getDecoder()
                .decode(seal.open(key.fingerprint(), sealed)
                        .orElseThrow(() -> new IllegalStateException("a digest key does not open")));
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
            signature.update(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign a digest", e);
        }
    }
}
