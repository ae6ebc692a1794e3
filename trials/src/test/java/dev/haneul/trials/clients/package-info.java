/** Clients that know nothing of Haneul: the AWS CLI and boto3, with an endpoint and keys in their environment. */
@NullMarked
package dev.haneul.trials.clients;

import org.jspecify.annotations.NullMarked;
