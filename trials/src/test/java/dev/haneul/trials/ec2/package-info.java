/** Virtual networks through stock clients. */
@NullMarked
package dev.haneul.trials.ec2;

import org.jspecify.annotations.NullMarked;
