package dev.haneul.services.organizations;

import dev.haneul.api.iam.IamClient;
import dev.haneul.api.runtime.Caller;
import dev.haneul.kernel.call.AccountRules;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;

/** Organizations' API. */
public final class OrganizationsService
        implements TreeOperations,
                AccountOperations,
                PolicyOperations,
                AttachmentOperations,
                HandshakeOperations,
                TrustOperations {
    private final Organizations state;
    private final NewAccounts newAccounts;

    /**
     * Makes the service and opens its table.
     *
     * @param caller reaches IAM, which makes new accounts' roles
     * @param folderKey the data folder's key, under which page tokens are sealed
     */
    public OrganizationsService(Store store, Clock clock, Caller caller, byte[] folderKey) {
        state = new Organizations(store, clock, folderKey);
        newAccounts = new NewAccounts(state, new IamClient(caller));
    }

    /** Joins the driver that makes accounts; before the driver starts. */
    public void join(Driver driver) {
        newAccounts.join(driver);
    }

    /** Where accounts stand, for the authorizer. */
    public AccountRules.Organizations memberships() {
        return state::membership;
    }

    /** Forgets what is kept in memory, after the store was emptied. */
    public void forget() {
        state.forget();
    }

    @Override
    public Organizations state() {
        return state;
    }
}
