/**
 * Control groups: what bounds a workload's memory, CPU and number of processes, stops it and tells what it used. Three
 * layouts are met in the wild: v1 (a tree per controller), v2 (one tree), and v1 with an empty v2 beside it. Which one
 * works is found by doing; where none does, {@link dev.haneul.engines.cgroup.NoCgroups} says so.
 */
@NullMarked
package dev.haneul.engines.cgroup;

import org.jspecify.annotations.NullMarked;
