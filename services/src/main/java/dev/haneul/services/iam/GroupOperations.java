package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.iam.IamTables.Grants;
import dev.haneul.services.iam.IamTables.GroupRow;
import dev.haneul.services.iam.IamTables.UserRow;
import java.util.ArrayList;
import java.util.List;

/** Groups: made, told, renamed, removed; their members and policies. */
interface GroupOperations extends IamRoom {
    int GROUPS_PER_ACCOUNT = 300;
    int GROUPS_PER_USER = 10;

    private static List<UserRow> members(ReadTx tx, String account, String groupName) {
        return tx.find(IamTables.USERS, IamTables.scope(account), "group", IamTables.id(groupName), "", 10_000).stream()
                .map(Row::value)
                .toList();
    }

    @Override
    default CreateGroupResponse createGroup(CreateGroupRequest in, Call call) {
        GroupRow row = new GroupRow(
                in.groupName(), state().ids().unique("AGPA"), Paths.of(in.path()), state().now(), Grants.NONE);
        state().write(tx -> {
            if (IamState.find(tx, IamTables.GROUPS, call.account(), row.name()).isPresent()) {
                throw IamFaults.alreadyExists("Group with name " + row.name() + " already exists.");
            }
            if (IamState.count(tx, IamTables.GROUPS, call.account()) >= GROUPS_PER_ACCOUNT) {
                throw IamFaults.quota("GroupsPerAccount", GROUPS_PER_ACCOUNT);
            }
            IamState.put(tx, IamTables.GROUPS, call.account(), row.name(), row);
            return true;
        });
        return new CreateGroupResponse().group(Views.group(row, call.account()));
    }

    @Override
    default GetGroupResponse getGroup(GetGroupRequest in, Call call) {
        return state().read(tx -> {
            GroupRow row = IamState.group(tx, call.account(), in.groupName());
            List<UserRow> members = members(tx, call.account(), row.name());
            Pages<UserRow> page =
                    state().pages().of(members, user -> IamTables.id(user.name()), in.marker(), in.maxItems());
            return new GetGroupResponse()
                    .group(Views.group(row, call.account()))
                    .users(page.map(user -> Views.brief(user, call.account())).items())
                    .isTruncated(page.truncated())
                    .marker(page.marker());
        });
    }

