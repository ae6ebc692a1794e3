package dev.haneul.engines.machine;

/**
 * A disk at a machine.
 *
 * @param diskId the disk
 * @param deviceName the requested name, {@code /dev/sdf} or {@code /dev/xvdf}: the machine has both, one as a link
 */
public record DiskAttachment(String diskId, String deviceName) {
    public DiskAttachment {
        if (!deviceName.matches("/dev/(sd|xvd)[a-z]{1,2}[0-9]{0,2}")) {
            throw new IllegalArgumentException("not a device name: " + deviceName);
        }
    }
}
