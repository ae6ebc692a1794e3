/** Who may do what, asked through stock SDK clients. */
@NullMarked
package dev.haneul.trials.iam;

import org.jspecify.annotations.NullMarked;
