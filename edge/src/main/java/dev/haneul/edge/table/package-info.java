/**
 * What a load balancer does, as one immutable value: listeners, rules, target groups. Whoever decides makes a new table
 * and swaps it in; nothing here runs.
 */
@NullMarked
package dev.haneul.edge.table;

import org.jspecify.annotations.NullMarked;
