package dev.haneul.wire.tls;

import dev.haneul.kernel.certificates.CertificateIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of a region, in a folder: {@code ca.pem} and {@code ca-key.pem}, {@code server.pem} (the chain) and
 * {@code server-key.pem}. Keys are readable by their owner alone.
 *
 * <p>The server's certificate is made anew where it ends within a month, was signed by another authority, or lacks a
 * name. The real clock counts here, not the region's: clients check against theirs.
 */
public final class Certificates implements CertificateIssuer {
    private static final Duration RENEW_BEFORE = Duration.ofDays(30);
    private static final String KEY_ALIAS = "haneul";

    private final Path folder;
    private final List<String> names;
    private final InstantSource clock;

    /**
     * Certificates kept in a folder.
     *
     * @param names DNS names and IP addresses the server answers to; wildcards allowed
     */
    public Certificates(Path folder, List<String> names, InstantSource clock) {
        this.folder = folder;
        this.names = List.copyOf(names);
        this.clock = clock;
    }

    /** The authority's certificate: what a user trusts. */
    public Path authorityFile() {
        return folder.resolve("ca.pem");
    }

    /**
     * Makes what is missing or too old, and nothing where all is well.
     *
     * @throws IOException where the folder cannot be read or written
     */
    public synchronized void prepare() throws IOException {
        Identity authority = authority();
        Identity server = read("server");
        if (server == null || endsSoon(server.chain.getFirst()) || !fits(server, authority)) {
            write("server", Issuer.server(authority, names, clock.instant()));
        }
    }

    /** The authority, made where it is missing; one at a time in this process, for several may ask at the start. */
    private Identity authority() throws IOException {
        synchronized (Certificates.class) {
            Files.createDirectories(folder);
            Identity authority = read("ca");
            if (authority == null || endsSoon(authority.chain.getFirst())) {
                authority = Issuer.authority(clock.instant());
                write("ca", authority);
            }
            return authority;
        }
    }

    /** In a region whose time was moved on, a certificate is good at once all the same: its clients have the real clock. */
    @Override
    public List<X509Certificate> issue(PublicKey key, List<String> subjects, Instant start, Instant end)
            throws IOException {
        Instant now = clock.instant();
        return Issuer.leaf(authority(), key, subjects, start.isAfter(now) ? now : start, end);
    }

    /**
     * The server's key and chain, made first where needed.
     *
     * @throws IOException where the folder cannot be read or written
     */
    public synchronized KeyStore keyStore(char[] password) throws IOException {
        prepare();
        Identity server = read("server");
        if (server == null) {
            throw new IOException(folder + " changed while it was read");
        }
        try {
            // Never leaves the memory: PKCS12 would encrypt the key and decrypt it again, ten thousand rounds each.
            KeyStore store = KeyStore.getInstance("JKS");
            store.load(null, null);
            store.setKeyEntry(KEY_ALIAS, server.key, password, server.chain.toArray(X509Certificate[]::new));
            return store;
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificate in " + folder + " cannot be used", e);
        }
    }

    /** A private key and its certificates, its own first. */
    record Identity(PrivateKey key, List<X509Certificate> chain) {}

    private boolean endsSoon(X509Certificate certificate) {
        Instant end = certificate.getNotAfter().toInstant();
        return end.isBefore(clock.instant().plus(RENEW_BEFORE));
    }

    private boolean fits(Identity server, Identity authority) {
        X509Certificate own = server.chain.getFirst();
        try {
            own.verify(authority.chain.getFirst().getPublicKey());
            Set<String> covered = new HashSet<>();
            for (List<?> name : own.getSubjectAlternativeNames()) {
                covered.add(String.valueOf(name.get(1)));
            }
            return covered.containsAll(canonical(names));
        } catch (GeneralSecurityException | NullPointerException anotherAuthority) {
            return false;
        }
    }

    /** The names as the JDK tells them of a certificate, each once. */
    private static Set<String> canonical(List<String> names) {
        Set<String> found = new HashSet<>();
        for (String name : names) {
            found.add(name.equals("::1") ? "0:0:0:0:0:0:0:1" : name);
        }
        return found;
    }

    private @Nullable Identity read(String name) {
        Path certificates = folder.resolve(name + ".pem");
        Path key = folder.resolve(name + "-key.pem");
        try {
            if (Files.exists(certificates) && Files.exists(key)) {
                return new Identity(Pem.readKey(key), Pem.readCertificates(certificates));
            }
        } catch (IOException | GeneralSecurityException unreadable) {
            System.getLogger(Certificates.class.getName())
                    .log(System.Logger.Level.WARNING, certificates + " cannot be read and is made anew", unreadable);
        }
        return null;
    }

    private void write(String name, Identity identity) throws IOException {
        // The key first: a certificate without its key would be taken for whole.
        Pem.write(folder.resolve(name + "-key.pem"), List.of(identity.key), true);
        Pem.write(folder.resolve(name + ".pem"), new ArrayList<>(identity.chain), false);
    }
}
