package dev.haneul.services.account;

import dev.haneul.api.account.AlternateContact;
import dev.haneul.api.account.ContactInformation;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an account has said.
 *
 * @param alternates contacts by their type
 * @param disabled regions it does not use
 */
record AccountRow(
        @Nullable String name,
        @Nullable ContactInformation contact,
        Map<String, AlternateContact> alternates,
        List<String> disabled) {
    static final Table<AccountRow> TABLE = Table.of("account.account", RecordCodecs.of(AccountRow.class));
    static final AccountRow NEW = new AccountRow(null, null, Map.of(), List.of());

    static Key key(String account) {
        return new Key(account, "", "account");
    }

    AccountRow named(String changed) {
        return new AccountRow(changed, contact, alternates, disabled);
    }

    AccountRow with(ContactInformation changed) {
        return new AccountRow(name, changed, alternates, disabled);
    }

    AccountRow with(String type, @Nullable AlternateContact changed) {
        Map<String, AlternateContact> all = new HashMap<>(alternates);
        if (changed == null) {
            all.remove(type);
        } else {
            all.put(type, changed);
        }
        return new AccountRow(name, contact, all, disabled);
    }

    AccountRow disabling(List<String> changed) {
        return new AccountRow(name, contact, alternates, changed);
    }
}