    @Override
    default ListGroupsResponse listGroups(ListGroupsRequest in, Call call) {
        Pages<GroupRow> page = state().read(tx -> state().pages()
                .of(
                        tx,
                        IamTables.GROUPS,
                        IamTables.scope(call.account()),
                        row -> Paths.within(row.path(), in.pathPrefix()),
                        in.marker(),
                        in.maxItems()));
        return new ListGroupsResponse()
                .groups(page.map(row -> Views.group(row, call.account())).items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    @Override
    default UpdateGroupResponse updateGroup(UpdateGroupRequest in, Call call) {
        state().write(tx -> {
            GroupRow row = IamState.group(tx, call.account(), in.groupName());
            String name = in.newGroupName() == null ? row.name() : in.newGroupName();
            String path = in.newPath() == null ? row.path() : Paths.of(in.newPath());
            boolean moves = !IamTables.id(name).equals(IamTables.id(row.name()));
            if (moves
                    && IamState.find(tx, IamTables.GROUPS, call.account(), name).isPresent()) {
                throw IamFaults.alreadyExists("Group with name " + name + " already exists.");
            }
            for (UserRow user : members(tx, call.account(), row.name())) {
                List<String> groups = new ArrayList<>(user.groups());
                groups.replaceAll(group -> group.equals(IamTables.id(row.name())) ? IamTables.id(name) : group);
                IamState.put(tx, IamTables.USERS, call.account(), user.name(), user.withGroups(groups));
            }
            IamState.delete(tx, IamTables.GROUPS, call.account(), row.name());
            GroupRow changed = new GroupRow(name, row.id(), path, row.created(), row.grants());
            IamState.put(tx, IamTables.GROUPS, call.account(), name, changed);
            return true;
        });
        return new UpdateGroupResponse();
    }

    @Override
    default DeleteGroupResponse deleteGroup(DeleteGroupRequest in, Call call) {
        state().write(tx -> {
            GroupRow row = IamState.group(tx, call.account(), in.groupName());
            if (!members(tx, call.account(), row.name()).isEmpty()) {
                throw IamFaults.deleteConflict("Cannot delete entity, must remove users from group first.");
            }
            if (!row.grants().attached().isEmpty()) {
                throw IamFaults.deleteConflict("Cannot delete entity, must detach all policies first.");
            }
            if (!row.grants().inline().isEmpty()) {
                throw IamFaults.deleteConflict("Cannot delete entity, must delete policies first.");
            }
            IamState.delete(tx, IamTables.GROUPS, call.account(), row.name());
            return true;
        });
        return new DeleteGroupResponse();
    }

    @Override
    default AddUserToGroupResponse addUserToGroup(AddUserToGroupRequest in, Call call) {
        state().write(tx -> {
            GroupRow group = IamState.group(tx, call.account(), in.groupName());
            UserRow user = IamState.user(tx, call.account(), in.userName());
            String id = IamTables.id(group.name());
            if (!user.groups().contains(id)) {
                if (user.groups().size() >= GROUPS_PER_USER) {
                    throw IamFaults.quota("GroupsPerUser", GROUPS_PER_USER);
                }
                List<String> groups = new ArrayList<>(user.groups());
                groups.add(id);
                IamState.put(tx, IamTables.USERS, call.account(), user.name(), user.withGroups(groups));
            }
            return true;
        });
        return new AddUserToGroupResponse();
    }

    @Override
    default RemoveUserFromGroupResponse removeUserFromGroup(RemoveUserFromGroupRequest in, Call call) {
        state().write(tx -> {
            GroupRow group = IamState.group(tx, call.account(), in.groupName());
            UserRow user = IamState.user(tx, call.account(), in.userName());
            List<String> groups = new ArrayList<>(user.groups());
            if (!groups.remove(IamTables.id(group.name()))) {
                throw IamFaults.noSuchEntity(
                        "User with name " + user.name() + " is not in group " + group.name() + ".");
            }
            IamState.put(tx, IamTables.USERS, call.account(), user.name(), user.withGroups(groups));
            return true;
        });
        return new RemoveUserFromGroupResponse();
    }

    @Override
    default PutGroupPolicyResponse putGroupPolicy(PutGroupPolicyRequest in, Call call) {
        Entities.GROUPS.put(state(), call.account(), in.groupName(), in.policyName(), in.policyDocument());
        return new PutGroupPolicyResponse();
    }

    @Override
    default GetGroupPolicyResponse getGroupPolicy(GetGroupPolicyRequest in, Call call) {
        String document = Entities.GROUPS.get(state(), call.account(), in.groupName(), in.policyName());
        return new GetGroupPolicyResponse()
                .groupName(in.groupName())
                .policyName(in.policyName())
                .policyDocument(Documents.encode(document));
    }

    @Override
    default DeleteGroupPolicyResponse deleteGroupPolicy(DeleteGroupPolicyRequest in, Call call) {
        Entities.GROUPS.delete(state(), call.account(), in.groupName(), in.policyName());
        return new DeleteGroupPolicyResponse();
    }

    @Override
    default ListGroupPoliciesResponse listGroupPolicies(ListGroupPoliciesRequest in, Call call) {
        List<String> names = Entities.GROUPS.inlineNames(state(), call.account(), in.groupName());
        Pages<String> page = state().pages().of(names, name -> name, in.marker(), in.maxItems());
        return new ListGroupPoliciesResponse()
                .policyNames(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    @Override
    default AttachGroupPolicyResponse attachGroupPolicy(AttachGroupPolicyRequest in, Call call) {
        Entities.GROUPS.attach(state(), call.account(), in.groupName(), in.policyArn());
        return new AttachGroupPolicyResponse();
    }

    @Override
    default DetachGroupPolicyResponse detachGroupPolicy(DetachGroupPolicyRequest in, Call call) {
        Entities.GROUPS.detach(state(), call.account(), in.groupName(), in.policyArn());
        return new DetachGroupPolicyResponse();
    }

    @Override
    default ListAttachedGroupPoliciesResponse listAttachedGroupPolicies(
            ListAttachedGroupPoliciesRequest in, Call call) {
        List<String> arns = Entities.GROUPS.attached(state(), call.account(), in.groupName());
        Pages<AttachedPolicy> page = Paths.attached(state().pages(), arns, in.pathPrefix(), in.marker(), in.maxItems());
        return new ListAttachedGroupPoliciesResponse()
                .attachedPolicies(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }
}
