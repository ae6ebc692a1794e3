package dev.haneul.services.iam;

import dev.haneul.api.iam.AccessAdvisorUsageGranularityType;
import dev.haneul.api.iam.EntityDetails;
import dev.haneul.api.iam.EntityInfo;
import dev.haneul.api.iam.GenerateServiceLastAccessedDetailsRequest;
import dev.haneul.api.iam.GenerateServiceLastAccessedDetailsResponse;
import dev.haneul.api.iam.GetServiceLastAccessedDetailsRequest;
import dev.haneul.api.iam.GetServiceLastAccessedDetailsResponse;
import dev.haneul.api.iam.GetServiceLastAccessedDetailsWithEntitiesRequest;
import dev.haneul.api.iam.GetServiceLastAccessedDetailsWithEntitiesResponse;
import dev.haneul.api.iam.JobStatusType;
import dev.haneul.api.iam.ListPoliciesGrantingServiceAccessEntry;
import dev.haneul.api.iam.ListPoliciesGrantingServiceAccessRequest;
import dev.haneul.api.iam.ListPoliciesGrantingServiceAccessResponse;
import dev.haneul.api.iam.PolicyGrantingServiceAccess;
import dev.haneul.api.iam.PolicyType;
import dev.haneul.api.iam.ServiceLastAccessed;
import dev.haneul.api.iam.TrackedActionLastAccessed;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.policy.NamedPolicy;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.iam.AccessTables.AccessRow;
import dev.haneul.services.iam.AccessTables.JobRow;
import dev.haneul.services.iam.LastAccess.Entity;
import dev.haneul.services.iam.LastAccess.Owned;
import dev.haneul.services.iam.LastAccess.Reach;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Who could call what, and when it last did. A report is made the moment it is read, from what was noted of every call,
 * so a job is done as soon as it is there. See "Refine permissions in AWS using last accessed information" in the User
 * Guide.
 */
interface LastAccessedOperations extends IamRoom {
    int JOBS = 1000;
    Duration JOB_KEPT = Duration.ofDays(7);

    @Override
    default GenerateServiceLastAccessedDetailsResponse generateServiceLastAccessedDetails(
            GenerateServiceLastAccessedDetailsRequest in, Call call) {
        boolean actions = AccessAdvisorUsageGranularityType.ACTION_LEVEL.equals(in.granularity());
        String id = UUID.randomUUID().toString();
        JobRow job = new JobRow(id, in.arn(), actions, state().now(), who(call));
        state().writeQuietly(tx -> {
            LastAccess.reach(state(), tx, call.account(), in.arn());
            makeRoom(tx, call.account());
            IamState.put(tx, AccessTables.JOBS, call.account(), id, job);
            return true;
        });
        return new GenerateServiceLastAccessedDetailsResponse().jobId(id);
    }

    /** Drops jobs that are old, and the oldest where there are too many. */
    private void makeRoom(WriteTx tx, String account) {
        List<JobRow> jobs =
                new ArrayList<>(tx.range(AccessTables.JOBS, IamTables.scope(account), "", null, JOBS).stream()
                        .map(Row::value)
                        .toList());
        jobs.sort(Comparator.comparing(JobRow::created));
        for (int i = 0; i < jobs.size(); i++) {
            boolean old = jobs.get(i).created().plus(JOB_KEPT).isBefore(state().now());
            if (old || jobs.size() - i >= JOBS) {
                IamState.delete(tx, AccessTables.JOBS, account, jobs.get(i).id());
            }
        }
    }

