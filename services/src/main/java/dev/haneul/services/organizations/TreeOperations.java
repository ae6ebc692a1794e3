package dev.haneul.services.organizations;

import dev.haneul.api.organizations.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.services.organizations.OrganizationRow.PolicyRow;
import dev.haneul.services.organizations.Organizations.Page;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The organisation itself, its root and its units. */
interface TreeOperations extends OrganizationsRoom {
    /** Units below each other, the root not counted. */
    int DEPTH = 5;

    int UNITS = 1000;

    @Override
    default CreateOrganizationResponse createOrganization(CreateOrganizationRequest in, Call call) {
        String featureSet = in.featureSet() == null ? OrganizationFeatureSet.ALL : in.featureSet();
        String account = call.account();
        String id = "o-" + state().ids().lower(10);
        String root = "r-" + state().ids().lower(4);
        OrganizationRow row = state().write(tx -> {
            if (Organizations.of(tx, account).isPresent()) {
                throw OrganizationFaults.of(
                        "AlreadyInOrganizationException", "The AWS account is already a member of an organization.");
            }
            List<String> types = featureSet.equals(OrganizationFeatureSet.ALL)
                    ? List.of(PolicyType.SERVICE_CONTROL_POLICY)
                    : List.of();
            OrganizationRow empty = new OrganizationRow(
                    id,
                    root,
                    account,
                    featureSet,
                    types,
                    Map.of(),
                    Map.of(),
                    Map.of(),
                    policies(),
                    Map.of(root, Controls.defaults(types)),
                    Map.of(),
                    Map.of(),
                    Map.of(),
                    Map.of(),
                    Map.of(),
                    Map.of());
            return Organizations.change(tx, empty, draft -> {
                draft.accounts.put(
                        account,
                        new Account()
                                .id(account)
                                .arn(empty.arn("account/" + id + "/" + account))
                                .email("root@" + account + ".localhost")
                                .name("Management account")
                                .status(AccountStatus.ACTIVE)
                                .state(AccountState.ACTIVE)
                                .joinedMethod(AccountJoinedMethod.INVITED)
                                .joinedTimestamp(state().now()));
                draft.join(account, root);
                return draft.row();
            });
        });
        return new CreateOrganizationResponse().organization(view(row));
    }

    private static Map<String, PolicyRow> policies() {
        Map<String, PolicyRow> policies = new LinkedHashMap<>();
        policies.put(Controls.FULL_ACCESS.id(), Controls.FULL_ACCESS);
        policies.put(Controls.FULL_RESOURCE_ACCESS.id(), Controls.FULL_RESOURCE_ACCESS);
        return policies;
    }

    @Override
    default DescribeOrganizationResponse describeOrganization(DescribeOrganizationRequest in, Call call) {
        return new DescribeOrganizationResponse().organization(view(state().mine(call)));
    }

    @Override
    default DeleteOrganizationResponse deleteOrganization(DeleteOrganizationRequest in, Call call) {
        state().write(tx -> {
            OrganizationRow row = Organizations.of(tx, call.account()).orElseThrow(OrganizationFaults::notInUse);
            if (!row.management().equals(call.account())) {
                throw OrganizationFaults.denied();
            }
            boolean policies = row.policies().values().stream().anyMatch(policy -> !policy.aws());
            if (row.accounts().size() > 1 || !row.units().isEmpty() || policies) {
                throw OrganizationFaults.of(
                        "OrganizationNotEmptyException",
                        "The organization isn't empty. To delete an organization, you must first remove all accounts"
                                + " except the management account, delete all OUs, and delete all policies.");
            }
            return tx.delete(OrganizationRow.TABLE, OrganizationRow.key(row.management()));
        });
        return new DeleteOrganizationResponse();
    }

    private static Organization view(OrganizationRow row) {
        Account management = row.accounts().get(row.management());
        return new Organization()
                .id(row.id())
                .arn(row.arn("organization/" + row.id()))
                .featureSet(row.featureSet())
                .masterAccountId(row.management())
                .masterAccountArn(management == null ? null : management.arn())
                .masterAccountEmail(management == null ? null : management.email())
                .availablePolicyTypes(
                        row.featureSet().equals(OrganizationFeatureSet.ALL)
                                ? List.of(new PolicyTypeSummary()
                                        .type(PolicyType.SERVICE_CONTROL_POLICY)
                                        .status(PolicyTypeStatus.ENABLED))
                                : List.of());
    }

    @Override
    default ListRootsResponse listRoots(ListRootsRequest in, Call call) {
        return new ListRootsResponse().roots(List.of(PolicyOperations.root(state().managed(call))));
    }

