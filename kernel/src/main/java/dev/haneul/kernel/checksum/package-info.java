/**
 * The checksums AWS clients and services exchange: CRC32, CRC32C, CRC64NVME, SHA-1, SHA-256, SHA-512, MD5 and
 * the xxHash family. The front door checks request bodies with them, storage keeps them, S3 answers them.
 */
@NullMarked
package dev.haneul.kernel.checksum;

import org.jspecify.annotations.NullMarked;
