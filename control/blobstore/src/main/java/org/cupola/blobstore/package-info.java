/**
 * The blobstore: a WebDAV server over a directory, as the platform runs it for packages, droplets, buildpacks and their caches.
 *
 * <p>Talks HTTP/1.1 to the Cloud Controller (with a name and a password) and to whoever holds a signed link. Event loops do
 * the socket I/O; each request is served by blocking code on a virtual thread of its own, which reads and writes at most one
 * chunk ahead of its peer, so that memory does not grow with the size of blobs.
 */
@NullMarked
package org.cupola.blobstore;

import org.jspecify.annotations.NullMarked;
