package dev.haneul.services.kms;

import dev.haneul.api.kms.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.kms.Keys.Found;
import dev.haneul.services.kms.KmsTables.Material;
import dev.haneul.services.kms.KmsTables.Schedule;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import javax.crypto.Cipher;

/**
 * Key material of the customer's own making, for symmetric and HMAC keys. The import token carries the wrapping key's
 * private half, sealed: nothing is kept between the two calls.
 */
final class Imports {
    private static final Duration GOOD_FOR = Duration.ofHours(24);

    private final Clock clock;
    private final Keys keys;
    private final Materials materials;
    private final Tokens tokens;
    private final Consumer<Key> wake;

    Imports(Clock clock, Keys keys, Materials materials, Tokens tokens, Consumer<Key> wake) {
        this.clock = clock;
        this.keys = keys;
        this.materials = materials;
        this.tokens = tokens;
        this.wake = wake;
    }

    GetParametersForImportResponse parameters(GetParametersForImportRequest in, Call call) {
        Found found = importable(in.keyId(), call);
        if (!in.wrappingAlgorithm().startsWith("RSAES_OAEP_SHA_") || !KeySpecs.isRsa(in.wrappingKeySpec())) {
            throw KmsFaults.unsupported("The wrapping algorithm " + in.wrappingAlgorithm() + " with a "
                    + in.wrappingKeySpec() + " key is not supported.");
        }
        KeyPair pair = Materials.pair(in.wrappingKeySpec());
        Instant until = clock.instant().plus(GOOD_FOR);
        String content = until.toEpochMilli() + " " + in.wrappingAlgorithm() + " "
                + Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded());
        return new GetParametersForImportResponse()
                .keyId(found.arn())
                .importToken(tokens.seal("import " + found.arn(), content).getBytes(StandardCharsets.US_ASCII))
                .publicKey(pair.getPublic().getEncoded())
                .parametersValidTo(until);
    }

    private Found importable(String id, Call call) {
        Found found = keys.find(id, call).customers().notPendingDeletion();
        if (!found.row().nature().origin().equals("EXTERNAL")
                || KeySpecs.asymmetric(found.row().nature().spec())) {
            throw KmsFaults.unsupported(found.arn() + " origin is "
                    + found.row().nature().origin() + " which is not valid for this operation.");
        }
        return found;
    }

    ImportKeyMaterialResponse take(ImportKeyMaterialRequest in, Call call) {
        Found found = importable(in.keyId(), call);
        boolean expires = in.expirationModel() == null || in.expirationModel().equals("KEY_MATERIAL_EXPIRES");
        if (expires == (in.validTo() == null)) {
            throw KmsFaults.validation("A validTo date must be set if and only if the key material expires.");
        }
        if (in.validTo() != null && !in.validTo().isAfter(clock.instant())) {
            throw KmsFaults.validation("The validTo date must be in the future.");
        }
        byte[] secret = unwrap(in, found);
        if (secret.length != KeySpecs.secretBytes(found.row().nature().spec())) {
            throw Fault.of(
                    new IncorrectKeyMaterialException(),
                    "The key material has the wrong length for the key" + " spec "
                            + found.row().nature().spec() + ".");
        }
        Material made = materials.imported(found.row().id(), secret, clock.instant());
        keys.change(found.key(), row -> {
            if (!row.firstMaterial().isEmpty() && !row.firstMaterial().equals(made.id())) {
                throw Fault.of(
                        new IncorrectKeyMaterialException(),
                        "The key material is not the one that was imported into this key before.");
            }
            return row.imported(made).at(new Schedule(null, null, null, null, in.validTo()));
        });
        wake.accept(found.key());
        return new ImportKeyMaterialResponse().keyId(found.arn()).keyMaterialId(made.id());
    }

    private byte[] unwrap(ImportKeyMaterialRequest in, Found found) {
        String token = new String(in.importToken(), StandardCharsets.US_ASCII);
        String[] parts = tokens.open("import " + found.arn(), token)
                .orElseThrow(() -> Fault.of(new InvalidImportTokenException(), "The import token is not valid."))
                .split(" ", 3);
        if (Instant.ofEpochMilli(Long.parseLong(parts[0])).isBefore(clock.instant())) {
            throw Fault.of(new ExpiredImportTokenException(), "The import token has expired.");
        }
        try {
            PrivateKey key = KeyFactory.getInstance("RSA")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(parts[2])));
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
            cipher.init(Cipher.DECRYPT_MODE, key, Sealing.oaep(parts[1]));
            return cipher.doFinal(in.encryptedKeyMaterial());
        } catch (GeneralSecurityException e) {
            throw KmsFaults.badCiphertext();
        }
    }

    DeleteImportedKeyMaterialResponse forget(DeleteImportedKeyMaterialRequest in, Call call) {
        Found found = importable(in.keyId(), call);
        keys.change(found.key(), row -> row.withMaterials(List.of()).at(Schedule.NONE));
        return new DeleteImportedKeyMaterialResponse().keyId(found.arn());
    }
}
