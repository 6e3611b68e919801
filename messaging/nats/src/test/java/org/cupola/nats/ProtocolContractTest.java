package org.cupola.nats;

import static org.assertj.core.api.Assertions.assertThat;

import org.cupola.platform.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * The client protocol, byte for byte, of our broker and of nats-server; who gets which message is in
 * {@link DeliveryContractTest}.
 */
@ParameterizedClass
@EnumSource(Server.class)
class ProtocolContractTest extends ServerFixture {
    @Test
    void introducesItselfFirst() throws Exception {
        try (RawClient client = RawClient.connect(server.port())) {
            assertThat(client.info()).startsWith("INFO {").endsWith("} \r\n");
            JsonNode info = Json.tree(client.info().substring(5));

            assertThat(info.get("server_id").asString()).matches("N[A-Z2-7]{55}");
            assertThat(info.get("server_name").asString())
                    .isEqualTo(info.get("server_id").asString());
            assertThat(info.get("version").asString()).matches("2\\.\\d+\\.\\d+");
            assertThat(info.get("proto").asInt()).isEqualTo(1);
            assertThat(info.has("go")).isTrue();
            assertThat(info.get("host").asString()).isEqualTo("127.0.0.1");
            assertThat(info.get("port").asInt()).isEqualTo(server.port());
            assertThat(info.get("headers").asBoolean()).isTrue();
            assertThat(info.get("max_payload").asInt()).isEqualTo(1048576);
            assertThat(info.get("client_id").asLong()).isPositive();
            assertThat(info.get("client_ip").asString()).isEqualTo("127.0.0.1");
            assertThat(info.has("auth_required")).isFalse();
            assertThat(info.has("tls_required")).isFalse();
            assertThat(info.has("nonce")).isFalse();
            assertThat(info.has("connect_urls")).isFalse();
        }
    }

    @Test
    void countsClients() throws Exception {
        try (RawClient first = RawClient.connect(server.port());
                RawClient second = RawClient.connect(server.port())) {
            assertThat(Json.tree(second.info().substring(5)).get("client_id").asLong())
                    .isGreaterThan(Json.tree(first.info().substring(5))
                            .get("client_id")
                            .asLong());
        }
    }

