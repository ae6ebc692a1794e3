/** What happened at a load balancer, told to whoever keeps logs and counts. */
@NullMarked
package dev.haneul.edge.facts;

import org.jspecify.annotations.NullMarked;
