/**
 * Engines run workloads: function environments, containers, servers. The seam is about processes, roots, mounts,
 * limits and networks and knows no AWS service. {@code sandbox} needs no daemon; {@code process} is what is left where
 * no sandbox can be had. Each engine passes {@code EngineContract}.
 */
@NullMarked
package dev.haneul.engines;

import org.jspecify.annotations.NullMarked;
