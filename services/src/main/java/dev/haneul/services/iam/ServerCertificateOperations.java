package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.iam.ProviderTables.ServerCertificateRow;
import java.security.cert.X509Certificate;
import java.util.function.UnaryOperator;

/** Server certificates, for what takes them from IAM. The private key goes in and never comes out. */
interface ServerCertificateOperations extends IamRoom {
    int SERVER_CERTIFICATES = 20;

    @Override
    default UploadServerCertificateResponse uploadServerCertificate(UploadServerCertificateRequest in, Call call) {
        X509Certificate certificate = Certificates.one(in.certificateBody());
        Certificates.requirePair(certificate, Certificates.privateKey(in.privateKey()));
        String chain = in.certificateChain();
        if (chain != null) {
            Certificates.all(chain);
        }
        String id = state().ids().unique("ASCA");
        ServerCertificateRow row = new ServerCertificateRow(
                in.serverCertificateName(),
                id,
                Paths.of(in.path()),
                in.certificateBody(),
                chain == null ? "" : chain,
                state().secrets().seal(id, in.privateKey()),
                state().now(),
                certificate.getNotAfter().toInstant(),
                Tags.of(in.tags()));
        state().write(tx -> {
            requireFree(tx, row.name(), call);
            if (IamState.count(tx, ProviderTables.SERVER_CERTIFICATES, call.account()) >= SERVER_CERTIFICATES) {
                throw IamFaults.quota("ServerCertificatesPerAccount", SERVER_CERTIFICATES);
            }
            IamState.put(tx, ProviderTables.SERVER_CERTIFICATES, call.account(), row.name(), row);
            return true;
        });
        return new UploadServerCertificateResponse()
                .serverCertificateMetadata(metadata(row, call))
                .tags(row.tags().isEmpty() ? null : Tags.list(row.tags()));
    }

    private static void requireFree(ReadTx tx, String name, Call call) {
        if (IamState.find(tx, ProviderTables.SERVER_CERTIFICATES, call.account(), name)
                .isPresent()) {
            throw IamFaults.alreadyExists("The Server Certificate with name " + name + " already exists.");
        }
    }

    @Override
    default GetServerCertificateResponse getServerCertificate(GetServerCertificateRequest in, Call call) {
        ServerCertificateRow row = state().read(tx -> serverCertificate(tx, in.serverCertificateName(), call));
        return new GetServerCertificateResponse()
                .serverCertificate(new ServerCertificate()
                        .serverCertificateMetadata(metadata(row, call))
                        .certificateBody(row.body())
                        .certificateChain(row.chain().isEmpty() ? null : row.chain())
                        .tags(row.tags().isEmpty() ? null : Tags.list(row.tags())));
    }

    @Override
    default ListServerCertificatesResponse listServerCertificates(ListServerCertificatesRequest in, Call call) {
        Pages<ServerCertificateRow> page = state().read(tx -> state().pages()
                .of(
                        tx,
                        ProviderTables.SERVER_CERTIFICATES,
                        IamTables.scope(call.account()),
                        row -> Paths.within(row.path(), in.pathPrefix()),
                        in.marker(),
                        in.maxItems()));
        return new ListServerCertificatesResponse()
                .serverCertificateMetadataList(
                        page.map(row -> metadata(row, call)).items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    @Override
    default UpdateServerCertificateResponse updateServerCertificate(UpdateServerCertificateRequest in, Call call) {
        state().write(tx -> {
            ServerCertificateRow row = serverCertificate(tx, in.serverCertificateName(), call);
            String newName = in.newServerCertificateName();
            String name = newName == null ? row.name() : newName;
            String path = in.newPath() == null ? row.path() : Paths.of(in.newPath());
            if (!IamTables.id(name).equals(IamTables.id(row.name()))) {
                requireFree(tx, name, call);
            }
            IamState.delete(tx, ProviderTables.SERVER_CERTIFICATES, call.account(), row.name());
            IamState.put(tx, ProviderTables.SERVER_CERTIFICATES, call.account(), name, row.named(name, path));
            return true;
        });
        return new UpdateServerCertificateResponse();
    }

    @Override
    default DeleteServerCertificateResponse deleteServerCertificate(DeleteServerCertificateRequest in, Call call) {
        state().write(tx -> {
            ServerCertificateRow row = serverCertificate(tx, in.serverCertificateName(), call);
            IamState.delete(tx, ProviderTables.SERVER_CERTIFICATES, call.account(), row.name());
            return true;
        });
        return new DeleteServerCertificateResponse();
    }

    @Override
    default TagServerCertificateResponse tagServerCertificate(TagServerCertificateRequest in, Call call) {
        retagCertificate(in.serverCertificateName(), call, row -> row.withTags(Tags.with(row.tags(), in.tags())));
        return new TagServerCertificateResponse();
    }

    @Override
    default UntagServerCertificateResponse untagServerCertificate(UntagServerCertificateRequest in, Call call) {
        retagCertificate(in.serverCertificateName(), call, row -> row.withTags(Tags.without(row.tags(), in.tagKeys())));
        return new UntagServerCertificateResponse();
    }

    @Override
    default ListServerCertificateTagsResponse listServerCertificateTags(
            ListServerCertificateTagsRequest in, Call call) {
        ServerCertificateRow row = state().read(tx -> serverCertificate(tx, in.serverCertificateName(), call));
        Pages<Tag> page = state().pages().of(Tags.list(row.tags()), Tag::key, in.marker(), in.maxItems());
        return new ListServerCertificateTagsResponse()
                .tags(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    private void retagCertificate(String name, Call call, UnaryOperator<ServerCertificateRow> change) {
        state().write(tx -> {
            ServerCertificateRow row = serverCertificate(tx, name, call);
            IamState.put(tx, ProviderTables.SERVER_CERTIFICATES, call.account(), row.name(), change.apply(row));
            return true;
        });
    }

    private static ServerCertificateRow serverCertificate(ReadTx tx, String name, Call call) {
        return IamState.find(tx, ProviderTables.SERVER_CERTIFICATES, call.account(), name)
                .orElseThrow(
                        () -> IamFaults.noSuchEntity("The Server Certificate with name " + name + " cannot be found."));
    }

    private static ServerCertificateMetadata metadata(ServerCertificateRow row, Call call) {
        return new ServerCertificateMetadata()
                .path(row.path())
                .serverCertificateName(row.name())
                .serverCertificateId(row.id())
                .arn(row.arn(call.account()))
                .uploadDate(row.uploaded())
                .expiration(row.expires());
    }
}
