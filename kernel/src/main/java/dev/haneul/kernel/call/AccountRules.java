package dev.haneul.kernel.call;

import java.util.List;
import java.util.Optional;

/**
 * What holds for whole accounts, beside what IAM knows: their organisation and the regions they use. The authorizer asks
 * it for every call, so the rooms that answer must be quick; where no room does, accounts stand alone and every region
 * is open.
 */
public final class AccountRules {
    private volatile Organizations organizations = account -> Optional.empty();
    private volatile OptedRegions regions = (account, region) -> true;

    /** Knows organisations. */
    @FunctionalInterface
    public interface Organizations {
        /** An account's place; empty for one that belongs to no organisation. */
        Optional<Membership> find(String account);
    }

    /** Knows which regions an account uses. */
    @FunctionalInterface
    public interface OptedRegions {
        /** Whether the account may call this region. */
        boolean open(String account, String region);
    }

    /**
     * A policy of an organisation.
     *
     * @param document its JSON
     */
    public record Control(String name, String document) {}

    /**
     * An account's place in its organisation.
     *
     * @param organizationId {@code o-…}
     * @param path as {@code aws:PrincipalOrgPaths} has it: {@code o-…/r-…/ou-…/}
     * @param managementAccount whom no control policy binds
     * @param serviceControl service control policies by level, from the root down to the account, each of which must
     *     allow; none where they do not bind it
     * @param resourceControl resource control policies, likewise
     */
    public record Membership(
            String organizationId,
            String path,
            String managementAccount,
            List<List<Control>> serviceControl,
            List<List<Control>> resourceControl) {
        public Membership {
            serviceControl = serviceControl.stream().map(List::copyOf).toList();
            resourceControl = resourceControl.stream().map(List::copyOf).toList();
        }
    }

    /** At start-up: who knows organisations. */
    public void organizations(Organizations room) {
        organizations = room;
    }

    /** At start-up: who knows regions. */
    public void regions(OptedRegions room) {
        regions = room;
    }

    /** An account's place; empty for one that belongs to no organisation. */
    public Optional<Membership> membership(String account) {
        return account.isEmpty() ? Optional.empty() : organizations.find(account);
    }

    /** Whether the account may call this region. */
    public boolean regionOpen(String account, String region) {
        return regions.open(account, region);
    }
}
