/** Counterparts of the BBS protocol for the tests of several components: real sockets, answers under the test's control. */
@NullMarked
package org.cupola.protocol.bbs.testing;

import org.jspecify.annotations.NullMarked;
