package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Launch templates and their versions, which are never changed.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html">Launch templates</a>
 */
public interface LaunchTemplateOperations extends Ec2Api {
    int MOST_VERSIONS = 10_000;
    int MOST_TEMPLATES = 5000;

    Listing<LaunchTemplate> TEMPLATE_LISTING = new Listing<>(
            "DescribeLaunchTemplates",
            Filters.<LaunchTemplate>tagged()
                    .one("create-time", LaunchTemplate::createTime)
                    .one("launch-template-name", LaunchTemplate::launchTemplateName),
            1,
            200);

    Listing<LaunchTemplateVersion> VERSION_LISTING = new Listing<>(
            "DescribeLaunchTemplateVersions",
            Filters.<LaunchTemplateVersion>plain()
                    .one("create-time", LaunchTemplateVersion::createTime)
                    .one("is-default-version", LaunchTemplateVersion::defaultVersion)
                    .one("ebs-optimized", each -> data(each).ebsOptimized())
                    .one("http-tokens", each -> tokens(data(each).metadataOptions()))
                    .one("iam-instance-profile", each -> profile(data(each).iamInstanceProfile()))
                    .one("image-id", each -> data(each).imageId())
                    .one("instance-type", each -> data(each).instanceType())
                    .one("kernel-id", each -> data(each).kernelId())
                    .one("ram-disk-id", each -> data(each).ramDiskId()),
            1,
            200);

    Ec2Room room();

    private static ResponseLaunchTemplateData data(LaunchTemplateVersion version) {
        return Objects.requireNonNull(version.launchTemplateData());
    }

    private static @Nullable String tokens(@Nullable LaunchTemplateInstanceMetadataOptions options) {
        return options == null ? null : options.httpTokens();
    }

    private static @Nullable String profile(@Nullable LaunchTemplateIamInstanceProfileSpecification profile) {
        if (profile == null) {
            return null;
        }
        return profile.arn() == null ? profile.name() : profile.arn();
    }

