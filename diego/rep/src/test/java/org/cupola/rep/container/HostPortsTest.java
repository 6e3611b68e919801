package org.cupola.rep.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HostPortsTest {
    @Test
    void handsOutEachPortOnceUntilItComesBack() {
        var ports = new HostPorts(64000, 20);
        Set<Integer> taken = new HashSet<>();
        for (var port = ports.take(); port.isPresent(); port = ports.take()) {
            assertThat(taken.add(port.getAsInt())).isTrue();
        }

        assertThat(taken).isNotEmpty().allMatch(port -> port >= 64000 && port < 64020);

        int one = taken.iterator().next();
        ports.giveBack(one);
        assertThat(ports.take()).hasValue(one);
    }

    @Test
    void aPortThatCameBackIsTheLastToBeUsedAgain() {
        var ports = new HostPorts(64100, 50);
        int first = ports.take().orElseThrow();
        ports.giveBack(first);

        assertThat(ports.take().orElseThrow()).isNotEqualTo(first);
    }

    @Test
    void passesOverAPortThatSomebodyListensOn() throws IOException {
        try (var occupied = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var ports = new HostPorts(occupied.getLocalPort(), 1);

            assertThat(ports.take()).isEmpty();
        }
    }

    @Test
    void goesOnWhereItIsToldTo() {
        var ports = new HostPorts(64200, 50);
        ports.beginAt(-1);
        int last = ports.take().orElseThrow();

        var later = new HostPorts(64200, 50);
        later.beginAt(ports.offset());

        assertThat(later.take().orElseThrow()).isNotEqualTo(last);
    }
}
