package dev.haneul.services.applicationautoscaling;

import dev.haneul.api.ecs.DescribeServicesRequest;
import dev.haneul.api.ecs.EcsClient;
import dev.haneul.api.ecs.Service;
import dev.haneul.api.ecs.UpdateServiceRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.services.applicationautoscaling.ScalingTables.Resource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** ECS services as something whose capacity can be set: their desired count. */
final class EcsServices {
    private static final Pattern ID = Pattern.compile("service/([A-Za-z0-9_-]{1,255})/([A-Za-z0-9_-]{1,255})");

    private final EcsClient ecs;

    EcsServices(Caller neighbours) {
        this.ecs = new EcsClient(neighbours);
    }

    /** A service's place. */
    record Place(String cluster, String service) {
        /** The place that a resource id names, empty where it names none. */
        static Optional<Place> of(String resourceId) {
            Matcher id = ID.matcher(resourceId);
            return id.matches() ? Optional.of(new Place(id.group(1), id.group(2))) : Optional.empty();
        }
    }

    private static Place place(Resource resource) {
        return Place.of(resource.id())
                .orElseThrow(() -> new IllegalStateException(resource.id() + " was taken for a service"));
    }

    /** The desired count; empty where there is no such active service. */
    Optional<Integer> capacity(Resource resource, Call call) {
        Place place = place(resource);
        return ecs
                .describeServices(
                        new DescribeServicesRequest().cluster(place.cluster()).services(List.of(place.service())), call)
                .services()
                .stream()
                .filter(service -> "ACTIVE".equals(service.status()))
                .map(Service::desiredCount)
                .findFirst();
    }

    void set(Resource resource, int capacity, Call call) {
        Place place = place(resource);
        ecs.updateService(
                new UpdateServiceRequest()
                        .cluster(place.cluster())
                        .service(place.service())
                        .desiredCount(capacity),
                call);
    }
}
