package dev.haneul.storage;

/**
 * Names a content for ever: what a room keeps in its records.
 *
 * @param id where it is
 * @param length bytes
 * @param checksum CRC32C over the checksums of its blocks: what is read is checked against it
 */
public record BlobRef(String id, long length, int checksum) {}
