/**
 * Task definitions: what they may say, their revisions and families. What they say of Windows, GPUs, FireLens, App Mesh
 * proxies and FSx is refused as not implemented.
 */
@NullMarked
package dev.haneul.services.ecs.definition;

import org.jspecify.annotations.NullMarked;
