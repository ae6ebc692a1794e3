package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Table;
import dev.haneul.services.iam.CredentialTables.SigningCertificateRow;
import dev.haneul.services.iam.CredentialTables.SshKeyRow;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Users' X.509 signing certificates and SSH public keys. */
interface UserKeyOperations extends IamRoom {
    int CERTIFICATE_ID = 32;
    int CERTIFICATES_PER_USER = 2;
    int SSH_KEYS_PER_USER = 5;

    /** A user's records in one of the tables that have users by id. */
    static <R> List<R> of(ReadTx tx, Table<R> table, String account, String userId) {
        return tx.find(table, IamTables.scope(account), "user", userId, "", 100).stream()
                .map(Row::value)
                .toList();
    }

    @Override
    default UploadSigningCertificateResponse uploadSigningCertificate(UploadSigningCertificateRequest in, Call call) {
        String userName = UserOperations.userName(in.userName(), call);
        Certificates.one(in.certificateBody());
        SigningCertificate made = state().write(tx -> {
            var user = IamState.user(tx, call.account(), userName);
            List<SigningCertificateRow> there =
                    of(tx, CredentialTables.SIGNING_CERTIFICATES, call.account(), user.id());
            if (there.stream().anyMatch(row -> row.body().equals(in.certificateBody()))) {
                throw Fault.of(
                        new DuplicateCertificateException(),
                        "The certificate is already associated with user " + user.name() + ".");
            }
            if (there.size() >= CERTIFICATES_PER_USER) {
                throw IamFaults.quota("CertificatesPerUser", CERTIFICATES_PER_USER);
            }
            SigningCertificateRow row = new SigningCertificateRow(
                    state().ids().lower(CERTIFICATE_ID).toUpperCase(Locale.ROOT),
                    user.id(),
                    in.certificateBody(),
                    true,
                    state().now());
            IamState.put(tx, CredentialTables.SIGNING_CERTIFICATES, call.account(), row.id(), row);
            return signing(user.name(), row);
        });
        return new UploadSigningCertificateResponse().certificate(made);
    }

    @Override
    default ListSigningCertificatesResponse listSigningCertificates(ListSigningCertificatesRequest in, Call call) {
        String userName = UserOperations.userName(in.userName(), call);
        return state().read(tx -> {
            var user = IamState.user(tx, call.account(), userName);
            List<SigningCertificateRow> rows = of(tx, CredentialTables.SIGNING_CERTIFICATES, call.account(), user.id());
            Pages<SigningCertificateRow> page =
                    state().pages().of(rows, SigningCertificateRow::id, in.marker(), in.maxItems());
            return new ListSigningCertificatesResponse()
                    .certificates(page.map(row -> signing(user.name(), row)).items())
                    .isTruncated(page.truncated())
                    .marker(page.marker());
        });
    }

    @Override
    default UpdateSigningCertificateResponse updateSigningCertificate(UpdateSigningCertificateRequest in, Call call) {
        state().write(tx -> {
            SigningCertificateRow row = signing(tx, in.userName(), in.certificateId(), call);
            SigningCertificateRow changed = new SigningCertificateRow(
                    row.id(), row.user(), row.body(), StatusType.ACTIVE.equals(in.status()), row.uploaded());
            IamState.put(tx, CredentialTables.SIGNING_CERTIFICATES, call.account(), row.id(), changed);
            return true;
        });
        return new UpdateSigningCertificateResponse();
    }

    @Override
    default DeleteSigningCertificateResponse deleteSigningCertificate(DeleteSigningCertificateRequest in, Call call) {
        state().write(tx -> {
            SigningCertificateRow row = signing(tx, in.userName(), in.certificateId(), call);
            IamState.delete(tx, CredentialTables.SIGNING_CERTIFICATES, call.account(), row.id());
            return true;
        });
        return new DeleteSigningCertificateResponse();
    }

    private static SigningCertificateRow signing(
            ReadTx tx, @org.jspecify.annotations.Nullable String user, String id, Call call) {
        return owned(
                tx,
                CredentialTables.SIGNING_CERTIFICATES,
                SigningCertificateRow::user,
                UserOperations.userName(user, call),
                id,
                "The Certificate with id " + id + " cannot be found.",
                call);
    }

    private static SigningCertificate signing(String userName, SigningCertificateRow row) {
        return new SigningCertificate()
                .userName(userName)
                .certificateId(row.id())
                .certificateBody(row.body())
                .status(status(row.active()))
                .uploadDate(row.uploaded());
    }

    /** A record that is this user's, by its id. */
    static <R> R owned(
            ReadTx tx, Table<R> table, Function<R, String> owner, String userName, String id, String none, Call call) {
        String userId = IamState.user(tx, call.account(), userName).id();
        return IamState.find(tx, table, call.account(), id)
                .filter(row -> owner.apply(row).equals(userId))
                .orElseThrow(() -> IamFaults.noSuchEntity(none));
    }

