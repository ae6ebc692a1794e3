/**
 * What engines on this machine have in common: a workload's folder and state file, the identity of processes, doors'
 * accept loops, bounded log files.
 */
@NullMarked
package dev.haneul.engines.work;

import org.jspecify.annotations.NullMarked;
