/** Tasks: their records, how they are launched and stopped, and what brings them where they are wanted. */
@NullMarked
package dev.haneul.services.ecs.task;

import org.jspecify.annotations.NullMarked;
