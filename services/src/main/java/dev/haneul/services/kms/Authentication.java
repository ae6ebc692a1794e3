package dev.haneul.services.kms;

import dev.haneul.api.kms.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.services.kms.Keys.Found;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.KeyAgreement;
import org.jspecify.annotations.Nullable;

/** What is done with keys that sign, make MACs or agree on secrets. */
final class Authentication {
    private final Keys keys;
    private final Materials materials;
    private final Signing signing;

    Authentication(Keys keys, Materials materials) {
        this.keys = keys;
        this.materials = materials;
        this.signing = new Signing(materials);
    }

    SignResponse sign(SignRequest in, Call call) {
        Found found = signer(in.keyId(), in.signingAlgorithm(), "Sign", call);
        boolean digest = digest(in.messageType());
        Encryption.dry(in.dryRun());
        return new SignResponse()
                .keyId(found.arn())
                .signature(signing.sign(found.row(), in.message(), digest, in.signingAlgorithm()))
                .signingAlgorithm(in.signingAlgorithm());
    }

    VerifyResponse verify(VerifyRequest in, Call call) {
        Found found = signer(in.keyId(), in.signingAlgorithm(), "Verify", call);
        boolean digest = digest(in.messageType());
        Encryption.dry(in.dryRun());
        if (!signing.verify(found.row(), in.message(), digest, in.signingAlgorithm(), in.signature())) {
            throw Fault.of(new KMSInvalidSignatureException(), "");
        }
        return new VerifyResponse().keyId(found.arn()).signatureValid(true).signingAlgorithm(in.signingAlgorithm());
    }

    private Found signer(String keyId, String algorithm, String operation, Call call) {
        Found found = keys.find(keyId, call).usable().for_(KeySpecs.SIGN, operation);
        String spec = found.row().nature().spec();
        if (!KeySpecs.signatures(spec, KeySpecs.SIGN).contains(algorithm)) {
            throw KmsFaults.algorithm(algorithm, spec);
        }
        return found;
    }

    private static boolean digest(@Nullable String type) {
        if ("EXTERNAL_MU".equals(type)) {
            throw KmsFaults.unsupported("The message type EXTERNAL_MU is not supported.");
        }
        return "DIGEST".equals(type);
    }

    GenerateMacResponse mac(GenerateMacRequest in, Call call) {
        Found found = macKey(in.keyId(), in.macAlgorithm(), "GenerateMac", call);
        Encryption.dry(in.dryRun());
        return new GenerateMacResponse()
                .keyId(found.arn())
                .mac(signing.mac(found.row(), in.message(), in.macAlgorithm()))
                .macAlgorithm(in.macAlgorithm());
    }

    VerifyMacResponse verifyMac(VerifyMacRequest in, Call call) {
        Found found = macKey(in.keyId(), in.macAlgorithm(), "VerifyMac", call);
        Encryption.dry(in.dryRun());
        if (!MessageDigest.isEqual(signing.mac(found.row(), in.message(), in.macAlgorithm()), in.mac())) {
            throw Fault.of(new KMSInvalidMacException(), "");
        }
        return new VerifyMacResponse().keyId(found.arn()).macValid(true).macAlgorithm(in.macAlgorithm());
    }

    private Found macKey(String keyId, String algorithm, String operation, Call call) {
        Found found = keys.find(keyId, call).usable().for_(KeySpecs.MAC, operation);
        String spec = found.row().nature().spec();
        if (!KeySpecs.macs(spec).contains(algorithm)) {
            throw KmsFaults.algorithm(algorithm, spec);
        }
        return found;
    }

    GetPublicKeyResponse publicKey(GetPublicKeyRequest in, Call call) {
        Found found = keys.find(in.keyId(), call).usable();
        String spec = found.row().nature().spec();
        String usage = found.row().nature().usage();
        if (!KeySpecs.asymmetric(spec)) {
            throw KmsFaults.unsupported(found.arn() + " key spec is " + spec + " which is not valid for GetPublicKey.");
        }
        return new GetPublicKeyResponse()
                .keyId(found.arn())
                .publicKey(found.row().material().publicKey())
                .customerMasterKeySpec(spec)
                .keySpec(spec)
                .keyUsage(usage)
                .encryptionAlgorithms(Keys.orNull(KeySpecs.encryptions(spec, usage)))
                .signingAlgorithms(Keys.orNull(KeySpecs.signatures(spec, usage)))
                .keyAgreementAlgorithms(Keys.orNull(KeySpecs.agreements(usage)));
    }

    DeriveSharedSecretResponse agree(DeriveSharedSecretRequest in, Call call) {
        Encryption.refuse(in.recipient());
        Found found = keys.find(in.keyId(), call).usable().for_(KeySpecs.AGREE, "DeriveSharedSecret");
        Encryption.dry(in.dryRun());
        String spec = found.row().nature().spec();
        try {
            KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
            agreement.init(
                    materials.privateKey(found.row().id(), spec, found.row().material()));
            agreement.doPhase(Materials.publicKey(spec, in.publicKey()), true);
            return new DeriveSharedSecretResponse()
                    .keyId(found.arn())
                    .sharedSecret(agreement.generateSecret())
                    .keyAgreementAlgorithm("ECDH")
                    .keyOrigin(found.row().nature().origin());
        } catch (GeneralSecurityException e) {
            throw KmsFaults.validation("The public key is not valid for the key spec " + spec + ".");
        }
    }
}
