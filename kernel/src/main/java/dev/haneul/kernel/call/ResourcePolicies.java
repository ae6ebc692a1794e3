package dev.haneul.kernel.call;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a room knows of its resources that decides who may use them: whose they are and what policy they carry. The
 * authorizer asks it for every call that names such a resource, so answers must be quick.
 */
@FunctionalInterface
public interface ResourcePolicies {
    /** Finds a resource; empty where there is none, or where its ARN says everything. */
    Optional<Owned> find(String resourceArn);

    /**
     * A resource.
     *
     * @param account who owns it
     * @param policy its resource policy as JSON, null where it has none
     * @param tags its tags, for {@code aws:ResourceTag} conditions
     * @param arn its true ARN where requests may name it otherwise (a key by its alias, a secret without its suffix):
     *     policies speak of that; null where it is the one asked for
     * @param facts what else conditions may ask of it, by key: {@code ec2:Vpc} of a subnet
     */
    record Owned(
            String account,
            @Nullable String policy,
            Map<String, String> tags,
            @Nullable String arn,
            Map<String, String> facts) {
        public Owned(String account, @Nullable String policy, Map<String, String> tags, @Nullable String arn) {
            this(account, policy, tags, arn, Map.of());
        }

        public Owned(String account, @Nullable String policy, Map<String, String> tags) {
            this(account, policy, tags, null);
        }

        public Owned(String account, @Nullable String policy) {
            this(account, policy, Map.of(), null);
        }
    }

    /** The rooms that have resource policies, by the service segment of their ARNs ({@code s3}, {@code lambda}). */
    final class Registry implements ResourcePolicies {
        private final Map<String, ResourcePolicies> rooms = new ConcurrentHashMap<>();

        /** Adds a room at start-up. */
        public void add(String arnService, ResourcePolicies room) {
            if (rooms.putIfAbsent(arnService, room) != null) {
                throw new IllegalStateException(arnService + " is there already");
            }
        }

        /** Whether a room has registered for this service. */
        public boolean knows(String arnService) {
            return rooms.containsKey(arnService);
        }

        @Override
        public Optional<Owned> find(String resourceArn) {
            String[] segments = resourceArn.split(":", 4);
            ResourcePolicies room = segments.length < 4 ? null : rooms.get(segments[2]);
            return room == null ? Optional.empty() : room.find(resourceArn);
        }
    }
}
