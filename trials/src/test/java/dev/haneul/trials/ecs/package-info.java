/** Tasks through stock clients. */
package dev.haneul.trials.ecs;
