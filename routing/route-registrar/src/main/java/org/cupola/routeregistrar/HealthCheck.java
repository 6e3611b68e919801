package org.cupola.routeregistrar;

import java.time.Duration;

/**
 * A script that tells whether a route may be registered. Immutable.
 *
 * @param script  what {@code /bin/sh -c} runs; exit code 0 means healthy
 * @param timeout after this it is killed, with everything it started, and counts as failed
 */
record HealthCheck(String name, String script, Duration timeout) {}