    @Override
    default CreateLaunchTemplateResult createLaunchTemplate(CreateLaunchTemplateRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "launch-template");
        RequestLaunchTemplateData data = checked(in.launchTemplateData());
        String id = room().once("CreateLaunchTemplate", in, call, tx -> {
            String name = String.valueOf(in.launchTemplateName());
            if (!name.matches("[a-zA-Z0-9()./_-]{3,128}")) {
                throw Ec2Faults.of(
                        "InvalidLaunchTemplateName.MalformedException",
                        "A launch template name must be between 3 and 128 characters, and may contain letters, numbers,"
                                + " and the following characters: - ( ) . / _");
            }
            if (!Records.TEMPLATES.find(tx, scope, Records.NAME, name).isEmpty()) {
                throw Ec2Faults.of(
                        "InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.");
            }
            if (Records.TEMPLATES.all(tx, scope).size() >= MOST_TEMPLATES) {
                throw Ec2Faults.of("ResourceCountExceeded", "You can have at most 5000 launch templates.");
            }
            LaunchTemplate template = new LaunchTemplate()
                    .launchTemplateId(room().ids().ec2("lt"))
                    .launchTemplateName(name)
                    .createTime(room().now())
                    .createdBy(call.principal().arn())
                    .defaultVersionNumber(1L)
                    .latestVersionNumber(1L);
            Records.TEMPLATES.put(tx, scope, template);
            String made = Objects.requireNonNull(template.launchTemplateId());
            Tags.put(tx, scope, Records.TEMPLATES, made, tags);
            version(tx, scope, template, 1, in.versionDescription(), data, call);
            return made;
        });
        return new CreateLaunchTemplateResult().launchTemplate(told(scope, id));
    }

    private LaunchTemplate told(Scope scope, String id) {
        return room().read(tx ->
                Structs.clone(Records.TEMPLATES.require(tx, scope, id)).tags(Tags.told(tx, scope, id)));
    }

    private static RequestLaunchTemplateData checked(@Nullable RequestLaunchTemplateData data) {
        if (data == null) {
            throw Ec2Faults.missing("LaunchTemplateData");
        }
        String userData = data.userData();
        if (userData != null && !userData.isEmpty()) {
            UserData.decode(userData);
        }
        return data;
    }

    private LaunchTemplateVersion version(
            WriteTx tx,
            Scope scope,
            LaunchTemplate template,
            long number,
            @Nullable String description,
            RequestLaunchTemplateData data,
            Call call) {
        LaunchTemplateVersion made = new LaunchTemplateVersion()
                .launchTemplateId(template.launchTemplateId())
                .launchTemplateName(template.launchTemplateName())
                .versionNumber(number)
                .versionDescription(description)
                .createTime(room().now())
                .createdBy(call.principal().arn())
                .launchTemplateData(Structs.copy(data, new ResponseLaunchTemplateData()));
        tx.put(Records.VERSIONS, Records.version(scope, id(template), number), made);
        return made;
    }

    private static String id(LaunchTemplate template) {
        return Objects.requireNonNull(template.launchTemplateId());
    }

    @Override
    default CreateLaunchTemplateVersionResult createLaunchTemplateVersion(
            CreateLaunchTemplateVersionRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        RequestLaunchTemplateData data = checked(in.launchTemplateData());
        String made = room().once("CreateLaunchTemplateVersion", in, call, tx -> {
            LaunchTemplate template = template(tx, scope, in.launchTemplateId(), in.launchTemplateName());
            long number = Objects.requireNonNull(template.latestVersionNumber()) + 1;
            if (number > MOST_VERSIONS) {
                throw Ec2Faults.of("VersionLimitExceeded", "A launch template can have at most 10000 versions.");
            }
            RequestLaunchTemplateData whole = data;
            if (in.sourceVersion() != null) {
                LaunchTemplateVersion source = version(tx, scope, template, in.sourceVersion());
                whole = Structs.copy(data, Structs.copy(data(source), new RequestLaunchTemplateData()));
            }
            version(tx, scope, template, number, in.versionDescription(), whole, call);
            Records.TEMPLATES.put(tx, scope, Structs.clone(template).latestVersionNumber(number));
            return id(template) + "/" + number;
        });
        String[] part = made.split("/");
        return new CreateLaunchTemplateVersionResult().launchTemplateVersion(room().read(tx -> {
            LaunchTemplate template = template(tx, scope, part[0], null);
            return marked(template, version(tx, scope, template, part[1]));
        }));
    }

    /** The template of an id or a name. */
    static LaunchTemplate template(ReadTx tx, Scope scope, @Nullable String id, @Nullable String name) {
        if (id == null && name == null) {
            throw Ec2Faults.missing("LaunchTemplateId or LaunchTemplateName");
        }
        if (id != null && name != null) {
            throw Ec2Faults.combination("Only one of launchTemplateId and launchTemplateName may be given.");
        }
        if (id != null) {
            if (!id.matches("lt-([0-9a-f]{8}|[0-9a-f]{17})")) {
                throw Ec2Faults.of(
                        "InvalidLaunchTemplateId.Malformed", "The launch template ID '" + id + "' is malformed");
            }
            return Records.TEMPLATES
                    .find(tx, scope, id)
                    .orElseThrow(() -> Ec2Faults.of(
                            "InvalidLaunchTemplateId.NotFound",
                            "The specified launch template, with template ID " + id + ", does not exist."));
        }
        return Records.TEMPLATES.find(tx, scope, Records.NAME, Objects.requireNonNull(name)).stream()
                .findFirst()
                .orElseThrow(() -> Ec2Faults.of(
                        "InvalidLaunchTemplateName.NotFoundException",
                        "The specified launch template, with template name " + name + ", does not exist."));
    }

    /** A version by its number, {@code $Latest} or {@code $Default}. */
    static LaunchTemplateVersion version(ReadTx tx, Scope scope, LaunchTemplate template, @Nullable String version) {
        long number = number(template, version);
        return tx.get(Records.VERSIONS, Records.version(scope, id(template), number))
                .map(Row::value)
                .orElseThrow(() -> noVersion(template, version));
    }

    private static long number(LaunchTemplate template, @Nullable String version) {
        if (version == null || version.equals("$Default")) {
            return Objects.requireNonNull(template.defaultVersionNumber());
        }
        if (version.equals("$Latest")) {
            return Objects.requireNonNull(template.latestVersionNumber());
        }
        if (!version.matches("[1-9][0-9]{0,9}")) {
            throw Ec2Faults.of(
                    "InvalidLaunchTemplateId.VersionNotFound",
                    "Could not find launch template version: " + version + ".");
        }
        return Long.parseLong(version);
    }

    private static Fault noVersion(LaunchTemplate template, @Nullable String version) {
        return Ec2Faults.of(
                "InvalidLaunchTemplateId.VersionNotFound",
                "Could not find the specified version " + version + " for the launch template with ID " + id(template)
                        + ".");
    }

    private static LaunchTemplateVersion marked(LaunchTemplate template, LaunchTemplateVersion version) {
        return Structs.clone(version)
                .defaultVersion(Objects.equals(template.defaultVersionNumber(), version.versionNumber()));
    }

    @Override
    default DescribeLaunchTemplatesResult describeLaunchTemplates(DescribeLaunchTemplatesRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        boolean named =
                !in.launchTemplateIds().isEmpty() || !in.launchTemplateNames().isEmpty();
        Page<LaunchTemplate> page = room().read(tx -> {
            List<LaunchTemplate> found = new ArrayList<>();
            in.launchTemplateIds().forEach(id -> found.add(template(tx, scope, id, null)));
            in.launchTemplateNames().forEach(name -> found.add(template(tx, scope, null, name)));
            return TEMPLATE_LISTING
                    .page(
                            room(),
                            tx,
                            named ? found : Records.TEMPLATES.all(tx, scope),
                            LaunchTemplateOperations::id,
                            in,
                            named,
                            call)
                    .map(each -> Structs.clone(each.record()).tags(ImageOperations.told(each.tags())));
        });
        return new DescribeLaunchTemplatesResult().launchTemplates(page.items()).nextToken(page.next());
    }

    @Override
    default DescribeLaunchTemplateVersionsResult describeLaunchTemplateVersions(
            DescribeLaunchTemplateVersionsRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        Page<LaunchTemplateVersion> page = room().read(tx -> {
            List<LaunchTemplateVersion> found = new ArrayList<>();
            boolean one = in.launchTemplateId() != null || in.launchTemplateName() != null;
            List<LaunchTemplate> templates = one
                    ? List.of(template(tx, scope, in.launchTemplateId(), in.launchTemplateName()))
                    : Records.TEMPLATES.all(tx, scope);
            if (!one && in.versions().stream().anyMatch(each -> !each.startsWith("$"))) {
                throw Ec2Faults.missing("LaunchTemplateId or LaunchTemplateName");
            }
            for (LaunchTemplate template : templates) {
                versions(tx, scope, template, in).forEach(each -> found.add(marked(template, each)));
            }
            return VERSION_LISTING
                    .page(room(), tx, found, LaunchTemplateOperations::order, in, false, call)
                    .map(Tagged::record);
        });
        return new DescribeLaunchTemplateVersionsResult()
                .launchTemplateVersions(page.items())
                .nextToken(page.next());
    }

    private static String order(LaunchTemplateVersion version) {
        return Records.version(
                        Scope.GLOBAL,
                        Objects.requireNonNull(version.launchTemplateId()),
                        Long.MAX_VALUE / 10_000_000 - Objects.requireNonNull(version.versionNumber()))
                .id();
    }

    private static List<LaunchTemplateVersion> versions(
            ReadTx tx, Scope scope, LaunchTemplate template, DescribeLaunchTemplateVersionsRequest in) {
        if (!in.versions().isEmpty()) {
            return in.versions().stream()
                    .map(each -> version(tx, scope, template, each))
                    .toList();
        }
        long min = in.minVersion() == null ? 0 : number(template, in.minVersion());
        long max = in.maxVersion() == null ? Long.MAX_VALUE : number(template, in.maxVersion());
        return all(tx, scope, template).stream()
                .filter(each -> Objects.requireNonNull(each.versionNumber()) >= min && each.versionNumber() <= max)
                .toList();
    }

    private static List<LaunchTemplateVersion> all(ReadTx tx, Scope scope, LaunchTemplate template) {
        return tx.range(Records.VERSIONS, scope, id(template) + "/", id(template) + "0", MOST_VERSIONS).stream()
                .map(Row::value)
                .toList();
    }

    @Override
    default ModifyLaunchTemplateResult modifyLaunchTemplate(ModifyLaunchTemplateRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        String id = room().once("ModifyLaunchTemplate", in, call, tx -> {
            LaunchTemplate template = template(tx, scope, in.launchTemplateId(), in.launchTemplateName());
            if (in.defaultVersion() != null) {
                LaunchTemplateVersion version = version(tx, scope, template, in.defaultVersion());
                Records.TEMPLATES.put(tx, scope, Structs.clone(template).defaultVersionNumber(version.versionNumber()));
            }
            return id(template);
        });
        return new ModifyLaunchTemplateResult().launchTemplate(told(scope, id));
    }

    @Override
    default DeleteLaunchTemplateResult deleteLaunchTemplate(DeleteLaunchTemplateRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            LaunchTemplate template = template(tx, scope, in.launchTemplateId(), in.launchTemplateName());
            all(tx, scope, template)
                    .forEach(each -> tx.delete(
                            Records.VERSIONS,
                            Records.version(scope, id(template), Objects.requireNonNull(each.versionNumber()))));
            Records.TEMPLATES.delete(tx, scope, id(template));
            return new DeleteLaunchTemplateResult().launchTemplate(template);
        });
    }

    @Override
    default DeleteLaunchTemplateVersionsResult deleteLaunchTemplateVersions(
            DeleteLaunchTemplateVersionsRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            LaunchTemplate template = template(tx, scope, in.launchTemplateId(), in.launchTemplateName());
            List<DeleteLaunchTemplateVersionsResponseSuccessItem> gone = new ArrayList<>();
            List<DeleteLaunchTemplateVersionsResponseErrorItem> kept = new ArrayList<>();
            for (String each : in.versions()) {
                long number = number(template, each);
                ResponseError error = Objects.equals(template.defaultVersionNumber(), number)
                        ? new ResponseError()
                                .code("unexpectedError")
                                .message("Cannot delete default version of the template.")
                        : tx.delete(Records.VERSIONS, Records.version(scope, id(template), number))
                                ? null
                                : new ResponseError()
                                        .code("launchTemplateVersionDoesNotExist")
                                        .message("Version does not exist.");
                if (error == null) {
                    gone.add(new DeleteLaunchTemplateVersionsResponseSuccessItem()
                            .launchTemplateId(template.launchTemplateId())
                            .launchTemplateName(template.launchTemplateName())
                            .versionNumber(number));
                } else {
                    kept.add(new DeleteLaunchTemplateVersionsResponseErrorItem()
                            .launchTemplateId(template.launchTemplateId())
                            .launchTemplateName(template.launchTemplateName())
                            .versionNumber(number)
                            .responseError(error));
                }
            }
            return new DeleteLaunchTemplateVersionsResult()
                    .successfullyDeletedLaunchTemplateVersions(gone)
                    .unsuccessfullyDeletedLaunchTemplateVersions(kept);
        });
    }
}
