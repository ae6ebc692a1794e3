package dev.haneul.services.ec2instanceconnect;

import dev.haneul.api.ec2.DescribeInstancesRequest;
import dev.haneul.api.ec2.Ec2Client;
import dev.haneul.api.ec2.Instance;
import dev.haneul.api.ec2instanceconnect.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** EC2 Instance Connect. See the package for what is built. */
public final class Ec2InstanceConnectService implements Ec2InstanceConnectApi {
    private static final String HOST = "ec2-instance-connect.amazonaws.com";
    private static final Duration LIFE = Duration.ofSeconds(60);

    private final Ec2Client ec2;
    private final InstanceDoor door;

    /**
     * Makes the service.
     *
     * @param neighbours carries calls to EC2
     * @param door leads into instances
     */
    public Ec2InstanceConnectService(Caller neighbours, InstanceDoor door) {
        this.ec2 = new Ec2Client(neighbours);
        this.door = door;
    }

    @Override
    public SendSSHPublicKeyResponse sendSSHPublicKey(SendSSHPublicKeyRequest in, Call call) {
        String key = String.valueOf(in.sshPublicKey()).strip();
        if (!key.matches("(ssh-rsa|ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]+( [ -~]*)?")) {
            throw Fault.of(new InvalidArgsException(), "Invalid SSH public key.");
        }
        String user = String.valueOf(in.instanceOSUser());
        if (!user.matches("[A-Za-z_][A-Za-z0-9@._-]{0,31}")) {
            throw Fault.of(new InvalidArgsException(), "Invalid OS user.");
        }
        Instance instance = instance(String.valueOf(in.instanceId()), call);
        if (in.availabilityZone() != null
                && instance.placement() != null
                && !in.availabilityZone().equals(instance.placement().availabilityZone())) {
            throw Fault.of(new InvalidArgsException(), "The instance is in another availability zone.");
        }
        String state =
                instance.state() == null ? "" : String.valueOf(instance.state().name());
        if (!state.equals("running")) {
            throw Fault.of(new EC2InstanceStateInvalidException(), "The instance is not in a valid state: " + state);
        }
        try {
            door.open(call, Objects.requireNonNull(in.instanceId()), user, key, LIFE);
        } catch (IOException e) {
            throw Fault.of(
                    new EC2InstanceUnavailableException(), "The instance did not take the key: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Fault.of(new ServiceException(), "The region is shutting down.");
        }
        return new SendSSHPublicKeyResponse().requestId(call.requestId()).success(true);
    }

    private Instance instance(String id, Call call) {
        try {
            return ec2.describeInstances(
                            new DescribeInstancesRequest().instanceIds(List.of(id)),
                            new Call(
                                    Principal.service(HOST),
                                    call.account(),
                                    call.region(),
                                    call.requestId(),
                                    call.deadline(),
                                    Call.Origin.inside(HOST)))
                    .reservations()
                    .getFirst()
                    .instances()
                    .getFirst();
        } catch (Fault fault) {
            if (fault.code().startsWith("InvalidInstanceID")) {
                throw Fault.of(new EC2InstanceNotFoundException(), "The specified instance was not found.");
            }
            throw fault;
        }
    }
}