    @Test
    void answersConnectAndPingWithPong() throws Exception {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send(
                    "CONNECT {\"verbose\":false,\"pedantic\":false,\"user\":\"x\",\"pass\":\"y\",\"tls_required\":false,"
                            + "\"name\":\"n\",\"lang\":\"go\",\"version\":\"1.37.0\",\"protocol\":1,\"echo\":true,"
                            + "\"headers\":true,\"no_responders\":true}\r\nPING\r\n");

            client.expect("PONG\r\n");
        }
    }

    @Test
    void isVerboseAndPedanticUntilToldOtherwise() throws Exception {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send("SUB a.* 1\r\n");
            client.expect("+OK\r\n");
            client.send("CONNECT {}\r\n");
            client.expect("+OK\r\n");
            client.send("PUB a..b 2\r\nhi\r\n");
            client.expect("-ERR 'Invalid Publish Subject'\r\n+OK\r\n");
            client.send("UNSUB 1\r\nPING\r\n");
            client.expect("+OK\r\nPONG\r\n");
            client.send("CONNECT {\"verbose\":false}\r\nPUB a 0\r\n\r\nPING\r\n");
            client.expect("PONG\r\n");
        }
    }

    @Test
    void deliversWithReplyAndTheSubjectAsPublished() throws Exception {
        try (RawClient client = connected()) {
            client.send("SUB foo.* 7\r\nPUB foo.bar INBOX.22 5\r\nhello\r\nPING\r\n");

            client.expect("MSG foo.bar 7 INBOX.22 5\r\nhello\r\nPONG\r\n");
        }
    }

    @Test
    void deliversAnEmptyPayload() throws Exception {
        try (RawClient client = connected()) {
            client.send("SUB empty x\r\nPUB empty 0\r\n\r\nPING\r\n");

            client.expect("MSG empty x 0\r\n\r\nPONG\r\n");
        }
    }

    @Test
    void repeatsTheSizeAsItCame() throws Exception {
        try (RawClient client = connected()) {
            client.send("SUB digits 1\r\nPUB digits 0003\r\nabc\r\nPING\r\n");

            client.expect("MSG digits 1 0003\r\nabc\r\nPONG\r\n");
        }
    }

    @Test
    void deliversBinaryPayloads() throws Exception {
        byte[] payload = new byte[256];
        for (int i = 0; i < payload.length; i++) {
            payload[i] = (byte) i;
        }
        try (RawClient client = connected()) {
            client.send("SUB bin 1\r\nPUB bin 256\r\n");
            client.send(payload);
            client.send("\r\nPING\r\n");

            client.expect("MSG bin 1 256\r\n" + new String(payload, java.nio.charset.StandardCharsets.ISO_8859_1)
                    + "\r\nPONG\r\n");
        }
    }

    @Test
    void acceptsAnyCaseBlanksAndBareLineFeeds() throws Exception {
        try (RawClient client = connected()) {
            client.send("sub \t caseless  \t 1\npUb\tcaseless   2 \r\nhi\r\nping\n");

            client.expect("MSG caseless 1 2\r\nhi\r\nPONG\r\n");
        }
    }

    @Test
    void acceptsInputSplitAnywhere() throws Exception {
        String script = "SUB split.> 1\r\nPUB split.a re.ply 3\r\nxyz\r\nUNSUB 1 5\r\nPING\r\n";
        for (int at = 1; at < script.length(); at++) {
            try (RawClient client = connected()) {
                client.send(script.substring(0, at));
                client.send(script.substring(at));

                client.expect("MSG split.a 1 re.ply 3\r\nxyz\r\nPONG\r\n");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "FOO\r\n",
                "\r\n",
                "XYZ",
                "PIN ",
                "MSG a 1 0\r\n\r\n",
                "RS+ a\r\n",
                "SUBx a 1\r\n",
                "PUB a 2\r\nxyz\r\n",
                "PUB a 1\r\nx\n"
            })
    void refusesWhatItDoesNotKnow(String input) throws Exception {
        try (RawClient client = connected()) {
            client.send(input + "    ");

            client.expect("-ERR 'Unknown Protocol Operation'\r\n");
            client.expectClosed();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PUB a\r\n",
                "PUB a b c 1\r\n",
                "PUB a -1\r\n",
                "PUB a 1x\r\n",
                "PUB a 1234567890\r\n",
                "SUB a\r\n",
                "SUB a b c d\r\n",
                "UNSUB\t\r\n",
                "HPUB a 2 1\r\nx\r\n",
                "CONNECT {\"verbose\":\r\n",
                "CONNECT nonsense\r\n",
                "CONNECT {\"verbose\":\"x\"}\r\n"
            })
    void closesWithoutALineOnBadArguments(String input) throws Exception {
        try (RawClient client = RawClient.connected(server.port(), ",\"headers\":true")) {
            client.send(input);

            client.expectClosed();
        }
    }

    @Test
    void closesWithoutALineOnHeadersFromAClientWithoutThem() throws Exception {
        try (RawClient client = connected()) {
            client.send("HPUB a 12 12\r\nNATS/1.0\r\n\r\n\r\n");

            client.expectClosed();
        }
    }

    @Test
    void letsClientsSayWhatServersSay() throws Exception {
        try (RawClient client = connected()) {
            client.send("+OK\r\nINFO {}\r\nPONG\r\nPING\r\n");
            client.expect("PONG\r\n");
            client.send("-ERR 'something'\r\n");
            client.expectClosed();
        }
    }

    @Test
    void refusesAnUnknownClientProtocol() throws Exception {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send("CONNECT {\"verbose\":false,\"protocol\":2}\r\n");

            client.expect("-ERR 'invalid client protocol'\r\n");
            client.expectClosed();
        }
    }

    @Test
    void refusesNoRespondersWithoutHeaders() throws Exception {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send("CONNECT {\"verbose\":false,\"no_responders\":true}\r\n");

            client.expect("-ERR 'no responders requires headers support'\r\n");
            client.expectClosed();
        }
    }

    @Test
    void refusesAnyAccount() throws Exception {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send("CONNECT {\"verbose\":false,\"account\":\"x\",\"new_account\":true}\r\n");

            client.expect("-ERR 'Authorization Violation'\r\n");
            client.expectClosed();
        }
    }

    @Test
    void refusesATooLargePayloadBeforeItComes() throws Exception {
        try (RawClient client = connected()) {
            client.send("PUB a 1048577\r\n");

            client.expect("-ERR 'Maximum Payload Violation'\r\n");
            client.expectClosed();
        }
    }

    @Test
    void acceptsThreeQuartersOfAMegabyte() throws Exception {
        String payload = "x".repeat(768 * 1024);
        try (RawClient client = connected();
                RawClient other = connected()) {
            other.send("SUB large 1\r\nSUB large 2\r\n");
            other.sync();
            client.send("PUB large " + payload.length() + "\r\n" + payload + "\r\nPUB large 1\r\ny\r\n");

            var seen = new java.util.ArrayList<String>();
            for (int i = 0; i < 2; i++) {
                seen.add(other.line());
                other.expect(payload + "\r\n");
            }
            assertThat(seen).containsExactlyInAnyOrder("MSG large 1 786432\r\n", "MSG large 2 786432\r\n");
            assertThat(other.line()).isIn("MSG large 1 1\r\n", "MSG large 2 1\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\n", ""})
    void refusesATooLongControlLine(String end) throws Exception {
        try (RawClient client = connected()) {
            client.send("SUB " + "a".repeat(5000) + " 1" + end);

            client.expect("-ERR 'maximum control line exceeded'\r\n");
            client.expectClosed();
        }
    }

    @Test
    void acceptsTheLongestControlLine() throws Exception {
        String subject = "a".repeat(4096 - 2);
        try (RawClient client = connected()) {
            client.send("SUB " + subject + " 1\r\nPUB " + subject + " 0\r\n\r\nPING\r\n");

            client.expect("MSG " + subject + " 1 0\r\n\r\nPONG\r\n");
        }
    }

    @Test
    void keepsTheOrderOfOnePublisher() throws Exception {
        int count = 5000;
        try (RawClient publisher = connected();
                RawClient subscriber = connected()) {
            subscriber.send("SUB order 1\r\n");
            subscriber.sync();
            var burst = new StringBuilder();
            for (int i = 0; i < count; i++) {
                burst.append("PUB order 6\r\n").append(String.format("%06d", i)).append("\r\n");
            }
            publisher.send(burst.toString());

            for (int i = 0; i < count; i++) {
                subscriber.expect("MSG order 1 6\r\n" + String.format("%06d", i) + "\r\n");
            }
        }
    }
}
