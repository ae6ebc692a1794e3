package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.ssm.GetParameterRequest;
import dev.haneul.api.ssm.SsmClient;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.types.InstanceType;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The parameters of a launch, those of its template among them. */
final class LaunchParameters {
    private static final String RESOLVE = "resolve:ssm:";
    private static final String USUAL_TYPE = "m1.small";
    private static final int MOST_HOPS = 64;

    private final Ec2Room room;

    LaunchParameters(Ec2Room room) {
        this.room = room;
    }

    /** The request with what its template adds, and the image's id where a parameter names it. */
    RunInstancesRequest whole(RunInstancesRequest asked, Call call) {
        RunInstancesRequest in = asked;
        LaunchTemplateSpecification named = asked.launchTemplate();
        if (named != null) {
            Scope scope = Ec2Room.scope(call);
            ResponseLaunchTemplateData data = room.read(tx -> {
                LaunchTemplate template = LaunchTemplateOperations.template(
                        tx, scope, named.launchTemplateId(), named.launchTemplateName());
                return LaunchTemplateOperations.version(tx, scope, template, named.version())
                        .launchTemplateData();
            });
            in = Structs.copy(asked, Structs.copy(Objects.requireNonNull(data), new RunInstancesRequest()));
        } else {
            in = Structs.clone(asked);
        }
        if (in.imageId() == null) {
            throw Ec2Faults.missing("ImageId");
        }
        if (in.instanceType() == null) {
            in.instanceType(USUAL_TYPE);
        }
        if (in.imageId().startsWith(RESOLVE)) {
            in.imageId(resolved(in.imageId().substring(RESOLVE.length()), call));
        }
        Images.check(in.imageId());
        return in;
    }

    private String resolved(String parameter, Call call) {
        try {
            return String.valueOf(Objects.requireNonNull(new SsmClient(room.caller())
                            .getParameter(new GetParameterRequest().name(parameter), call)
                            .parameter())
                    .value());
        } catch (Fault fault) {
            throw Ec2Faults.invalid("The parameter " + parameter + " cannot be resolved: " + fault.message());
        }
    }

    /** What can be checked without looking anything up. */
    static void check(RunInstancesRequest in, InstanceType type) {
        String userData = in.userData();
        if (userData != null) {
            UserData.decode(userData);
        }
        String shutdown = in.instanceInitiatedShutdownBehavior();
        if (shutdown != null && !Set.of("stop", "terminate").contains(shutdown)) {
            throw Ec2Faults.invalid("Value (" + shutdown
                    + ") for parameter instanceInitiatedShutdownBehavior is invalid. Unknown instance initiated shutdown"
                    + " behavior.");
        }
        if (in.instanceMarketOptions() != null) {
            throw Ec2Faults.of("Unsupported", "There is no spot market in this region yet.");
        }
        credits(in.creditSpecification(), type);
        networks(in, type);
        cpus(in.cpuOptions(), type);
        InstanceMetadataOptionsRequest metadata = in.metadataOptions();
        if (metadata != null) {
            metadata(metadata.httpTokens(), metadata.httpEndpoint(), metadata.httpPutResponseHopLimit());
        }
        if (in.hibernationOptions() != null
                && Boolean.TRUE.equals(in.hibernationOptions().configured())
                && type.bareMetal()) {
            throw Ec2Faults.of("UnsupportedHibernationConfiguration", type.name() + " does not hibernate.");
        }
    }

    private static void credits(@Nullable CreditSpecificationRequest credits, InstanceType type) {
        if (credits == null) {
            return;
        }
        if (!type.burstable()) {
            throw Ec2Faults.combination(
                    "The creditSpecification parameter is not supported for the instance type " + type.name() + ".");
        }
        if (!Set.of("standard", "unlimited").contains(String.valueOf(credits.cpuCredits()))) {
            throw Ec2Faults.invalid("Invalid value '" + credits.cpuCredits() + "' for cpuCredits.");
        }
    }

    private static void networks(RunInstancesRequest in, InstanceType type) {
        if (in.networkInterfaces().isEmpty()) {
            return;
        }
        if (in.subnetId() != null) {
            throw Ec2Faults.combination(
                    "Network interfaces and an instance-level subnet ID may not be specified on the same request");
        }
        if (!in.securityGroupIds().isEmpty() || !in.securityGroups().isEmpty()) {
            throw Ec2Faults.combination(
                    "Network interfaces and an instance-level security groups may not be specified on the same request");
        }
        if (in.privateIpAddress() != null) {
            throw Ec2Faults.combination(
                    "Network interfaces and an instance-level private IP address may not be specified on the same"
                            + " request");
        }
        if (in.networkInterfaces().size() > type.interfaces()) {
            throw Ec2Faults.of(
                    "AttachmentLimitExceeded",
                    "Interface count " + in.networkInterfaces().size() + " exceeds the limit for " + type.name());
        }
        boolean primary =
                in.networkInterfaces().stream().anyMatch(each -> each.deviceIndex() == null || each.deviceIndex() == 0);
        if (!primary) {
            throw Ec2Faults.of(
                    "InvalidParameterCombination", "A network interface with device index 0 must be specified.");
        }
        boolean open =
                in.networkInterfaces().stream().anyMatch(each -> Boolean.TRUE.equals(each.associatePublicIpAddress()));
        if (open && in.networkInterfaces().size() > 1) {
            throw Ec2Faults.combination(
                    "The associatePublicIPAddress parameter cannot be specified when launching with multiple network"
                            + " interfaces.");
        }
    }

    /** Checks what CPU options say. */
    static void cpus(@Nullable CpuOptionsRequest options, InstanceType type) {
        if (options == null) {
            return;
        }
        Integer cores = options.coreCount();
        Integer threads = options.threadsPerCore();
        if ((cores != null && (cores < 1 || cores > type.cores()))
                || (threads != null && (threads < 1 || threads > type.threadsPerCore()))) {
            throw Ec2Faults.invalid("CpuOptions of " + cores + " cores and " + threads
                    + " threads per core are not valid for " + type.name() + ".");
        }
    }

    /** Checks what metadata options say. */
    static void metadata(@Nullable String tokens, @Nullable String endpoint, @Nullable Integer hops) {
        if (tokens != null && !Set.of("optional", "required").contains(tokens)) {
            throw Ec2Faults.invalid("Invalid value '" + tokens + "' for HttpTokens.");
        }
        if (endpoint != null && !Set.of("enabled", "disabled").contains(endpoint)) {
            throw Ec2Faults.invalid("Invalid value '" + endpoint + "' for HttpEndpoint.");
        }
        if (hops != null && (hops < 1 || hops > MOST_HOPS)) {
            throw Ec2Faults.invalid("Invalid value '" + hops + "' for HttpPutResponseHopLimit. Must be between 1 and "
                    + MOST_HOPS + ".");
        }
    }
}
