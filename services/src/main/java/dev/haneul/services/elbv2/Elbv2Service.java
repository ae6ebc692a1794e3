package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.edge.stream.Acceptor;
import dev.haneul.edge.stream.Dialer;
import dev.haneul.fabric.vpc.NameSource;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.certificates.CertificateSource;
import dev.haneul.kernel.certificates.CertificateUses;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.kernel.usage.Usage;
import java.security.SecureRandom;
import java.util.Optional;

/** Elastic Load Balancing version 2. See the package for what is built. */
public final class Elbv2Service implements ElbV2Api, AutoCloseable {
    private final Store store;
    private final Pager pager;
    private final Balancers balancers;
    private final Listeners listeners;
    private final RuleOperations rules;
    private final Groups groups;
    private final Targets targets;
    private final Tagging tagging;
    private final TrustStores stores;
    private final TrustStoreDownloads downloads;
    private final Works works;
    private final ClassicService classic;

    /**
     * What the service stands on.
     *
     * @param neighbours carries calls to EC2, S3 and Lambda
     * @param folderKey the data folder's key, under which page tokens and cookies are sealed
     * @param networks whether balancers listen in networks: else the region's gateway is the only way to them
     */
    public record Ground(
            Store store,
            Clock clock,
            Caller neighbours,
            byte[] folderKey,
            CertificateSource certificates,
            Acceptor acceptor,
            Dialer dialer,
            java.util.function.BooleanSupplier networks,
            Metrics metrics,
            Usage usage) {}

    /** Makes the service and opens its tables. */
    public Elbv2Service(Ground ground) {
        ground.store().open(ElbTables.ALL, java.util.List.of());
        store = ground.store();
        Ids ids = new Ids(new SecureRandom());
        pager = new Pager(
                new Tokens(Tokens.derive(ground.folderKey(), "elbv2 pages")),
                () -> ElbFaults.validation("The marker is not valid"));
        Neighbours neighbours = new Neighbours(ground.neighbours(), ground.clock());
        balancers = new Balancers(store, ground.clock(), ids, neighbours, pager);
        listeners = new Listeners(store, ids, pager, new Certificates(ground.certificates()));
        rules = new RuleOperations(store, ids, pager);
        groups = new Groups(store, ground.clock(), ids, neighbours, pager);
        targets = new Targets(store, ground.clock(), neighbours);
        tagging = new Tagging(store);
        downloads = new TrustStoreDownloads(
                store, new Tokens(Tokens.derive(ground.folderKey(), "elbv2 trust stores")), ground.clock());
        stores = new TrustStores(store, ids, pager, ground.neighbours(), downloads);
        works = new Works(ground, neighbours);
        Certificates certificates = new Certificates(ground.certificates());
        classic = new ClassicService(
                store, new Classic(store, ground.clock(), ids, neighbours, certificates), neighbours, works, pager);
    }

    /** The version of 2012, over the same data plane. */
    public ClassicService classic() {
        return classic;
    }

    /** Joins the driver, before it starts. */
    public void join(Driver driver) {
        works.join(driver);
    }

    /**
     * Carries traffic again where an earlier server did, while the rest of the region comes up: who was healthy is taken to
     * be so until it is looked at. Networks must hold already.
     */
    public void resume() {
        works.resume();
    }

    /** The balancers' names at the region's own port. */
    public DataPlane plane() {
        return works.plane();
    }

    /** What trust stores hold, at addresses that end. */
    public DataPlane downloads() {
        return downloads;
    }

    /** The balancers' names, as they resolve inside networks. */
    public NameSource names() {
        return works::answer;
    }

    /** Which balancers present a certificate. */
    public CertificateUses uses() {
        return listeners::presenting;
    }

    /** Whose balancers and groups are, and their tags. */
    public ResourcePolicies policies() {
        return arn -> Arn.parse(arn).flatMap(parsed -> {
            Scope scope = new Scope(parsed.account(), parsed.region());
            try {
                return Optional.of(new ResourcePolicies.Owned(
                        parsed.account(), null, store.read(tx -> Tagging.of(tx, scope, arn))));
            } catch (dev.haneul.api.runtime.Fault e) {
                return Optional.empty();
            }
        });
    }

