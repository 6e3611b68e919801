package org.cupola.tcprouter;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.cupola.platform.testing.FreePorts;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.Test;

/** UDP, over real sockets. */
class DatagramsTest extends DataPlaneFixture {
    private void startWithUdp(Duration idle) {
        var base = settings();
        start(new DataPlaneSettings(
                LOOPBACK,
                0,
                base.connectTimeout(),
                base.idleTimeout(),
                base.clientHelloTimeout(),
                10,
                10,
                false,
                null,
                Duration.ZERO,
                idle));
    }

    /** Answers each datagram with its name and the datagram. */
    private DatagramSocket udpBackend(String name) throws IOException {
        DatagramSocket socket = keep(new DatagramSocket(0, LOOPBACK));
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    var packet = new DatagramPacket(new byte[2000], 2000);
                    socket.receive(packet);
                    byte[] answer = (name + " " + new String(packet.getData(), 0, packet.getLength(), US_ASCII))
                            .getBytes(US_ASCII);
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (IOException e) {
                return; // closed
            }
        });
        return socket;
    }

    private static TcpRouteMapping.Builder to(DatagramSocket backend) {
        return TcpRouteMapping.builder("group", 1, "127.0.0.1", backend.getLocalPort());
    }

    /** The answer, whenever it comes. */
    private String ask(DatagramSocket client, String text) throws IOException {
        return ask(client, text, 30_000);
    }

    /** For where the answer may be nothing. */
    private String askBriefly(DatagramSocket client, String text) throws IOException {
        return ask(client, text, 300);
    }

    private String ask(DatagramSocket client, String text, int patienceMillis) throws IOException {
        byte[] bytes = text.getBytes(US_ASCII);
        client.setSoTimeout(patienceMillis);
        client.send(new DatagramPacket(bytes, bytes.length, LOOPBACK, port));
        var answer = new DatagramPacket(new byte[2000], 2000);
        try {
            client.receive(answer);
        } catch (SocketTimeoutException e) {
            return "<nothing>";
        }
        return new String(answer.getData(), 0, answer.getLength(), US_ASCII);
    }

    @Test
    void carriesDatagramsWhenToldTo() throws Exception {
        startWithUdp(Duration.ofMinutes(1));
        route(to(udpBackend("one")), to(udpBackend("two")));
        DatagramSocket first = keep(new DatagramSocket());
        DatagramSocket second = keep(new DatagramSocket());

        String chosen = ask(first, "a");
        assertThat(chosen).isIn("one a", "two a");
        assertThat(ask(first, "b").charAt(0)).isEqualTo(chosen.charAt(0));
        assertThat(ask(second, "c")).isEqualTo(chosen.startsWith("one") ? "two c" : "one c");
    }

    @Test
    void datagramsFollowTheRouteToAnotherBackend() throws Exception {
        startWithUdp(Duration.ofMinutes(1));
        DatagramSocket old = udpBackend("old");
        route(to(old));
        DatagramSocket client = keep(new DatagramSocket());
        assertThat(ask(client, "a")).isEqualTo("old a");

        route(to(udpBackend("new")));
        assertThat(ask(client, "b")).isEqualTo("new b");

        route();
        assertThat(askBriefly(client, "c")).isEqualTo("<nothing>");
    }

    @Test
    void datagramsAvoidABackendThatIsNotThere() throws Exception {
        startWithUdp(Duration.ofMinutes(1));
        route(TcpRouteMapping.builder("group", 1, "127.0.0.1", FreePorts.next()), to(udpBackend("alive")));
        DatagramSocket client = keep(new DatagramSocket());

        await().untilAsserted(() -> assertThat(askBriefly(client, "a")).isEqualTo("alive a"));
        await().untilAsserted(() -> assertThat(askBriefly(client, "b")).isEqualTo("alive b"));
    }

    @Test
    void datagramSessionsEndWhenIdle() throws Exception {
        startWithUdp(Duration.ofMillis(100));
        route(to(udpBackend("one")));
        Backend backend = dataPlane.routes(port).plain().backends().getFirst();

        DatagramSocket client = keep(new DatagramSocket());
        // The answer of a slow machine finds the session over already.
        await().untilAsserted(() -> assertThat(askBriefly(client, "a")).isEqualTo("one a"));
        await().until(() -> backend.connections() == 0);
    }

    @Test
    void anotherProcessTakesOverThePortAndTheFirstOnesAnswersStillArrive() throws Exception {
        startWithUdp(Duration.ofMinutes(1));
        var slow = keep(new DatagramSocket(0, LOOPBACK));
        route(to(slow));
        DatagramSocket client = keep(new DatagramSocket());
        client.setSoTimeout(30_000);
        client.send(new DatagramPacket("a".getBytes(US_ASCII), 1, LOOPBACK, port));
        var held = new DatagramPacket(new byte[10], 10);
        slow.setSoTimeout(30_000);
        slow.receive(held);
        DataPlane before = keep(dataPlane);

        startWithUdp(Duration.ofMinutes(1));
        route(to(udpBackend("new")));
        await().untilAsserted(() -> assertThat(before.takeOver().giveWay()).isTrue());
        assertThat(ask(client, "b")).isEqualTo("new b");
        slow.send(new DatagramPacket("late".getBytes(US_ASCII), 4, held.getSocketAddress()));
        var answer = new DatagramPacket(new byte[10], 10);
        client.setSoTimeout(30_000);
        client.receive(answer);

        assertThat(new String(answer.getData(), 0, answer.getLength(), US_ASCII))
                .isEqualTo("late");
        assertThat(answer.getPort()).isEqualTo(port);
        before.stopListening();
        for (int i = 0; i < 5; i++) {
            assertThat(ask(keep(new DatagramSocket()), "c")).isEqualTo("new c");
        }
    }
}
