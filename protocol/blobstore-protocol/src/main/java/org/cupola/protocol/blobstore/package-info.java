/**
 * Packages, droplets, buildpacks and their caches: how they are named, the stores they can be kept in (a local directory, a
 * WebDAV server) behind one interface, and the signed links by which others fetch them.
 *
 * <p>Everything blocks and suits virtual threads; contents stream, so that memory does not grow with their size.
 */
@NullMarked
package org.cupola.protocol.blobstore;

import org.jspecify.annotations.NullMarked;