    @Override
    default GetServiceLastAccessedDetailsResponse getServiceLastAccessedDetails(
            GetServiceLastAccessedDetailsRequest in, Call call) {
        JobRow job = job(in.jobId(), call);
        state().accesses().flush();
        Pages<ServiceLastAccessed> page = state().read(tx -> {
            Reach reach = LastAccess.reach(state(), tx, call.account(), job.arn());
            Map<String, List<AccessRow>> uses = LastAccess.byService(tx, call.account(), reach.entities());
            List<ServiceLastAccessed> services = state().services().namespaces().stream()
                    .filter(namespace -> grants(reach.policies(), namespace))
                    .map(namespace -> service(namespace, uses.getOrDefault(namespace, List.of()), job.actions()))
                    .toList();
            return state().pages().of(services, ServiceLastAccessed::serviceNamespace, in.marker(), in.maxItems());
        });
        return new GetServiceLastAccessedDetailsResponse()
                .jobStatus(JobStatusType.COMPLETED)
                .jobType(
                        job.actions()
                                ? AccessAdvisorUsageGranularityType.ACTION_LEVEL
                                : AccessAdvisorUsageGranularityType.SERVICE_LEVEL)
                .jobCreationDate(job.created())
                .jobCompletionDate(job.created())
                .servicesLastAccessed(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    private boolean grants(List<Owned> policies, String namespace) {
        return policies.stream()
                .map(Owned::policy)
                .anyMatch(policy -> state().services().grants(policy, namespace));
    }

    private ServiceLastAccessed service(String namespace, List<AccessRow> uses, boolean actions) {
        ServiceLastAccessed out = new ServiceLastAccessed()
                .serviceName(state().services().name(namespace))
                .serviceNamespace(namespace)
                .totalAuthenticatedEntities(uses.size());
        Optional<AccessRow> latest = uses.stream().max(Comparator.comparing(AccessRow::last));
        latest.ifPresent(row -> out.lastAuthenticated(row.last())
                .lastAuthenticatedEntity(row.arn())
                .lastAuthenticatedRegion(row.region()));
        return actions && latest.isPresent() ? out.trackedActionsLastAccessed(tracked(uses)) : out;
    }

    /** Each action that was called, by who called it last. */
    private static List<TrackedActionLastAccessed> tracked(List<AccessRow> uses) {
        Map<String, TrackedActionLastAccessed> found = new TreeMap<>();
        for (AccessRow row : uses) {
            row.actions().forEach((action, second) -> {
                Instant when = Instant.ofEpochSecond(second);
                TrackedActionLastAccessed known = found.get(action);
                Instant before = known == null ? null : known.lastAccessedTime();
                if (before == null || before.isBefore(when)) {
                    found.put(
                            action,
                            new TrackedActionLastAccessed()
                                    .actionName(action)
                                    .lastAccessedEntity(row.arn())
                                    .lastAccessedTime(when)
                                    .lastAccessedRegion(row.region()));
                }
            });
        }
        return List.copyOf(found.values());
    }

    @Override
    default GetServiceLastAccessedDetailsWithEntitiesResponse getServiceLastAccessedDetailsWithEntities(
            GetServiceLastAccessedDetailsWithEntitiesRequest in, Call call) {
        JobRow job = job(in.jobId(), call);
        state().accesses().flush();
        Pages<EntityDetails> page = state().read(tx -> {
            Reach reach = LastAccess.reach(state(), tx, call.account(), job.arn());
            if (!grants(reach.policies(), in.serviceNamespace())) {
                return new Pages<EntityDetails>(List.of(), null);
            }
            List<EntityDetails> found = new ArrayList<>();
            for (Entity entity : reach.entities()) {
                Instant last = AccessTables.of(tx, call.account(), entity.arn()).stream()
                        .filter(row -> row.service().equals(in.serviceNamespace()))
                        .map(AccessRow::last)
                        .findFirst()
                        .orElse(null);
                found.add(new EntityDetails().entityInfo(info(entity)).lastAuthenticated(last));
            }
            return state().pages().of(found, LastAccessedOperations::recentFirst, in.marker(), in.maxItems());
        });
        return new GetServiceLastAccessedDetailsWithEntitiesResponse()
                .jobStatus(JobStatusType.COMPLETED)
                .jobCreationDate(job.created())
                .jobCompletionDate(job.created())
                .entityDetailsList(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    private static EntityInfo info(Entity entity) {
        return new EntityInfo()
                .arn(entity.arn())
                .name(entity.name())
                .type(entity.type())
                .id(entity.id())
                .path(entity.path());
    }

    /** Sorts the latest access first and those without one last. */
    private static String recentFirst(EntityDetails details) {
        Instant last = details.lastAuthenticated();
        long ago = last == null ? Long.MAX_VALUE : Long.MAX_VALUE - last.getEpochSecond();
        EntityInfo info = details.entityInfo();
        return "%019d %s".formatted(ago, info == null ? "" : info.arn());
    }

    @Override
    default ListPoliciesGrantingServiceAccessResponse listPoliciesGrantingServiceAccess(
            ListPoliciesGrantingServiceAccessRequest in, Call call) {
        Reach reach = state().read(tx -> LastAccess.reach(state(), tx, call.account(), in.arn()));
        if (reach.ofPolicy()) {
            throw IamFaults.invalidInput(
                    "Invalid Entity Arn: " + in.arn() + " does not clearly define entity type and name.");
        }
        List<ListPoliciesGrantingServiceAccessEntry> entries = in.serviceNamespaces().stream()
                .map(namespace -> new ListPoliciesGrantingServiceAccessEntry()
                        .serviceNamespace(namespace)
                        .policies(reach.policies().stream()
                                .filter(owned -> state().services().grants(owned.policy(), namespace))
                                .map(LastAccessedOperations::granting)
                                .toList()))
                .toList();
        Pages<ListPoliciesGrantingServiceAccessEntry> page = state().pages()
                .of(entries, ListPoliciesGrantingServiceAccessEntry::serviceNamespace, in.marker(), null);
        return new ListPoliciesGrantingServiceAccessResponse()
                .policiesGrantingServiceAccess(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    private static PolicyGrantingServiceAccess granting(Owned owned) {
        NamedPolicy policy = owned.policy();
        boolean managed = policy.name().startsWith("arn:");
        PolicyGrantingServiceAccess out = new PolicyGrantingServiceAccess()
                .policyName(policy.name().substring(policy.name().lastIndexOf('/') + 1))
                .policyType(managed ? PolicyType.MANAGED : PolicyType.INLINE);
        return managed
                ? out.policyArn(policy.name())
                : out.entityType(owned.ownerType()).entityName(owned.ownerName());
    }

    private JobRow job(String id, Call call) {
        return state().read(tx -> IamState.find(tx, AccessTables.JOBS, call.account(), id))
                .filter(job -> job.by().equals(who(call)))
                .orElseThrow(() -> IamFaults.noSuchEntity("Job with ID " + id + " cannot be found."));
    }

    private static String who(Call call) {
        return call.principal().id();
    }
}
