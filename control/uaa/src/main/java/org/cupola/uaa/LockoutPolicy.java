package org.cupola.uaa;

import java.time.Duration;

/**
 * When failed logins lock a user out.
 *
 * @param failures failed logins in a row that lock; zero means never
 * @param window   within which they are counted
 * @param period   how long the lock lasts, from the last failure
 */
public record LockoutPolicy(int failures, Duration window, Duration period) {}
