package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.Cipher;
import dev.haneul.api.elbv2.DescribeSSLPoliciesInput;
import dev.haneul.api.elbv2.DescribeSSLPoliciesOutput;
import dev.haneul.api.elbv2.SSLPolicyNotFoundException;
import dev.haneul.api.elbv2.SslPolicy;
import dev.haneul.api.runtime.Fault;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Security policies: protocol versions and ciphers by name. Ciphers are told in OpenSSL's names and used in IANA's.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html">Security
 *     policies</a>
 */
final class SslPolicies {
    static final String DEFAULT = "ELBSecurityPolicy-2016-08";

    private static final Map<String, String> CIPHERS = ciphers();
    private static final List<String> MODERN =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
    private static final List<String> FORWARD_GCM = List.of(
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384");
    private static final List<String> FORWARD_SHA2 = List.of(
            "ECDHE-ECDSA-AES128-SHA256",
            "ECDHE-RSA-AES128-SHA256",
            "ECDHE-ECDSA-AES256-SHA384",
            "ECDHE-RSA-AES256-SHA384");
    private static final List<String> FORWARD_SHA1 =
            List.of("ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA");
    private static final List<String> RSA_SHA2 =
            List.of("AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256");
    private static final List<String> RSA_SHA1 = List.of("AES128-SHA", "AES256-SHA");
    private static final Map<String, Policy> ALL = all();

    private SslPolicies() {}

    /** A policy. */
    record Policy(String name, List<String> protocols, List<String> ciphers) {
        /** Versions as Java names them. */
        List<String> versions() {
            return protocols.stream().toList();
        }

        /** Ciphers as Java names them. */
        List<String> javaCiphers() {
            return ciphers.stream()
                    .map(each -> CIPHERS.getOrDefault(each, each))
                    .toList();
        }
    }

    private static Map<String, String> ciphers() {
        Map<String, String> names = new LinkedHashMap<>();
        for (String key : List.of("ECDSA", "RSA")) {
            for (String size : List.of("128", "256")) {
                String gcm = size.equals("128") ? "SHA256" : "SHA384";
                names.put(
                        "ECDHE-" + key + "-AES" + size + "-GCM-" + gcm,
                        "TLS_ECDHE_" + key + "_WITH_AES_" + size + "_GCM_" + gcm);
                names.put(
                        "ECDHE-" + key + "-AES" + size + "-" + gcm,
                        "TLS_ECDHE_" + key + "_WITH_AES_" + size + "_CBC_" + gcm);
                names.put(
                        "ECDHE-" + key + "-AES" + size + "-SHA", "TLS_ECDHE_" + key + "_WITH_AES_" + size + "_CBC_SHA");
            }
        }
        names.put("AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256");
        names.put("AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384");
        names.put("AES128-SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA256");
        names.put("AES256-SHA256", "TLS_RSA_WITH_AES_256_CBC_SHA256");
        names.put("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA");
        names.put("AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA");
        return names;
    }

    @SafeVarargs
    private static List<String> join(List<String>... parts) {
        List<String> all = new ArrayList<>();
        for (List<String> part : parts) {
            all.addAll(part);
        }
        return all;
    }

    private static Map<String, Policy> all() {
        List<String> every = join(FORWARD_GCM, FORWARD_SHA2, FORWARD_SHA1, RSA_SHA2, RSA_SHA1);
        List<String> strong = join(FORWARD_GCM, FORWARD_SHA2);
        List<String> old = List.of("TLSv1", "TLSv1.1", "TLSv1.2");
        List<String> eleven = List.of("TLSv1.1", "TLSv1.2");
        List<String> twelve = List.of("TLSv1.2");
        List<String> thirteen = List.of("TLSv1.2", "TLSv1.3");
        Map<String, Policy> all = new LinkedHashMap<>();
        put(all, DEFAULT, old, every);
        put(all, "ELBSecurityPolicy-TLS13-1-2-2021-06", thirteen, join(MODERN, FORWARD_GCM, FORWARD_SHA2));
        put(all, "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", thirteen, join(MODERN, FORWARD_GCM));
        put(
                all,
                "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06",
                thirteen,
                join(MODERN, FORWARD_GCM, FORWARD_SHA2, RSA_SHA2));
        put(all, "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", thirteen, join(MODERN, every));
        put(all, "ELBSecurityPolicy-TLS13-1-1-2021-06", List.of("TLSv1.1", "TLSv1.2", "TLSv1.3"), join(MODERN, every));
        put(
                all,
                "ELBSecurityPolicy-TLS13-1-0-2021-06",
                List.of("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"),
                join(MODERN, every));
        put(all, "ELBSecurityPolicy-TLS13-1-3-2021-06", List.of("TLSv1.3"), MODERN);
        put(all, "ELBSecurityPolicy-TLS-1-2-2017-01", twelve, join(strong, RSA_SHA2));
        put(all, "ELBSecurityPolicy-TLS-1-2-Ext-2018-06", twelve, every);
        put(all, "ELBSecurityPolicy-TLS-1-1-2017-01", eleven, every);
        put(all, "ELBSecurityPolicy-FS-2018-06", old, join(strong, FORWARD_SHA1));
        put(all, "ELBSecurityPolicy-FS-1-1-2019-08", eleven, join(strong, FORWARD_SHA1));
        put(all, "ELBSecurityPolicy-FS-1-2-2019-08", twelve, join(strong, FORWARD_SHA1));
        put(all, "ELBSecurityPolicy-FS-1-2-Res-2019-08", twelve, strong);
        put(all, "ELBSecurityPolicy-FS-1-2-Res-2020-10", twelve, FORWARD_GCM);
        put(all, "ELBSecurityPolicy-2015-05", old, every);
        return all;
    }

    private static void put(Map<String, Policy> all, String name, List<String> protocols, List<String> ciphers) {
        all.put(name, new Policy(name, protocols, ciphers));
    }

    static Optional<Policy> find(String name) {
        return Optional.ofNullable(ALL.get(name));
    }

    static DescribeSSLPoliciesOutput describe(DescribeSSLPoliciesInput in) {
        for (String name : in.names()) {
            if (!ALL.containsKey(name)) {
                throw Fault.of(new SSLPolicyNotFoundException(), "SSL policy '" + name + "' not found");
            }
        }
        return new DescribeSSLPoliciesOutput()
                .sslPolicies(ALL.values().stream()
                        .filter(each -> in.names().isEmpty() || in.names().contains(each.name()))
                        .map(SslPolicies::told)
                        .toList());
    }

    private static SslPolicy told(Policy policy) {
        List<Cipher> ciphers = new ArrayList<>();
        policy.ciphers().forEach(each -> ciphers.add(new Cipher().name(each).priority(ciphers.size() + 1)));
        return new SslPolicy()
                .name(policy.name())
                .sslProtocols(policy.protocols())
                .ciphers(ciphers)
                .supportedLoadBalancerTypes(List.of("application", "network"));
    }
}