    /** Stops carrying traffic. */
    @Override
    public void close() {
        works.close();
    }

    /** Forgets balancers whose records are gone. */
    public void forget() {
        works.forget();
    }

    @Override
    public CreateLoadBalancerOutput createLoadBalancer(CreateLoadBalancerInput in, Call call) {
        return balancers.create(in, call);
    }

    @Override
    public DeleteLoadBalancerOutput deleteLoadBalancer(DeleteLoadBalancerInput in, Call call) {
        return balancers.delete(in, call);
    }

    @Override
    public DescribeLoadBalancersOutput describeLoadBalancers(DescribeLoadBalancersInput in, Call call) {
        return balancers.describe(in, call);
    }

    @Override
    public DescribeLoadBalancerAttributesOutput describeLoadBalancerAttributes(
            DescribeLoadBalancerAttributesInput in, Call call) {
        return balancers.attributes(in, call);
    }

    @Override
    public ModifyLoadBalancerAttributesOutput modifyLoadBalancerAttributes(
            ModifyLoadBalancerAttributesInput in, Call call) {
        return balancers.modify(in, call);
    }

    @Override
    public SetSubnetsOutput setSubnets(SetSubnetsInput in, Call call) {
        return balancers.setSubnets(in, call);
    }

    @Override
    public SetSecurityGroupsOutput setSecurityGroups(SetSecurityGroupsInput in, Call call) {
        return balancers.setSecurityGroups(in, call);
    }

    @Override
    public SetIpAddressTypeOutput setIpAddressType(SetIpAddressTypeInput in, Call call) {
        return balancers.setAddressType(in, call);
    }

    @Override
    public CreateListenerOutput createListener(CreateListenerInput in, Call call) {
        return listeners.create(in, call);
    }

    @Override
    public ModifyListenerOutput modifyListener(ModifyListenerInput in, Call call) {
        return listeners.modify(in, call);
    }

    @Override
    public DeleteListenerOutput deleteListener(DeleteListenerInput in, Call call) {
        return listeners.delete(in, call);
    }

    @Override
    public DescribeListenersOutput describeListeners(DescribeListenersInput in, Call call) {
        return listeners.describe(in, call);
    }

    @Override
    public DescribeListenerAttributesOutput describeListenerAttributes(DescribeListenerAttributesInput in, Call call) {
        return listeners.attributes(in, call);
    }

    @Override
    public ModifyListenerAttributesOutput modifyListenerAttributes(ModifyListenerAttributesInput in, Call call) {
        return listeners.modify(in, call);
    }

    @Override
    public AddListenerCertificatesOutput addListenerCertificates(AddListenerCertificatesInput in, Call call) {
        return listeners.add(in, call);
    }

    @Override
    public RemoveListenerCertificatesOutput removeListenerCertificates(RemoveListenerCertificatesInput in, Call call) {
        return listeners.remove(in, call);
    }

    @Override
    public DescribeListenerCertificatesOutput describeListenerCertificates(
            DescribeListenerCertificatesInput in, Call call) {
        return listeners.certificates(in, call);
    }

    @Override
    public CreateRuleOutput createRule(CreateRuleInput in, Call call) {
        return rules.create(in, call);
    }

    @Override
    public ModifyRuleOutput modifyRule(ModifyRuleInput in, Call call) {
        return rules.modify(in, call);
    }

    @Override
    public DeleteRuleOutput deleteRule(DeleteRuleInput in, Call call) {
        return rules.delete(in, call);
    }

    @Override
    public DescribeRulesOutput describeRules(DescribeRulesInput in, Call call) {
        return rules.describe(in, call);
    }

    @Override
    public SetRulePrioritiesOutput setRulePriorities(SetRulePrioritiesInput in, Call call) {
        return rules.setPriorities(in, call);
    }

    @Override
    public CreateTargetGroupOutput createTargetGroup(CreateTargetGroupInput in, Call call) {
        return groups.create(in, call);
    }

