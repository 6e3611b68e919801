package org.cupola.protocol.blobstore;

import java.time.Instant;

/**
 * What a store knows about a blob.
 *
 * @param etag   changes with the content; without quotes
 * @param length in bytes
 */
public record BlobAttributes(String etag, Instant lastModified, long length) {}
