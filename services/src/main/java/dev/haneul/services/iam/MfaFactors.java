package dev.haneul.services.iam;

import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.SecondFactors;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.iam.CredentialTables.MfaRow;
import java.util.Optional;

/** Takes the codes of enabled MFA devices. A code is good for a minute around its time, and once. */
public final class MfaFactors implements SecondFactors {
    /** Steps to either side of now, for clocks that drift. */
    private static final int WINDOW = 1;

    private final IamState state;

    public MfaFactors(IamState state) {
        this.state = state;
    }

    @Override
    public boolean take(Principal who, String serialNumber, String code) {
        Optional<MfaRow> found = state.read(tx -> MfaOperations.find(tx, who.account(), serialNumber));
        if (found.isEmpty() || !owner(who).equals(found.get().user())) {
            return false;
        }
        byte[] seed = MfaOperations.seed(state, who.account(), found.get());
        long now = Totp.step(state.now()) + found.get().drift();
        for (long step = now - WINDOW; step <= now + WINDOW; step++) {
            if (Totp.is(code, seed, step)) {
                return taken(who.account(), found.get(), step);
            }
        }
        return false;
    }

    /** Marks the step as used; of two who come with the same code, one is let in. */
    private boolean taken(String account, MfaRow device, long step) {
        return state.writeQuietly(tx -> {
            var key = IamTables.scope(account).key(IamTables.id(device.name()));
            MfaRow now =
                    tx.get(CredentialTables.MFA_DEVICES, key).map(Row::value).orElse(null);
            if (now == null || now.lastStep() >= step || !device.seed().equals(now.seed())) {
                return false;
            }
            tx.put(CredentialTables.MFA_DEVICES, key, now.withLastStep(step));
            return true;
        });
    }

    private static String owner(Principal who) {
        return switch (who.type()) {
            case ROOT -> MfaRow.ROOT;
            case USER -> who.id();
            default -> "";
        };
    }
}
