/**
 * The checksums AWS clients and services exchange: CRC32, CRC32C, CRC64NVME, SHA-1, SHA-256, and MD5. The front door
 * checks request bodies with them, storage keeps them, S3 answers them.
 */
@NullMarked
package dev.haneul.kernel.checksum;

import org.jspecify.annotations.NullMarked;
