/**
 * HTTP for the control planes: Armeria servers and clients with the house's defaults (bounded, timed, mutual TLS), with
 * handlers as blocking code on virtual threads, and server-sent events on both sides. Knows no component.
 */
@NullMarked
package org.cupola.platform.http;

import org.jspecify.annotations.NullMarked;
