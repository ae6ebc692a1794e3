package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.Instance;
import dev.haneul.engines.machine.Disks;
import dev.haneul.engines.machine.Images;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;

/** The command that opens a shell on an instance. */
final class SshCommand {
    private SshCommand() {}

    static String of(ReadTx tx, Scope scope, Compute compute, String id) {
        InstanceRow row = Records.INSTANCES.find(tx, scope, id).orElse(null);
        if (row == null || row.state() != State.RUNNING) {
            return "The instance '" + id + "' is "
                    + (row == null ? "gone" : row.state().told()) + ".";
        }
        Instance view = InstanceViews.of(tx, scope, compute.networks(), row);
        if (view.publicIpAddress() == null) {
            return "The instance '" + id + "' has no public address; reach it from within its network, at "
                    + view.privateIpAddress() + ".";
        }
        Servers servers = compute.servers();
        String user = Instances.volumes(tx, scope, id).stream()
                .findFirst()
                .flatMap(root -> servers.disks().find(root.id()))
                .flatMap(Disks.Disk::image)
                .flatMap(image -> servers.images().find(image))
                .map(Images.Image::userName)
                .orElse("ec2-user");
        String key = row.told().keyName() == null ? "" : "-i " + row.told().keyName() + ".pem ";
        return "ssh " + key + user + "@" + view.publicIpAddress();
    }
}
