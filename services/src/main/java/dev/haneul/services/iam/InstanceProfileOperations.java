package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.iam.IamTables.ProfileRow;
import dev.haneul.services.iam.IamTables.RoleRow;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Instance profiles: how an EC2 instance gets its role; each holds at most one. */
interface InstanceProfileOperations extends IamRoom {
    private static InstanceProfile view(ReadTx tx, ProfileRow row, String account) {
        RoleRow role = IamState.find(tx, IamTables.ROLES, account, row.role()).orElse(null);
        return Views.profile(row, account, role);
    }

    @Override
    default CreateInstanceProfileResponse createInstanceProfile(CreateInstanceProfileRequest in, Call call) {
        ProfileRow row = new ProfileRow(
                in.instanceProfileName(),
                state().ids().unique("AIPA"),
                Paths.of(in.path()),
                state().now(),
                "",
                Tags.of(in.tags()));
        state().write(tx -> {
            if (IamState.find(tx, IamTables.PROFILES, call.account(), row.name())
                    .isPresent()) {
                throw IamFaults.alreadyExists("Instance Profile " + row.name() + " already exists.");
            }
            IamState.put(tx, IamTables.PROFILES, call.account(), row.name(), row);
            return true;
        });
        return new CreateInstanceProfileResponse().instanceProfile(Views.profile(row, call.account(), null));
    }

    @Override
    default GetInstanceProfileResponse getInstanceProfile(GetInstanceProfileRequest in, Call call) {
        return state().read(tx -> {
            ProfileRow row = IamState.profile(tx, call.account(), in.instanceProfileName());
            return new GetInstanceProfileResponse().instanceProfile(view(tx, row, call.account()));
        });
    }

    @Override
    default ListInstanceProfilesResponse listInstanceProfiles(ListInstanceProfilesRequest in, Call call) {
        return state().read(tx -> {
            Pages<InstanceProfile> page = state().pages()
                    .of(
                            tx,
                            IamTables.PROFILES,
                            IamTables.scope(call.account()),
                            row -> Paths.within(row.path(), in.pathPrefix()),
                            in.marker(),
                            in.maxItems())
                    .map(row -> view(tx, row, call.account()).tags(null));
            return new ListInstanceProfilesResponse()
                    .instanceProfiles(page.items())
                    .isTruncated(page.truncated())
                    .marker(page.marker());
        });
    }

    @Override
    default ListInstanceProfilesForRoleResponse listInstanceProfilesForRole(
            ListInstanceProfilesForRoleRequest in, Call call) {
        return state().read(tx -> {
            IamState.role(tx, call.account(), in.roleName());
            List<ProfileRow> rows = tx
                    .find(
                            IamTables.PROFILES,
                            IamTables.scope(call.account()),
                            "role",
                            IamTables.id(in.roleName()),
                            "",
                            10_000)
                    .stream()
                    .map(Row::value)
                    .toList();
            Pages<ProfileRow> page =
                    state().pages().of(rows, row -> IamTables.id(row.name()), in.marker(), in.maxItems());
            return new ListInstanceProfilesForRoleResponse()
                    .instanceProfiles(
                            page.map(row -> view(tx, row, call.account()).tags(null))
                                    .items())
                    .isTruncated(page.truncated())
                    .marker(page.marker());
        });
    }

    @Override
    default AddRoleToInstanceProfileResponse addRoleToInstanceProfile(AddRoleToInstanceProfileRequest in, Call call) {
        state().write(tx -> {
            ProfileRow row = IamState.profile(tx, call.account(), in.instanceProfileName());
            RoleRow role = IamState.role(tx, call.account(), in.roleName());
            if (!row.role().isEmpty()) {
                throw IamFaults.quota("InstanceSessionsPerInstanceProfile", 1);
            }
            IamState.put(tx, IamTables.PROFILES, call.account(), row.name(), row.withRole(role.name()));
            return true;
        });
        return new AddRoleToInstanceProfileResponse();
    }

    @Override
    default RemoveRoleFromInstanceProfileResponse removeRoleFromInstanceProfile(
            RemoveRoleFromInstanceProfileRequest in, Call call) {
        state().write(tx -> {
            ProfileRow row = IamState.profile(tx, call.account(), in.instanceProfileName());
            if (!row.role().equalsIgnoreCase(in.roleName())) {
                throw IamFaults.noSuchEntity("The role with name " + in.roleName() + " cannot be found.");
            }
            IamState.put(tx, IamTables.PROFILES, call.account(), row.name(), row.withRole(""));
            return true;
        });
        return new RemoveRoleFromInstanceProfileResponse();
    }

    @Override
    default DeleteInstanceProfileResponse deleteInstanceProfile(DeleteInstanceProfileRequest in, Call call) {
        state().write(tx -> {
            ProfileRow row = IamState.profile(tx, call.account(), in.instanceProfileName());
            if (!row.role().isEmpty()) {
                throw IamFaults.deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
            }
            IamState.delete(tx, IamTables.PROFILES, call.account(), row.name());
            return true;
        });
        return new DeleteInstanceProfileResponse();
    }

    @Override
    default TagInstanceProfileResponse tagInstanceProfile(TagInstanceProfileRequest in, Call call) {
        retag(in.instanceProfileName(), call, row -> row.withTags(Tags.with(row.tags(), in.tags())));
        return new TagInstanceProfileResponse();
    }

    @Override
    default UntagInstanceProfileResponse untagInstanceProfile(UntagInstanceProfileRequest in, Call call) {
        retag(in.instanceProfileName(), call, row -> row.withTags(Tags.without(row.tags(), in.tagKeys())));
        return new UntagInstanceProfileResponse();
    }

    @Override
    default ListInstanceProfileTagsResponse listInstanceProfileTags(ListInstanceProfileTagsRequest in, Call call) {
        Map<String, String> tags = state().read(tx ->
                IamState.profile(tx, call.account(), in.instanceProfileName()).tags());
        Pages<Tag> page = state().pages().of(Tags.list(tags), Tag::key, in.marker(), in.maxItems());
        return new ListInstanceProfileTagsResponse()
                .tags(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    private void retag(String name, Call call, UnaryOperator<ProfileRow> change) {
        state().write(tx -> {
            ProfileRow row = IamState.profile(tx, call.account(), name);
            IamState.put(tx, IamTables.PROFILES, call.account(), name, change.apply(row));
            return true;
        });
    }
}