    @Override
    default CreateOrganizationalUnitResponse createOrganizationalUnit(CreateOrganizationalUnitRequest in, Call call) {
        String tail = state().ids().lower(8);
        return state().change(call, draft -> {
            OrganizationRow row = draft.before;
            requireParent(row, in.parentId());
            if (draft.units.size() >= UNITS) {
                throw OrganizationFaults.constraint(
                        "OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of OUs.");
            }
            if (Controls.path(draft.parents, in.parentId()).size() > DEPTH) {
                throw OrganizationFaults.constraint(
                        "OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the allowed depth of an OU tree.");
            }
            requireFreeName(draft, in.parentId(), in.name());
            String id = "ou-" + row.root().substring(2) + "-" + tail;
            draft.units.put(id, in.name());
            draft.join(id, in.parentId());
            Tagging.put(draft, id, in.tags());
            return new CreateOrganizationalUnitResponse().organizationalUnit(unit(draft.row(), id));
        });
    }

    private static void requireFreeName(Draft draft, String parent, String name) {
        boolean taken = draft.units.entrySet().stream()
                .anyMatch(unit -> unit.getValue().equals(name) && parent.equals(draft.parents.get(unit.getKey())));
        if (taken) {
            throw OrganizationFaults.of(
                    "DuplicateOrganizationalUnitException", "An OU with the same name already exists.");
        }
    }

    /** Refuses what is neither the root nor a unit. */
    static void requireParent(OrganizationRow row, String id) {
        if (!id.equals(row.root()) && !row.units().containsKey(id)) {
            throw OrganizationFaults.noParent();
        }
    }

    static OrganizationalUnit unit(OrganizationRow row, String id) {
        String name = row.units().get(id);
        if (name == null) {
            throw OrganizationFaults.noUnit();
        }
        return new OrganizationalUnit()
                .id(id)
                .arn(row.arn("ou/" + row.id() + "/" + id))
                .name(name);
    }

    @Override
    default DescribeOrganizationalUnitResponse describeOrganizationalUnit(
            DescribeOrganizationalUnitRequest in, Call call) {
        return new DescribeOrganizationalUnitResponse()
                .organizationalUnit(unit(state().managed(call), in.organizationalUnitId()));
    }

    @Override
    default UpdateOrganizationalUnitResponse updateOrganizationalUnit(UpdateOrganizationalUnitRequest in, Call call) {
        return state().change(call, draft -> {
            String id = in.organizationalUnitId();
            String old = unit(draft.before, id).name();
            String name = in.name();
            if (name != null && !name.equals(old)) {
                requireFreeName(draft, draft.parents.getOrDefault(id, ""), name);
                draft.units.put(id, name);
            }
            return new UpdateOrganizationalUnitResponse().organizationalUnit(unit(draft.row(), id));
        });
    }

    @Override
    default DeleteOrganizationalUnitResponse deleteOrganizationalUnit(DeleteOrganizationalUnitRequest in, Call call) {
        return state().change(call, draft -> {
            String id = in.organizationalUnitId();
            unit(draft.before, id);
            if (draft.parents.containsValue(id)) {
                throw OrganizationFaults.of(
                        "OrganizationalUnitNotEmptyException",
                        "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all"
                                + " child OUs, and try the operation again.");
            }
            draft.leave(id);
            return new DeleteOrganizationalUnitResponse();
        });
    }

    @Override
    default ListOrganizationalUnitsForParentResponse listOrganizationalUnitsForParent(
            ListOrganizationalUnitsForParentRequest in, Call call) {
        OrganizationRow row = state().managed(call);
        requireParent(row, in.parentId());
        Page<String> page = state().page(
                        children(row, in.parentId(), ChildType.ORGANIZATIONAL_UNIT), in.nextToken(), in.maxResults());
        return new ListOrganizationalUnitsForParentResponse()
                .organizationalUnits(
                        page.items().stream().map(id -> unit(row, id)).toList())
                .nextToken(page.next());
    }

    /** Ids of a parent's accounts or units. */
    static List<String> children(OrganizationRow row, String parent, String type) {
        boolean units = type.equals(ChildType.ORGANIZATIONAL_UNIT);
        List<String> found = new ArrayList<>();
        row.parents().forEach((child, of) -> {
            if (of.equals(parent) && units == row.units().containsKey(child)) {
                found.add(child);
            }
        });
        return found;
    }

    @Override
    default ListChildrenResponse listChildren(ListChildrenRequest in, Call call) {
        OrganizationRow row = state().managed(call);
        requireParent(row, in.parentId());
        Page<String> page = state().page(children(row, in.parentId(), in.childType()), in.nextToken(), in.maxResults());
        return new ListChildrenResponse()
                .children(page.items().stream()
                        .map(id -> new Child().id(id).type(in.childType()))
                        .toList())
                .nextToken(page.next());
    }

    @Override
    default ListParentsResponse listParents(ListParentsRequest in, Call call) {
        OrganizationRow row = state().managed(call);
        @Nullable String parent = row.parents().get(in.childId());
        if (parent == null) {
            throw OrganizationFaults.of(
                    "ChildNotFoundException", "You specified an organizational unit or account that doesn't exist.");
        }
        String type = parent.equals(row.root()) ? ParentType.ROOT : ParentType.ORGANIZATIONAL_UNIT;
        return new ListParentsResponse().parents(List.of(new Parent().id(parent).type(type)));
    }
}
