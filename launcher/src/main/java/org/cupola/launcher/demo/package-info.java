/**
 * The demo: deploys two sample apps to a running platform over its public API, as any client would, and checks that
 * requests reach them through both routers.
 */
@NullMarked
package org.cupola.launcher.demo;

import org.jspecify.annotations.NullMarked;
