/**
 * EC2 Instance Connect: a key that opens an instance for a minute. The serial console is missing. Followed: the user
 * guide's "Connect to your Linux instance using EC2 Instance Connect".
 */
@NullMarked
package dev.haneul.services.ec2instanceconnect;

import org.jspecify.annotations.NullMarked;
