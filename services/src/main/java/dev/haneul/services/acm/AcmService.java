package dev.haneul.services.acm;

import dev.haneul.api.acm.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.certificates.CertificateIssuer;
import dev.haneul.kernel.certificates.CertificateSource;
import dev.haneul.kernel.certificates.CertificateUses;
import dev.haneul.kernel.names.DnsLookup;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.acm.AcmTables.AccountRow;
import dev.haneul.services.acm.AcmTables.CertificateRow;
import dev.haneul.services.acm.AcmTables.Material;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** AWS Certificate Manager. See the package for what is built. */
public final class AcmService implements AcmApi {
    private static final int MOST = 2500;
    private static final int PAGE = 100;
    /** Longer than any time, so that the newest come first in order of text. */
    private static final long END = 9_999_999_999_999L;

    private final Store store;
    private final Clock clock;
    private final CertificateUses uses;
    private final Certificates certificates;
    private final Requests requests;
    private final Validations validations;
    private final Issuing issuing;
    private final Details details;
    private final Pager pager;

    /**
     * What the room stands on.
     *
     * @param issuer the region's own authority
     * @param dns where proofs of names are looked up
     * @param uses who presents a certificate
     */
    public record Ground(
            Store store,
            Clock clock,
            CertificateIssuer issuer,
            DnsLookup dns,
            CertificateUses uses,
            byte[] folderKey) {}

    /** Makes the service and opens its tables. */
    public AcmService(Ground ground) {
        store = ground.store();
        store.open(AcmTables.ALL, List.of());
        clock = ground.clock();
        uses = ground.uses();
        Tokens tokens = new Tokens(Tokens.derive(ground.folderKey(), "acm tokens"));
        certificates = new Certificates(store, tokens);
        requests = new Requests(store, clock, certificates);
        validations = new Validations(ground.folderKey(), ground.dns());
        issuing = new Issuing(store, clock, certificates, validations, ground.issuer(), uses);
        details = new Details(validations, uses);
        pager = new Pager(tokens, AcmFaults::badToken);
    }

    /** Joins the driver, before it starts. */
    public void join(Driver driver) {
        issuing.join(driver);
    }

    /** The certificates, to listeners. */
    public CertificateSource source() {
        return certificates;
    }

    /** Certificates' owners and tags, for the authorizer. */
    public ResourcePolicies resources() {
        return arn -> Arn.parse(arn)
                .filter(each -> each.resource().startsWith("certificate/")
                        && each.resource().length() > "certificate/".length())
                .flatMap(each -> store.<Optional<CertificateRow>>read(tx ->
                        tx.get(AcmTables.CERTIFICATES, Certificates.key(arn)).map(Row::value)))
                .map(row -> new ResourcePolicies.Owned(Certificates.key(arn).account(), null, row.tags()));
    }

    @Override
    public RequestCertificateResponse requestCertificate(RequestCertificateRequest in, Call call) {
        String arn = requests.request(in, call);
        issuing.wake();
        return new RequestCertificateResponse().certificateArn(arn);
    }

    @Override
    public ImportCertificateResponse importCertificate(ImportCertificateRequest in, Call call) {
        return new ImportCertificateResponse().certificateArn(requests.bring(in, call));
    }

    @Override
    public DescribeCertificateResponse describeCertificate(DescribeCertificateRequest in, Call call) {
        Key key = Certificates.key(in.certificateArn());
        return new DescribeCertificateResponse().certificate(details.detail(key, certificates.require(key)));
    }

    private Material material(Key key) {
        Material material = certificates.require(key).material();
        if (material == null) {
            throw AcmFaults.inProgress(AcmTables.arn(key));
        }
        return material;
    }

    @Override
    public GetCertificateResponse getCertificate(GetCertificateRequest in, Call call) {
        Material material = material(Certificates.key(in.certificateArn()));
        GetCertificateResponse out = new GetCertificateResponse().certificate(material.body());
        return material.chain().isEmpty() ? out : out.certificateChain(material.chain());
    }

    @Override
    public ExportCertificateResponse exportCertificate(ExportCertificateRequest in, Call call) {
        Key key = Certificates.key(in.certificateArn());
        CertificateRow row = certificates.require(key);
        if (!row.export().equals("ENABLED")) {
            throw AcmFaults.invalid("Certificate ARN: " + in.certificateArn() + " is not exportable.");
        }
        Material material = material(key);
        String sealed = Pems.encrypted(certificates.open(key, material), in.passphrase());
        certificates.change(key, CertificateRow::givenOut);
        return new ExportCertificateResponse()
                .certificate(material.body())
                .certificateChain(material.chain())
                .privateKey(sealed);
    }

    @Override
    public ListCertificatesResponse listCertificates(ListCertificatesRequest in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        boolean newestFirst = !"ASCENDING".equals(in.sortOrder());
        if ((in.sortBy() == null) != (in.sortOrder() == null)) {
            throw AcmFaults.invalid("SortBy and SortOrder must be given together.");
        }
        List<CertificateSummary> shown =
                store.read(tx -> tx.range(AcmTables.CERTIFICATES, scope, "", null, MOST)).stream()
                        .filter(row -> in.certificateStatuses().isEmpty()
                                || in.certificateStatuses().contains(row.value().status()))
                        .map(row -> details.summary(row.key(), row.value()))
                        .filter(each -> Details.shown(each, in.includes()))
                        .toList();
        Function<CertificateSummary, String> order = each -> {
            long at = Objects.requireNonNull(each.createdAt()).toEpochMilli();
            return "%013d %s".formatted(newestFirst ? END - at : at, each.certificateArn());
        };
        int limit = in.maxItems() == null ? PAGE : in.maxItems();
        String question = "certificates " + scope + newestFirst + in.certificateStatuses();
        Page<CertificateSummary> page = pager.list(shown, order, question, in.nextToken(), limit);
        return new ListCertificatesResponse()
                .certificateSummaryList(page.items())
                .nextToken(page.next());
    }

