/**
 * Certificates and TLS: reading PEM files, issuing certificates from an own authority, and building contexts for Netty
 * (data planes, Armeria) and the JDK (NATS client). Does file I/O when asked to, has no threads.
 */
@NullMarked
package org.cupola.platform.tls;

import org.jspecify.annotations.NullMarked;
