package dev.haneul.services.iam;

import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Durable state of an account's identity providers and server certificates. */
final class ProviderTables {
    static final Table<OidcRow> OIDC = Table.of("iam.oidc_provider", RecordCodecs.of(OidcRow.class));
    static final Table<SamlRow> SAML = Table.of("iam.saml_provider", RecordCodecs.of(SamlRow.class));
    static final Table<ServerCertificateRow> SERVER_CERTIFICATES =
            Table.of("iam.server_certificate", RecordCodecs.of(ServerCertificateRow.class));
    static final List<Table<?>> ALL = List.of(OIDC, SAML, SERVER_CERTIFICATES);

    private ProviderTables() {}

    /** @param url without the scheme, which is how ARNs and conditions name it */
    record OidcRow(
            String url,
            boolean secure,
            Instant created,
            List<String> clientIds,
            List<String> thumbprints,
            Map<String, String> tags) {
        String arn(String account) {
            return "arn:aws:iam::" + account + ":oidc-provider/" + url;
        }

        /** As it was created with; a scheme is told only where it is not https. */
        String shownUrl() {
            return secure ? url : "http://" + url;
        }

        OidcRow withClientIds(List<String> changed) {
            return new OidcRow(url, secure, created, List.copyOf(changed), thumbprints, tags);
        }

        OidcRow withThumbprints(List<String> changed) {
            return new OidcRow(url, secure, created, clientIds, List.copyOf(changed), tags);
        }

        OidcRow withTags(Map<String, String> changed) {
            return new OidcRow(url, secure, created, clientIds, thumbprints, changed);
        }
    }

    /**
     * A SAML provider.
     *
     * @param encryption {@code Required} or {@code Allowed}; empty where none was asked for
     */
    record SamlRow(
            String name,
            String uuid,
            String metadata,
            Instant created,
            Instant validUntil,
            String encryption,
            List<PrivateKey> keys,
            Map<String, String> tags) {
        /**
         * A key that decrypts assertions.
         *
         * @param pem sealed by {@link Secrets} under the key's id
         */
        record PrivateKey(String id, Instant added, String pem) {
            @Override
            public String toString() {
                return "PrivateKey[" + id + "]";
            }
        }

        String arn(String account) {
            return "arn:aws:iam::" + account + ":saml-provider/" + name;
        }

        SamlRow withTags(Map<String, String> changed) {
            return new SamlRow(name, uuid, metadata, created, validUntil, encryption, keys, changed);
        }
    }

    /**
     * A server certificate.
     *
     * @param chain empty for none
     * @param privateKey sealed by {@link Secrets} under the certificate's id
     */
    record ServerCertificateRow(
            String name,
            String id,
            String path,
            String body,
            String chain,
            String privateKey,
            Instant uploaded,
            Instant expires,
            Map<String, String> tags) {
        String arn(String account) {
            return "arn:aws:iam::" + account + ":server-certificate" + path + name;
        }

        ServerCertificateRow named(String newName, String newPath) {
            return new ServerCertificateRow(newName, id, newPath, body, chain, privateKey, uploaded, expires, tags);
        }

        ServerCertificateRow withTags(Map<String, String> changed) {
            return new ServerCertificateRow(name, id, path, body, chain, privateKey, uploaded, expires, changed);
        }

        @Override
        public String toString() {
            return "ServerCertificateRow[" + name + "]";
        }
    }
}
