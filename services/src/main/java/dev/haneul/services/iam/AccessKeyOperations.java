package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.AccessKeyIds;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.iam.AccessTables.KeyUseRow;
import dev.haneul.services.iam.IamTables.AccessKeyRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Long-term keys of users. The secret is told once, when the key is made. */
interface AccessKeyOperations extends IamRoom {
    int KEYS_PER_USER = 2;

    @Override
    default CreateAccessKeyResponse createAccessKey(CreateAccessKeyRequest in, Call call) {
        String userName = UserOperations.userName(in.userName(), call);
        String id = AccessKeyIds.make(AccessKeyIds.LONG_TERM, call.account(), state().random());
        String secret = state().ids().secretKey();
        AccessKeyRow key =
                new AccessKeyRow(id, IamTables.id(userName), state().secrets().seal(id, secret), true, state().now());
        String name = state().write(tx -> {
            String found = IamState.user(tx, call.account(), userName).name();
            if (UserOperations.keys(tx, call.account(), userName).size() >= KEYS_PER_USER) {
                throw IamFaults.quota("AccessKeysPerUser", KEYS_PER_USER);
            }
            tx.put(IamTables.ACCESS_KEYS, IamTables.scope(call.account()).key(key.id()), key);
            return found;
        });
        return new CreateAccessKeyResponse()
                .accessKey(new AccessKey()
                        .userName(name)
                        .accessKeyId(key.id())
                        .status(StatusType.ACTIVE)
                        .secretAccessKey(secret)
                        .createDate(key.created()));
    }

    @Override
    default ListAccessKeysResponse listAccessKeys(ListAccessKeysRequest in, Call call) {
        if (in.userName() == null && call.principal().type() == Principal.Type.ROOT) {
            return new ListAccessKeysResponse().accessKeyMetadata(List.of()).isTruncated(false);
        }
        String userName = UserOperations.userName(in.userName(), call);
        return state().read(tx -> {
            String name = IamState.user(tx, call.account(), userName).name();
            List<AccessKeyRow> keys = UserOperations.keys(tx, call.account(), userName);
            Pages<AccessKeyRow> page = state().pages().of(keys, AccessKeyRow::id, in.marker(), in.maxItems());
            return new ListAccessKeysResponse()
                    .accessKeyMetadata(page.map(key -> metadata(name, key)).items())
                    .isTruncated(page.truncated())
                    .marker(page.marker());
        });
    }

    @Override
    default UpdateAccessKeyResponse updateAccessKey(UpdateAccessKeyRequest in, Call call) {
        state().write(tx -> {
            AccessKeyRow key = key(tx, in.accessKeyId(), in.userName(), call);
            boolean active = StatusType.ACTIVE.equals(in.status());
            tx.put(IamTables.ACCESS_KEYS, IamTables.scope(call.account()).key(key.id()), key.withActive(active));
            return true;
        });
        return new UpdateAccessKeyResponse();
    }

    @Override
    default DeleteAccessKeyResponse deleteAccessKey(DeleteAccessKeyRequest in, Call call) {
        state().write(tx -> {
            AccessKeyRow key = key(tx, in.accessKeyId(), in.userName(), call);
            return tx.delete(
                    IamTables.ACCESS_KEYS, IamTables.scope(call.account()).key(key.id()));
        });
        return new DeleteAccessKeyResponse();
    }

    @Override
    default GetAccessKeyLastUsedResponse getAccessKeyLastUsed(GetAccessKeyLastUsedRequest in, Call call) {
        state().accesses().flush();
        return state().read(tx -> {
            AccessKeyRow key = tx.get(
                            IamTables.ACCESS_KEYS,
                            IamTables.scope(call.account()).key(in.accessKeyId()))
                    .map(Row::value)
                    .orElseThrow(() -> noSuchKey(in.accessKeyId()));
            KeyUseRow use = IamState.find(tx, AccessTables.KEY_USES, call.account(), key.id())
                    .orElse(null);
            return new GetAccessKeyLastUsedResponse()
                    .userName(IamState.user(tx, call.account(), key.user()).name())
                    .accessKeyLastUsed(new AccessKeyLastUsed()
                            .lastUsedDate(use == null ? null : use.last())
                            .serviceName(use == null ? "N/A" : use.service())
                            .region(use == null ? "N/A" : use.region()));
        });
    }

    private static AccessKeyRow key(ReadTx tx, String id, @Nullable String user, Call call) {
        String userName = UserOperations.userName(user, call);
        IamState.user(tx, call.account(), userName);
        return tx.get(IamTables.ACCESS_KEYS, IamTables.scope(call.account()).key(id))
                .map(Row::value)
                .filter(key -> key.user().equals(IamTables.id(userName)))
                .orElseThrow(() -> noSuchKey(id));
    }

    private static RuntimeException noSuchKey(String id) {
        return IamFaults.noSuchEntity("The Access Key with id " + id + " cannot be found.");
    }

    private static AccessKeyMetadata metadata(String userName, AccessKeyRow key) {
        return new AccessKeyMetadata()
                .userName(userName)
                .accessKeyId(key.id())
                .status(key.active() ? StatusType.ACTIVE : StatusType.INACTIVE)
                .createDate(key.created());
    }
}
