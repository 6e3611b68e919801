package org.cupola.loadbalancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The DNS server, by bytes. Names: 04 6d796170 is "myap", 04 61707073 "apps", 04 74657374 "test". */
class DnsServerTest {
    private static final String ZONE = "04 61707073 04 74657374 00"; // apps.test.
    private static final String NAME = "04 6d796170 " + ZONE; // myap.apps.test.
    private static final String A = "0001 0001";
    private static final String AAAA = "001c 0001";

    private LoadBalancerComponent server;

    @BeforeEach
    void start() throws Exception {
        var config = LoadBalancerConfig.parse("test", """
                dns:
                  listen: 127.0.0.1:0
                  ttl: 30s
                  zones:
                  - {domain: apps.test, address: 192.0.2.7}
                  - {domain: six.test, addresses: ["192.0.2.8", "2001:db8::1"]}
                """);
        server = new LoadBalancerComponent(config, Clock.systemUTC());
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    private static String query(String question) {
        return "1234 0100 0001 0000 0000 0000" + question;
    }

    private String udp(String query) throws Exception {
        return HexFormat.of().formatHex(udp(hex(query)));
    }

    private byte[] udp(byte[] query) throws Exception {
        try (var socket = new DatagramSocket()) {
            socket.setSoTimeout(30_000);
            socket.send(new DatagramPacket(query, query.length, InetAddress.getByName("127.0.0.1"), server.dnsPort()));
            var answer = new DatagramPacket(new byte[2000], 2000);
            socket.receive(answer);
            return Arrays.copyOf(answer.getData(), answer.getLength());
        }
    }

    private static String expected(String text) {
        return HexFormat.of().formatHex(hex(text));
    }

    @Test
    void answersWithTheAddressForEveryNameOfTheZone() throws Exception {
        assertThat(udp(query(NAME + A)))
                .isEqualTo(expected("1234 8500 0001 0001 0000 0000" + NAME + A + NAME + A + "0000001e 0004 c0000207"));
        assertThat(udp(query(ZONE + A)))
                .isEqualTo(expected("1234 8500 0001 0001 0000 0000" + ZONE + A + ZONE + A + "0000001e 0004 c0000207"));
        assertThat(udp(query("01 61 01 62 " + NAME + A))).contains("c0000207");
    }

    @Test
    void repeatsTheNameInItsOwnCase() throws Exception {
        String mixed = "04 4d796150 04 41707053 04 54657374 00";

        assertThat(udp(query(mixed + A)))
                .isEqualTo(
                        expected("1234 8500 0001 0001 0000 0000" + mixed + A + mixed + A + "0000001e 0004 c0000207"));
    }

    @Test
    void hasNoOtherRecordsAndSaysForHowLong() throws Exception {
        String soa = ZONE + "0006 0001 0000001e 0038 02 6e73" + ZONE + "0a 686f73746d6173746572" + ZONE
                + "00000001 00000e10 00000258 00015180 0000001e";

        assertThat(udp(query(NAME + AAAA))).isEqualTo(expected("1234 8500 0001 0000 0001 0000" + NAME + AAAA + soa));
        assertThat(udp(query(NAME + "0010 0001"))).startsWith("12348500000100000001"); // TXT
        assertThat(udp(query(ZONE + "0006 0001")))
                .isEqualTo(expected("1234 8500 0001 0001 0000 0000" + ZONE + "0006 0001" + soa));
    }

    @Test
    void namesItsServer() throws Exception {
        assertThat(udp(query(ZONE + "0002 0001")))
                .isEqualTo(expected("1234 8500 0001 0001 0000 0000" + ZONE + "0002 0001" + ZONE
                        + "0002 0001 0000001e 000e 02 6e73" + ZONE));
    }

    @Test
    void answersBothFamiliesWhereTheZoneHasBoth() throws Exception {
        String six = "03 736978 04 74657374 00";

        assertThat(udp(query(six + A))).endsWith(expected("0004 c0000208"));
        assertThat(udp(query(six + AAAA))).endsWith(expected("0010 20010db8000000000000000000000001"));
        assertThat(udp(query(six + "00ff 0001"))).startsWith("1234850000010002");
    }

    @Test
    void refusesOtherNamesAndClasses() throws Exception {
        String other = "07 6578616d706c65 03 6f7267 00";

        assertThat(udp(query(other + A))).isEqualTo(expected("1234 8105 0001 0000 0000 0000" + other + A));
        assertThat(udp(query("05 6e61707073 04 74657374 00" + A))).startsWith("12348105"); // napps.test
        assertThat(udp(query("04 74657374 00" + A))).startsWith("12348105");
        assertThat(udp(query(NAME + "0001 0003"))).startsWith("12348105"); // CHAOS
    }

    @Test
    void speaksEdns() throws Exception {
        assertThat(udp("1234 0100 0001 0000 0000 0001" + NAME + A + "00 0029 1000 00000000 0000"))
                .isEqualTo(expected("1234 8500 0001 0001 0000 0001" + NAME + A + NAME + A + "0000001e 0004 c0000207"
                        + "00 0029 04d0 00000000 0000"));
    }

    @Test
    void tellsWhatItDoesNotDo() throws Exception {
        assertThat(udp("1234 2800 0001 0000 0000 0000" + NAME + A)).startsWith("1234a804"); // UPDATE
        assertThat(udp("1234 0100 0000 0000 0000 0000")).startsWith("12348101");
        assertThat(udp("1234 0100 0002 0000 0000 0000" + NAME + A + NAME + A)).startsWith("12348101");
    }

    @Test
    void answersOverTcpAndMoreThanOnce() throws Exception {
        try (var socket = new Socket("127.0.0.1", server.dnsPort())) {
            socket.setSoTimeout(30_000);
            var out = new DataOutputStream(socket.getOutputStream());
            var in = new DataInputStream(socket.getInputStream());
            byte[] query = hex(query(NAME + A));
            for (int i = 0; i < 3; i++) {
                out.writeShort(query.length);
                out.write(query);
                byte[] answer = in.readNBytes(in.readUnsignedShort());

                assertThat(HexFormat.of().formatHex(answer))
                        .startsWith("12348500")
                        .endsWith("0004c0000207");
            }
            out.writeShort(3);
            out.write(new byte[3]);
            assertThatThrownBy(in::readByte).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void dropsGarbageAndGoesOn() throws Exception {
        var random = new Random(7);
        byte[] good = hex(query(NAME + A));
        try (var socket = new DatagramSocket()) {
            for (int i = 0; i < 2000; i++) {
                byte[] bad = i % 2 == 0 ? good.clone() : new byte[random.nextInt(60)];
                for (int j = 0; j < 1 + random.nextInt(6) && bad.length > 0; j++) {
                    bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
                }
                int length = random.nextInt(bad.length + 1);
                socket.send(new DatagramPacket(bad, length, InetAddress.getByName("127.0.0.1"), server.dnsPort()));
                if (i % 100 == 0) {
                    assertThat(HexFormat.of().formatHex(udp(good))).endsWith("c0000207");
                }
            }
        }
        assertThat(HexFormat.of().formatHex(udp(good))).endsWith("c0000207");
    }

    @Test
    void saysWhichPortIsTaken() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var config = LoadBalancerConfig.parse(
                    "test",
                    "dns: {listen: \"127.0.0.1:" + taken.getLocalPort()
                            + "\", zones: [{domain: a, address: 127.0.0.1}]}");
            try (var component = new LoadBalancerComponent(config, Clock.systemUTC())) {
                assertThatThrownBy(component::start)
                        .hasMessageStartingWith("cannot listen on 127.0.0.1:" + taken.getLocalPort());
            }
        }
    }
}
