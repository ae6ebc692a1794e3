/** Servers, their images, keys and disks. */
@NullMarked
package dev.haneul.services.ec2.compute;

import org.jspecify.annotations.NullMarked;
