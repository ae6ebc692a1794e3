/**
 * Deployment packages: zips checked as hostile input, unpacked once per content, and kept for as long as a function or a
 * running environment needs them.
 *
 * <p>The zip itself is a blob of the region's storage and the truth; the unpacked folder is derived from it and made
 * again where it is missing. AWS pages followed: "Working with .zip file archives", "Lambda quotas".
 */
@NullMarked
package dev.haneul.services.lambda.code;

import org.jspecify.annotations.NullMarked;
