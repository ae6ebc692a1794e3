package dev.haneul.services.organizations;

import dev.haneul.api.organizations.Account;
import dev.haneul.api.organizations.CreateAccountStatus;
import dev.haneul.api.organizations.Handshake;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import java.util.List;
import java.util.Map;

/**
 * An organisation, whole.
 *
 * @param types policy types that are enabled in the root
 * @param parents of accounts and units, by id
 * @param units names of units by id
 * @param attached ids of policies by what they are attached to
 * @param tags by the id of what is tagged
 * @param services when trusted access was enabled, in milliseconds, by service principal
 * @param delegates when accounts became delegated administrators of services, by account and service principal
 * @param requests for accounts, by id
 * @param roles names of the roles that new accounts shall have, by request
 */
record OrganizationRow(
        String id,
        String root,
        String management,
        String featureSet,
        List<String> types,
        Map<String, Account> accounts,
        Map<String, String> parents,
        Map<String, String> units,
        Map<String, PolicyRow> policies,
        Map<String, List<String>> attached,
        Map<String, Map<String, String>> tags,
        Map<String, Long> services,
        Map<String, Map<String, Long>> delegates,
        Map<String, CreateAccountStatus> requests,
        Map<String, String> roles,
        Map<String, Handshake> handshakes) {
    static final Table<OrganizationRow> TABLE =
            Table.of("organizations.organization", RecordCodecs.of(OrganizationRow.class));

    /** A policy; of AWS's own where it names no organisation. */
    record PolicyRow(String id, String name, String description, String type, String content, boolean aws) {}

    static Key key(String management) {
        return new Key(management, "", "organization");
    }

    String arn(String resource) {
        return "arn:aws:organizations::" + management + ":" + resource;
    }

    String arnOf(PolicyRow policy) {
        String kind = policy.type().toLowerCase(java.util.Locale.ROOT);
        return policy.aws()
                ? "arn:aws:organizations::aws:policy/" + kind + "/" + policy.id()
                : arn("policy/" + id + "/" + kind + "/" + policy.id());
    }
}
