package org.cupola.tcprouter;

import static org.assertj.core.api.Assumptions.assumeThat;

import org.cupola.platform.net.Transport;
import org.junit.jupiter.api.BeforeEach;

/** The same over io_uring, where the kernel has it. */
class DataPlaneOnIoUringTest extends DataPlaneTest {
    @BeforeEach
    void needIoUring() {
        assumeThat(Transport.IO_URING.isAvailable()).isTrue();
    }

    @Override
    Transport transport() {
        return Transport.IO_URING;
    }
}