    static String status(boolean active) {
        return active ? StatusType.ACTIVE : StatusType.INACTIVE;
    }

    @Override
    default UploadSSHPublicKeyResponse uploadSSHPublicKey(UploadSSHPublicKeyRequest in, Call call) {
        SshKeys.Parsed parsed = SshKeys.parse(in.sshPublicKeyBody());
        SSHPublicKey made = state().write(tx -> {
            var user = IamState.user(tx, call.account(), in.userName());
            List<SshKeyRow> there = of(tx, CredentialTables.SSH_KEYS, call.account(), user.id());
            if (there.stream().anyMatch(row -> row.fingerprint().equals(parsed.fingerprint()))) {
                throw Fault.of(
                        new DuplicateSSHPublicKeyException(),
                        "The SSH public key is already associated with user " + user.name() + ".");
            }
            if (there.size() >= SSH_KEYS_PER_USER) {
                throw IamFaults.quota("SSHPublicKeysPerUser", SSH_KEYS_PER_USER);
            }
            SshKeyRow row = new SshKeyRow(
                    state().ids().unique("APKA"), user.id(), parsed.ssh(), parsed.fingerprint(), true, state().now());
            IamState.put(tx, CredentialTables.SSH_KEYS, call.account(), row.id(), row);
            return ssh(user.name(), row, row.ssh());
        });
        return new UploadSSHPublicKeyResponse().sshPublicKey(made);
    }

    @Override
    default GetSSHPublicKeyResponse getSSHPublicKey(GetSSHPublicKeyRequest in, Call call) {
        if (!in.encoding().equals(EncodingType.SSH) && !in.encoding().equals(EncodingType.PEM)) {
            throw Fault.of(
                    new UnrecognizedPublicKeyEncodingException(), "Encoding must be SSH or PEM: " + in.encoding());
        }
        return state().read(tx -> {
            SshKeyRow row = ssh(tx, in.userName(), in.sshPublicKeyId(), call);
            String body = in.encoding().equals(EncodingType.PEM) ? SshKeys.pem(row.ssh()) : row.ssh();
            String name = IamState.user(tx, call.account(), in.userName()).name();
            return new GetSSHPublicKeyResponse().sshPublicKey(ssh(name, row, body));
        });
    }

    @Override
    default ListSSHPublicKeysResponse listSSHPublicKeys(ListSSHPublicKeysRequest in, Call call) {
        String userName = UserOperations.userName(in.userName(), call);
        return state().read(tx -> {
            var user = IamState.user(tx, call.account(), userName);
            List<SshKeyRow> rows = of(tx, CredentialTables.SSH_KEYS, call.account(), user.id());
            Pages<SshKeyRow> page = state().pages().of(rows, SshKeyRow::id, in.marker(), in.maxItems());
            return new ListSSHPublicKeysResponse()
                    .sshPublicKeys(page.map(row -> new SSHPublicKeyMetadata()
                                    .userName(user.name())
                                    .sshPublicKeyId(row.id())
                                    .status(status(row.active()))
                                    .uploadDate(row.uploaded()))
                            .items())
                    .isTruncated(page.truncated())
                    .marker(page.marker());
        });
    }

    @Override
    default UpdateSSHPublicKeyResponse updateSSHPublicKey(UpdateSSHPublicKeyRequest in, Call call) {
        state().write(tx -> {
            SshKeyRow row = ssh(tx, in.userName(), in.sshPublicKeyId(), call);
            SshKeyRow changed = new SshKeyRow(
                    row.id(),
                    row.user(),
                    row.ssh(),
                    row.fingerprint(),
                    StatusType.ACTIVE.equals(in.status()),
                    row.uploaded());
            IamState.put(tx, CredentialTables.SSH_KEYS, call.account(), row.id(), changed);
            return true;
        });
        return new UpdateSSHPublicKeyResponse();
    }

    @Override
    default DeleteSSHPublicKeyResponse deleteSSHPublicKey(DeleteSSHPublicKeyRequest in, Call call) {
        state().write(tx -> {
            SshKeyRow row = ssh(tx, in.userName(), in.sshPublicKeyId(), call);
            IamState.delete(tx, CredentialTables.SSH_KEYS, call.account(), row.id());
            return true;
        });
        return new DeleteSSHPublicKeyResponse();
    }

    private static SshKeyRow ssh(ReadTx tx, String user, String id, Call call) {
        String none = "The Public Key with id " + id + " cannot be found.";
        return owned(tx, CredentialTables.SSH_KEYS, SshKeyRow::user, user, id, none, call);
    }

    private static SSHPublicKey ssh(String userName, SshKeyRow row, String body) {
        return new SSHPublicKey()
                .userName(userName)
                .sshPublicKeyId(row.id())
                .fingerprint(row.fingerprint())
                .sshPublicKeyBody(body)
                .status(status(row.active()))
                .uploadDate(row.uploaded());
    }
}
