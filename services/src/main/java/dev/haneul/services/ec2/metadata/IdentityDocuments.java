package dev.haneul.services.ec2.metadata;

import dev.haneul.kernel.files.PrivateFile;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Instance identity documents and their signatures, by a key and a certificate of the region's own that lie in its data
 * folder: {@code certificate.pem} is what to verify with. They are made when first needed.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html">Documents</a>
 */
public final class IdentityDocuments {
    private static final int KEY_BITS = 2048;
    private static final Duration LIFE = Duration.ofDays(36_500);
    private static final int LINE_CHARS = 64;
    private static final String ALGORITHM = "SHA256withRSA";

    private final Path folder;
    private final InstantSource clock;
    private @Nullable Signer known;

    private record Signer(PrivateKey key, X509Certificate certificate) {}

    /**
     * Signs with the key of this folder.
     *
     * @param folder exists, and is the region's own
     */
    public IdentityDocuments(Path folder, InstantSource clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /** The document of an instance. */
    static String document(InstanceFacts facts) {
        return """
                {
                  "accountId" : "%s",
                  "architecture" : "%s",
                  "availabilityZone" : "%s",
                  "billingProducts" : null,
                  "devpayProductCodes" : null,
                  "marketplaceProductCodes" : null,
                  "imageId" : "%s",
                  "instanceId" : "%s",
                  "instanceType" : "%s",
                  "kernelId" : null,
                  "pendingTime" : "%s",
                  "privateIp" : "%s",
                  "ramdiskId" : null,
                  "region" : "%s",
                  "version" : "2017-09-30"
                }""".formatted(
                        facts.place().account(),
                        facts.architecture(),
                        facts.place().zone(),
                        facts.imageId(),
                        facts.instanceId(),
                        facts.instanceType(),
                        facts.pendingTime().truncatedTo(ChronoUnit.SECONDS),
                        facts.primary().addresses().getFirst(),
                        facts.place().region());
    }

    /** The document with its signature around it (PKCS #7), in base64 without header lines. */
    String pkcs7(InstanceFacts facts) {
        try {
            Signer signer = signer();
            CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
            generator.addSignerInfoGenerator(
                    new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build())
                            .build(new JcaContentSignerBuilder(ALGORITHM).build(signer.key()), signer.certificate()));
            generator.addCertificates(new JcaCertStore(List.of(signer.certificate())));
            byte[] signed = generator
                    .generate(new CMSProcessableByteArray(bytes(document(facts))), true)
                    .getEncoded();
            return lines(signed);
        } catch (OperatorCreationException | CMSException | CertificateException e) {
            throw new IllegalStateException("an identity document cannot be signed", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The document's bare signature, in base64. */
    String signature(InstanceFacts facts) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(signer().key());
            signature.update(bytes(document(facts)));
            return lines(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("an identity document cannot be signed", e);
        }
    }

    /** The certificate to verify with, in PEM. */
    public String certificate() {
        return pem(signer().certificate());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String lines(byte[] bytes) {
        return Base64.getMimeEncoder(LINE_CHARS, new byte[] {'\n'}).encodeToString(bytes);
    }

    private synchronized Signer signer() {
        Signer there = known;
        if (there == null) {
            try {
                there = Files.exists(folder.resolve("certificate.pem")) ? read() : make();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            known = there;
        }
        return there;
    }

    private Signer read() throws IOException {
        try (PEMParser keys = new PEMParser(new StringReader(Files.readString(folder.resolve("key.pem"))));
                PEMParser certificates =
                        new PEMParser(new StringReader(Files.readString(folder.resolve("certificate.pem"))))) {
            // RSA keys are written by their own standard, in a pair with the public half.
            if (!(keys.readObject() instanceof PEMKeyPair pair)
                    || !(certificates.readObject() instanceof X509CertificateHolder certificate)) {
                throw new IOException("the key of identity documents in " + folder + " cannot be read");
            }
            return new Signer(
                    new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo()),
                    new JcaX509CertificateConverter().getCertificate(certificate));
        } catch (CertificateException e) {
            throw new IOException("the certificate of identity documents in " + folder + " cannot be read", e);
        }
    }

    /** The certificate is written last, so that it is never without its key. */
    private Signer make() throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(KEY_BITS);
            KeyPair pair = generator.generateKeyPair();
            X500Name name = new X500Name("C=US,ST=Washington State,L=Seattle,O=Haneul");
            X509Certificate certificate = new JcaX509CertificateConverter()
                    .getCertificate(new JcaX509v3CertificateBuilder(
                                    name,
                                    BigInteger.valueOf(clock.instant().toEpochMilli()),
                                    Date.from(clock.instant().minus(Duration.ofDays(1))),
                                    Date.from(clock.instant().plus(LIFE)),
                                    name,
                                    pair.getPublic())
                            .build(new JcaContentSignerBuilder(ALGORITHM).build(pair.getPrivate())));
            PrivateKeyInfo key = PrivateKeyInfo.getInstance(pair.getPrivate().getEncoded());
            PrivateFile.write(folder.resolve("key.pem"), bytes(pem(key)));
            PrivateFile.write(folder.resolve("certificate.pem"), bytes(pem(certificate)));
            return new Signer(pair.getPrivate(), certificate);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("no key for identity documents could be made", e);
        }
    }

    private static String pem(Object what) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(what);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