    @Override
    public ModifyTargetGroupOutput modifyTargetGroup(ModifyTargetGroupInput in, Call call) {
        return groups.modify(in, call);
    }

    @Override
    public DeleteTargetGroupOutput deleteTargetGroup(DeleteTargetGroupInput in, Call call) {
        return groups.delete(in, call);
    }

    @Override
    public DescribeTargetGroupsOutput describeTargetGroups(DescribeTargetGroupsInput in, Call call) {
        return groups.describe(in, call);
    }

    @Override
    public DescribeTargetGroupAttributesOutput describeTargetGroupAttributes(
            DescribeTargetGroupAttributesInput in, Call call) {
        return groups.attributes(in, call);
    }

    @Override
    public ModifyTargetGroupAttributesOutput modifyTargetGroupAttributes(
            ModifyTargetGroupAttributesInput in, Call call) {
        return groups.modify(in, call);
    }

    @Override
    public RegisterTargetsOutput registerTargets(RegisterTargetsInput in, Call call) {
        return targets.register(in, call);
    }

    @Override
    public DeregisterTargetsOutput deregisterTargets(DeregisterTargetsInput in, Call call) {
        return targets.deregister(in, call);
    }

    @Override
    public DescribeTargetHealthOutput describeTargetHealth(DescribeTargetHealthInput in, Call call) {
        return targets.health(in, call);
    }

    @Override
    public AddTagsOutput addTags(AddTagsInput in, Call call) {
        return tagging.add(in, call);
    }

    @Override
    public RemoveTagsOutput removeTags(RemoveTagsInput in, Call call) {
        return tagging.remove(in, call);
    }

    @Override
    public DescribeTagsOutput describeTags(DescribeTagsInput in, Call call) {
        return tagging.describe(in, call);
    }

    @Override
    public DescribeSSLPoliciesOutput describeSSLPolicies(DescribeSSLPoliciesInput in, Call call) {
        return SslPolicies.describe(in);
    }

    @Override
    public DescribeAccountLimitsOutput describeAccountLimits(DescribeAccountLimitsInput in, Call call) {
        return Limits.describe(in, pager);
    }

    @Override
    public CreateTrustStoreOutput createTrustStore(CreateTrustStoreInput in, Call call) {
        return stores.create(in, call);
    }

    @Override
    public ModifyTrustStoreOutput modifyTrustStore(ModifyTrustStoreInput in, Call call) {
        return stores.modify(in, call);
    }

    @Override
    public DeleteTrustStoreOutput deleteTrustStore(DeleteTrustStoreInput in, Call call) {
        return stores.delete(in, call);
    }

    @Override
    public DescribeTrustStoresOutput describeTrustStores(DescribeTrustStoresInput in, Call call) {
        return stores.describe(in, call);
    }

    @Override
    public DescribeTrustStoreAssociationsOutput describeTrustStoreAssociations(
            DescribeTrustStoreAssociationsInput in, Call call) {
        return stores.associations(in, call);
    }

    @Override
    public GetTrustStoreCaCertificatesBundleOutput getTrustStoreCaCertificatesBundle(
            GetTrustStoreCaCertificatesBundleInput in, Call call) {
        return stores.bundle(in, call);
    }

    @Override
    public GetTrustStoreRevocationContentOutput getTrustStoreRevocationContent(
            GetTrustStoreRevocationContentInput in, Call call) {
        return stores.revocation(in, call);
    }

    @Override
    public AddTrustStoreRevocationsOutput addTrustStoreRevocations(AddTrustStoreRevocationsInput in, Call call) {
        return stores.revoke(in, call);
    }

    @Override
    public DescribeTrustStoreRevocationsOutput describeTrustStoreRevocations(
            DescribeTrustStoreRevocationsInput in, Call call) {
        return stores.revocations(in, call);
    }

    @Override
    public RemoveTrustStoreRevocationsOutput removeTrustStoreRevocations(
            RemoveTrustStoreRevocationsInput in, Call call) {
        return stores.unrevoke(in, call);
    }
}
