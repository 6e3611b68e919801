package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.Set;
import org.cupola.cloudcontroller.ManifestRoute.Candidate;
import org.cupola.cloudcontroller.RouterGroups.RouterGroup;
import org.junit.jupiter.api.Test;

/** Values with a small grammar of their own. */
class SmallPartsTest {
    @Test
    void readsSizesWithUnits() {
        assertThat(ByteSize.parse("64M")).isEqualTo(OptionalLong.of(64L << 20));
        assertThat(ByteSize.parse("1.5gb")).isEqualTo(OptionalLong.of(3L << 29));
        assertThat(ByteSize.parse("12 KB")).isEqualTo(OptionalLong.of(12_288));
        assertThat(ByteSize.parse("64")).isEmpty();
        assertThat(ByteSize.parse("many M")).isEmpty();
        assertThat(ByteSize.bytes(3L << 30)).isEqualTo("3G");
        assertThat(ByteSize.bytes(1500)).isEqualTo("1500B");
        assertThat(ByteSize.bytes(-1)).isEqualTo("-1");
    }

    @Test
    void readsRoutesOfManifests() {
        assertThat(ManifestRoute.parse("https://a.b.example.com/path"))
                .contains(new ManifestRoute("a.b.example.com", 0, "/path"));
        assertThat(ManifestRoute.parse("tcp.example.com:1234"))
                .contains(new ManifestRoute("tcp.example.com", 1234, ""));
        assertThat(ManifestRoute.parse("A.example.com/").orElseThrow().candidates())
                .containsExactly(new Candidate("", "a.example.com"), new Candidate("a", "example.com"));
        assertThat(ManifestRoute.parse("*.example.com").orElseThrow().candidates())
                .containsExactly(new Candidate("*", "example.com"));
        assertThat(ManifestRoute.parse("not a route")).isEmpty();
        assertThat(ManifestRoute.parse("ftp://a.example.com")).isEmpty();
    }

    @Test
    void knowsThePortsOfARouterGroup() {
        RouterGroup group = new RouterGroup("g", "default-tcp", "tcp", "1024-1025, 2000");

        assertThat(group.reserves(1025)).isTrue();
        assertThat(group.reserves(1026)).isFalse();
        assertThat(group.freePort(Set.of(1024, 1025))).contains(2000);
        assertThat(group.freePort(Set.of(1024, 1025, 2000))).isEmpty();
    }

    @Test
    void timesNeverRepeat() {
        Stamps stamps = new Stamps(() -> Instant.ofEpochSecond(1_700_000_000));

        Stamp first = stamps.create();
        Stamp second = stamps.create();

        assertThat(second.createdAt()).isGreaterThan(first.createdAt());
        assertThat(Stamp.text(first.createdAt())).isEqualTo("2023-11-14T22:13:20Z");
    }

    @Test
    void putsItsOwnPartBehindAGivenRequestId() {
        var headers = RequestHeaders.of(HttpMethod.GET, "/", "x-vcap-request-id", "given<>-1");

        assertThat(Gate.requestId(headers)).matches("given-1::[0-9a-f-]{36}");
    }
}
