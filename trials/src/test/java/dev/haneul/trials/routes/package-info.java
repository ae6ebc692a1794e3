/**
 * Every operation of every service, called once by the stock client (botocore, which the AWS CLI and boto3 are made of):
 * what it asks reaches the operation it means with every member it set, and it understands what it is answered.
 */
@NullMarked
package dev.haneul.trials.routes;

import org.jspecify.annotations.NullMarked;