    @Override
    public DeleteCertificateResponse deleteCertificate(DeleteCertificateRequest in, Call call) {
        Key key = Certificates.key(in.certificateArn());
        certificates.require(key);
        if (!uses.of(in.certificateArn()).isEmpty()) {
            throw AcmFaults.inUse(in.certificateArn());
        }
        store.write(tx -> {
            Certificates.require(tx, key);
            tx.delete(AcmTables.CERTIFICATES, key);
        });
        return new DeleteCertificateResponse();
    }

    @Override
    public RenewCertificateResponse renewCertificate(RenewCertificateRequest in, Call call) {
        Key key = Certificates.key(in.certificateArn());
        CertificateRow row = certificates.require(key);
        if (row.material() == null) {
            throw AcmFaults.inProgress(in.certificateArn());
        }
        if (!row.type().equals(AcmTables.AMAZON) || !(row.exported() || details.inUse(key))) {
            throw AcmFaults.invalid("The certificate " + in.certificateArn() + " is not eligible for renewal.");
        }
        issuing.renew(key, row);
        return new RenewCertificateResponse();
    }

    @Override
    public UpdateCertificateOptionsResponse updateCertificateOptions(UpdateCertificateOptionsRequest in, Call call) {
        certificates.change(Certificates.key(in.certificateArn()), row -> {
            if (!row.type().equals(AcmTables.AMAZON) || !row.status().equals(AcmTables.ISSUED)) {
                throw AcmFaults.state("The options of certificate " + in.certificateArn()
                        + " cannot be updated in its current state.");
            }
            CertificateOptions asked = in.options();
            String logging = asked.certificateTransparencyLoggingPreference();
            return row.options(
                    logging == null ? row.transparency() : logging,
                    asked.export() == null ? row.export() : asked.export());
        });
        return new UpdateCertificateOptionsResponse();
    }

    /** No mail is sent; only what AWS would refuse is refused. */
    @Override
    public ResendValidationEmailResponse resendValidationEmail(ResendValidationEmailRequest in, Call call) {
        CertificateRow row = certificates.require(Certificates.key(in.certificateArn()));
        if (!row.status().equals(AcmTables.PENDING) || !row.asked().method().equals("EMAIL")) {
            throw AcmFaults.state("The certificate does not wait for a validation email.");
        }
        if (!row.asked().names().contains(in.domain())) {
            throw AcmFaults.validationOptions("The certificate request has no domain " + in.domain() + ".");
        }
        return new ResendValidationEmailResponse();
    }

    @Override
    public GetAccountConfigurationResponse getAccountConfiguration(GetAccountConfigurationRequest in, Call call) {
        AccountRow row = store.read(tx -> Issuing.account(tx, new Key(call.account(), call.region(), "any")));
        return new GetAccountConfigurationResponse()
                .expiryEvents(new ExpiryEventsConfiguration().daysBeforeExpiry(row.daysBeforeExpiry()));
    }

    @Override
    public PutAccountConfigurationResponse putAccountConfiguration(PutAccountConfigurationRequest in, Call call) {
        ExpiryEventsConfiguration events = in.expiryEvents();
        if (events != null && events.daysBeforeExpiry() != null) {
            AccountRow row = new AccountRow(events.daysBeforeExpiry());
            Key key = new Key(call.account(), call.region(), "account");
            store.write(tx -> tx.put(AcmTables.ACCOUNTS, key, row));
        }
        return new PutAccountConfigurationResponse();
    }

    @Override
    public AddTagsToCertificateResponse addTagsToCertificate(AddTagsToCertificateRequest in, Call call) {
        certificates.change(
                Certificates.key(in.certificateArn()), row -> row.tagged(Requests.tags(row.tags(), in.tags())));
        return new AddTagsToCertificateResponse();
    }

    @Override
    public RemoveTagsFromCertificateResponse removeTagsFromCertificate(RemoveTagsFromCertificateRequest in, Call call) {
        certificates.change(Certificates.key(in.certificateArn()), row -> {
            Map<String, String> tags = new LinkedHashMap<>(row.tags());
            for (Tag tag : in.tags()) {
                if (tag.value() == null) {
                    tags.remove(tag.key());
                } else {
                    tags.remove(tag.key(), tag.value());
                }
            }
            return row.tagged(tags);
        });
        return new RemoveTagsFromCertificateResponse();
    }

    @Override
    public ListTagsForCertificateResponse listTagsForCertificate(ListTagsForCertificateRequest in, Call call) {
        Map<String, String> tags =
                certificates.require(Certificates.key(in.certificateArn())).tags();
        return new ListTagsForCertificateResponse()
                .tags(tags.entrySet().stream()
                        .map(each -> new Tag().key(each.getKey()).value(each.getValue()))
                        .toList());
    }
}
