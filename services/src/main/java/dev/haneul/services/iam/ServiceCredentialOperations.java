package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.iam.CredentialTables.ServiceCredentialRow;
import dev.haneul.services.iam.IamTables.UserRow;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Names and passwords of users for the few services that take them. */
interface ServiceCredentialOperations extends IamRoom {
    Set<String> SERVICES_WITH_PASSWORDS = Set.of("codecommit.amazonaws.com", "cassandra.amazonaws.com");
    String BEDROCK = "bedrock.amazonaws.com";
    int CREDENTIALS_PER_SERVICE = 2;

    @Override
    default CreateServiceSpecificCredentialResponse createServiceSpecificCredential(
            CreateServiceSpecificCredentialRequest in, Call call) {
        String service = in.serviceName();
        boolean bedrock = service.equals(BEDROCK);
        if (!bedrock && !SERVICES_WITH_PASSWORDS.contains(service)) {
            throw Fault.of(
                    new ServiceNotSupportedException(),
                    "No such service " + service + " is supported for Service Specific Credentials");
        }
        Integer days = in.credentialAgeDays();
        if (days != null && !bedrock) {
            throw IamFaults.invalidInput("Credential expiry is supported for " + BEDROCK + " only.");
        }
        String secret = state().ids().secretKey();
        String hash = Passwords.hash(secret, state().random());
        return state().write(tx -> {
            UserRow user = IamState.user(tx, call.account(), in.userName());
            long there =
                    UserKeyOperations.of(tx, CredentialTables.SERVICE_CREDENTIALS, call.account(), user.id()).stream()
                            .filter(row -> row.service().equals(service))
                            .count();
            if (there >= CREDENTIALS_PER_SERVICE) {
                throw IamFaults.quota("ServiceSpecificCredentialsPerUser", CREDENTIALS_PER_SERVICE);
            }
            String name = bedrock
                    ? "BedrockAPIKey-" + state().ids().lower(4)
                    : user.name() + "-at-" + call.account() + (there == 0 ? "" : "+" + there);
            ServiceCredentialRow row = new ServiceCredentialRow(
                    state().ids().unique("ACCA"),
                    user.id(),
                    service,
                    name,
                    hash,
                    true,
                    state().now(),
                    days == null ? null : state().now().plusSeconds(days * 86_400L));
            IamState.put(tx, CredentialTables.SERVICE_CREDENTIALS, call.account(), row.id(), row);
            return new CreateServiceSpecificCredentialResponse().serviceSpecificCredential(full(user, row, secret));
        });
    }

    @Override
    default ResetServiceSpecificCredentialResponse resetServiceSpecificCredential(
            ResetServiceSpecificCredentialRequest in, Call call) {
        String secret = state().ids().secretKey();
        String hash = Passwords.hash(secret, state().random());
        return state().write(tx -> {
            ServiceCredentialRow row = credential(tx, in.userName(), in.serviceSpecificCredentialId(), call);
            ServiceCredentialRow changed = change(row, hash, row.active());
            IamState.put(tx, CredentialTables.SERVICE_CREDENTIALS, call.account(), row.id(), changed);
            UserRow user = IamState.user(tx, call.account(), UserOperations.userName(in.userName(), call));
            return new ResetServiceSpecificCredentialResponse().serviceSpecificCredential(full(user, changed, secret));
        });
    }

    @Override
    default UpdateServiceSpecificCredentialResponse updateServiceSpecificCredential(
            UpdateServiceSpecificCredentialRequest in, Call call) {
        state().write(tx -> {
            ServiceCredentialRow row = credential(tx, in.userName(), in.serviceSpecificCredentialId(), call);
            ServiceCredentialRow changed = change(row, row.hash(), StatusType.ACTIVE.equals(in.status()));
            IamState.put(tx, CredentialTables.SERVICE_CREDENTIALS, call.account(), row.id(), changed);
            return true;
        });
        return new UpdateServiceSpecificCredentialResponse();
    }

    @Override
    default DeleteServiceSpecificCredentialResponse deleteServiceSpecificCredential(
            DeleteServiceSpecificCredentialRequest in, Call call) {
        state().write(tx -> {
            ServiceCredentialRow row = credential(tx, in.userName(), in.serviceSpecificCredentialId(), call);
            IamState.delete(tx, CredentialTables.SERVICE_CREDENTIALS, call.account(), row.id());
            return true;
        });
        return new DeleteServiceSpecificCredentialResponse();
    }

    @Override
    default ListServiceSpecificCredentialsResponse listServiceSpecificCredentials(
            ListServiceSpecificCredentialsRequest in, Call call) {
        if (Boolean.TRUE.equals(in.allUsers())) {
            throw IamFaults.invalidInput("Listing the credentials of all users is not supported.");
        }
        String userName = UserOperations.userName(in.userName(), call);
        String service = in.serviceName();
        return state().read(tx -> {
            UserRow user = IamState.user(tx, call.account(), userName);
            List<ServiceCredentialRow> rows =
                    UserKeyOperations.of(tx, CredentialTables.SERVICE_CREDENTIALS, call.account(), user.id()).stream()
                            .filter(row -> service == null || row.service().equals(service))
                            .toList();
            Pages<ServiceCredentialRow> page =
                    state().pages().of(rows, ServiceCredentialRow::id, in.marker(), in.maxItems());
            return new ListServiceSpecificCredentialsResponse()
                    .serviceSpecificCredentials(
                            page.map(row -> metadata(user, row)).items())
                    .isTruncated(page.truncated())
                    .marker(page.marker());
        });
    }

    private static ServiceCredentialRow change(ServiceCredentialRow row, String hash, boolean active) {
        return new ServiceCredentialRow(
                row.id(), row.user(), row.service(), row.name(), hash, active, row.created(), row.expires());
    }

    private static ServiceCredentialRow credential(ReadTx tx, @Nullable String user, String id, Call call) {
        return UserKeyOperations.owned(
                tx,
                CredentialTables.SERVICE_CREDENTIALS,
                ServiceCredentialRow::user,
                UserOperations.userName(user, call),
                id,
                "No such credential " + id + " exists",
                call);
    }

    private static ServiceSpecificCredentialMetadata metadata(UserRow user, ServiceCredentialRow row) {
        boolean bedrock = row.service().equals(BEDROCK);
        return new ServiceSpecificCredentialMetadata()
                .userName(user.name())
                .status(UserKeyOperations.status(row.active()))
                .serviceUserName(bedrock ? null : row.name())
                .serviceCredentialAlias(bedrock ? row.name() : null)
                .createDate(row.created())
                .expirationDate(row.expires())
                .serviceSpecificCredentialId(row.id())
                .serviceName(row.service());
    }

    private static ServiceSpecificCredential full(UserRow user, ServiceCredentialRow row, String secret) {
        boolean bedrock = row.service().equals(BEDROCK);
        return new ServiceSpecificCredential()
                .userName(user.name())
                .status(UserKeyOperations.status(row.active()))
                .serviceUserName(bedrock ? null : row.name())
                .servicePassword(bedrock ? null : secret)
                .serviceCredentialAlias(bedrock ? row.name() : null)
                .serviceCredentialSecret(bedrock ? secret : null)
                .createDate(row.created())
                .expirationDate(row.expires())
                .serviceSpecificCredentialId(row.id())
                .serviceName(row.service());
    }
}
