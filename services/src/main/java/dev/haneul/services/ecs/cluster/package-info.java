/** Clusters, capacity providers and account settings. */
@NullMarked
package dev.haneul.services.ecs.cluster;

import org.jspecify.annotations.NullMarked;
