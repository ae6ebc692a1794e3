/**
 * Data planes: the host names and paths that are no AWS operation (function URLs, load balancers, S3's browser forms,
 * the launcher's own control page). The gateway asks the planes before it routes to an operation.
 */
@NullMarked
package dev.haneul.kernel.plane;

import org.jspecify.annotations.NullMarked;
