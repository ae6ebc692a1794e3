/**
 * Networks: sockets inside other network namespaces, and the small HTTP server that answers at them. Knows workloads
 * only as process ids and connections; the engines above decide who may knock.
 */
@NullMarked
package dev.haneul.fabric;

import org.jspecify.annotations.NullMarked;
