/**
 * What keeps a route and its endpoints from harm: limits of requests, and which endpoints are better passed over. Plain
 * decisions on numbers and a clock passed in; any thread, without locks where requests pass.
 */
@NullMarked
package org.cupola.gorouter.protection;

import org.jspecify.annotations.NullMarked;
