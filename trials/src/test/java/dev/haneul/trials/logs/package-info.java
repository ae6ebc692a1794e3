/** CloudWatch Logs through stock SDK clients and the AWS CLI. */
@NullMarked
package dev.haneul.trials.logs;

import org.jspecify.annotations.NullMarked;
