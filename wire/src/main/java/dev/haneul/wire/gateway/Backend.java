package dev.haneul.wire.gateway;

import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.plane.CrossOrigin;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.wire.router.VirtualHosting;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind the front door.
 *
 * @param services every service of the region
 * @param caller carries operations to them
 * @param credentials knows who keys belong to
 * @param clock the region's time
 * @param clients the time of those who sign: the machine's own, even where the region's was moved on
 * @param planes asked in this order before any operation is routed to
 * @param hosting the object store among the services, null for none
 * @param origins what its buckets let pages of other origins do, null where they have no say
 */
public record Backend(
        List<ServiceShape> services,
        Caller caller,
        Credentials credentials,
        InstantSource clock,
        InstantSource clients,
        List<DataPlane> planes,
        @Nullable VirtualHosting hosting,
        @Nullable CrossOrigin origins) {
    public Backend {
        services = List.copyOf(services);
        planes = List.copyOf(planes);
    }

    /** Where the region's time is that of its clients, and the object store, if any, knows no pages of other origins. */
    public Backend(
            List<ServiceShape> services,
            Caller caller,
            Credentials credentials,
            InstantSource clock,
            List<DataPlane> planes,
            @Nullable VirtualHosting hosting) {
        this(services, caller, credentials, clock, clock, planes, hosting, null);
    }
}
