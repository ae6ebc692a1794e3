/**
 * Which service and operation a request means: from its host name, its signature's scope and its protocol's own mark
 * ({@code X-Amz-Target}, {@code Action}, the rpcv2 path, or method and URI), all read against the models' facts.
 *
 * <p>No service is known here by name. The one thing that models do not say, which service puts its resources into the
 * host name, is told at construction ({@link dev.haneul.wire.router.VirtualHosting}).
 */
@NullMarked
package dev.haneul.wire.router;

import org.jspecify.annotations.NullMarked;
