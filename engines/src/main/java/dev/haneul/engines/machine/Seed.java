package dev.haneul.engines.machine;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a machine is told at boot, as cloud-init would be.
 *
 * @param instanceId first-boot work is done once for each instance id that a root disk has seen
 * @param userName the default user; empty for the image's own ({@code admin}, {@code ec2-user}, {@code ubuntu})
 * @param publicKeys OpenSSH public keys that user may log in with, written at first boot
 * @param userData as given by the user, not base64: a script, {@code #cloud-config}, a MIME multi-part archive, or any of
 *     them gzipped; at most 64 KiB
 * @param nameServers addresses for {@code /etc/resolv.conf}; empty for none
 * @param searchDomains its {@code search} line
 * @param trustedCertificates PEM certificates that programs inside trust besides the usual ones
 */
public record Seed(
        String instanceId,
        Optional<String> userName,
        List<String> publicKeys,
        byte[] userData,
        List<String> nameServers,
        List<String> searchDomains,
        List<String> trustedCertificates) {
    private static final int MOST_USER_DATA_BYTES = 64 * 1024;

    public Seed {
        publicKeys = List.copyOf(publicKeys);
        nameServers = List.copyOf(nameServers);
        searchDomains = List.copyOf(searchDomains);
        trustedCertificates = List.copyOf(trustedCertificates);
        userData = userData.clone();
        if (userData.length > MOST_USER_DATA_BYTES) {
            throw new IllegalArgumentException("user data of " + userData.length + " bytes");
        }
    }

    /** Nothing but an instance id and keys. */
    public static Seed of(String instanceId, List<String> publicKeys) {
        return new Seed(instanceId, Optional.empty(), publicKeys, new byte[0], List.of(), List.of(), List.of());
    }

    @Override
    public byte[] userData() {
        return userData.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Seed it
                && instanceId.equals(it.instanceId)
                && userName.equals(it.userName)
                && publicKeys.equals(it.publicKeys)
                && Arrays.equals(userData, it.userData)
                && nameServers.equals(it.nameServers)
                && searchDomains.equals(it.searchDomains)
                && trustedCertificates.equals(it.trustedCertificates);
    }

    @Override
    public int hashCode() {
        return instanceId.hashCode() * 31 + Arrays.hashCode(userData);
    }
}
