/**
 * The Cloud Controller: the v3 API through which people deploy apps, its database, and the translation of apps into
 * desired long-running processes at the BBS.
 *
 * <p>Talks to its database, the UAA (token keys, user names), the Routing API (router groups), the blobstore and the BBS;
 * cells fetch droplets from its mutual-TLS port. Requests run in straight-line blocking code on virtual threads; uploads
 * stream to disk on the event loop's back pressure. Two background threads belong to a component: the one that keeps the BBS
 * in step with the database and the one that moves deployments.
 */
@NullMarked
package org.cupola.cloudcontroller;

import org.jspecify.annotations.NullMarked;
