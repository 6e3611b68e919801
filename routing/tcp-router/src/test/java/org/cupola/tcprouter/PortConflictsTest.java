package org.cupola.tcprouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.cupola.protocol.routing.RouterGroup;
import org.junit.jupiter.api.Test;

class PortConflictsTest {
    private static List<String> find(String reservablePorts, Integer... reserved) {
        return PortConflicts.find(
                List.of(new RouterGroup("guid", "default-tcp", "tcp", reservablePorts)), List.of(reserved));
    }

    @Test
    void findsReservedPortsInsideRanges() {
        assertThat(find("1024-1123,3457,5000-5010", 1023, 1124, 3456, 5011)).isEmpty();
        assertThat(find("1024-1123,3457,5000-5010", 1024, 1123, 3457)).hasSize(2);
        assertThat(find("1024-1123", 1024)).singleElement().asString().contains("default-tcp", "1024-1123", "[1024]");
    }

    @Test
    void skipsWhatIsNoRange() {
        assertThat(find("", 1024)).isEmpty();
        assertThat(find("1024-,x,1-2-3", 1024, 2)).isEmpty();
    }
}
