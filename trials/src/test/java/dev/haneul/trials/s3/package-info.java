/** S3 as stock clients see it: round trips, checksums, listings, uploads in parts, and kills under load. */
@NullMarked
package dev.haneul.trials.s3;

import org.jspecify.annotations.NullMarked;
