package org.cupola.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Objects;
import org.cupola.platform.json.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who may connect and what they may do: our broker and nats-server, from one configuration file. */
class AccessContractTest {
    private static final String USERS = """
            authorization {
              default_permissions { publish: "free.>", subscribe: ["free.>", "_INBOX.>"] }
              users = [
                { user: alice, password: $2a$04$e9wv6rLGRWQz3BpFGhTjxOXxtWdkXqQwQzGRl4CgSAvtCmXxd0RZq }
                { user: bob, password: bobs, permissions: {
                    publish: { allow: ["ok.*", "req"], deny: "ok.not" }
                    subscribe: { allow: ["ok.>", "all.>", "q.a workers"], deny: "all.secret" }
                } }
                { user: carol, password: carols }
                { user: dave, password: daves, permissions: { subscribe: "req", allow_responses: true } }
                { user: root, password: roots, permissions: { publish: ">", subscribe: ">" } }
              ]
            }
            """;

    private static String user(String name, String password) {
        return ",\"user\":\"" + name + "\",\"pass\":\"" + password + "\"";
    }

    private static void expectRefused(int port, String fields) throws Exception {
        try (RawClient client = RawClient.connect(port)) {
            client.send("CONNECT {\"verbose\":false" + fields + "}\r\nPING\r\n");
            client.expect("-ERR 'Authorization Violation'\r\n");
            client.expectClosed();
        }
    }

    @ParameterizedTest
    @EnumSource
    void asksForUserAndPassword(Server kind) throws Exception {
        try (Server.Running server = kind.start("authorization { user: nats, password: \"s3cret\", timeout: 15 }")) {
            try (RawClient client = RawClient.connected(server.port(), user("nats", "s3cret"))) {
                assertThat(Json.tree(client.info().substring(5))
                                .get("auth_required")
                                .asBoolean())
                        .isTrue();
                client.sync();
            }
            expectRefused(server.port(), user("nats", "wrong"));
            expectRefused(server.port(), user("other", "s3cret"));
            expectRefused(server.port(), "");
        }
    }

    @ParameterizedTest
    @EnumSource
    void asksForAToken(Server kind) throws Exception {
        try (Server.Running server = kind.start("authorization { token: T0K3N }")) {
            RawClient.connected(server.port(), ",\"auth_token\":\"T0K3N\"").close();
            expectRefused(server.port(), ",\"auth_token\":\"token\"");
            expectRefused(server.port(), "");
        }
    }

    @ParameterizedTest
    @EnumSource
    void wantsConnectFirst(Server kind) throws Exception {
        try (Server.Running server = kind.start("authorization { token: T0K3N }");
                RawClient client = RawClient.connect(server.port())) {
            client.send("PING\r\n");

            client.expect("-ERR 'Authorization Violation'\r\n");
            client.expectClosed();
        }
    }

    @ParameterizedTest
    @EnumSource
    void waitsForConnectOnlySoLong(Server kind) throws Exception {
        try (Server.Running server = kind.start("authorization { token: T0K3N, timeout: 0.2 }");
                RawClient client = RawClient.connect(server.port())) {
            client.expect("-ERR 'Authentication Timeout'\r\n");
            client.expectClosed();
        }
    }

    @ParameterizedTest
    @EnumSource
    void checksBcryptPasswordsAndTokens(Server kind) throws Exception {
        String hash = org.bouncycastle.crypto.generators.OpenBSDBCrypt.generate(
                "2a", "s3cret".toCharArray(), new byte[16], 4);
        try (Server.Running server = kind.start("authorization { user: nats, password: " + hash + " }")) {
            try (RawClient client = RawClient.connect(server.port())) {
                client.send("CONNECT {\"verbose\":false" + user("nats", "s3cret") + "}\r\nSUB a 1\r\nPUB a 1\r\nx\r\n");
                client.send("PING\r\n");
                client.expect("MSG a 1 1\r\nx\r\nPONG\r\n");
            }
            expectRefused(server.port(), user("nats", "S3cret"));
        }
        try (Server.Running server = kind.start("authorization { token: \"" + hash + "\" }")) {
            RawClient.connected(server.port(), ",\"auth_token\":\"s3cret\"").close();
            expectRefused(server.port(), ",\"auth_token\":\"" + hash + "\"");
        }
    }

    @ParameterizedTest
    @EnumSource
    void letsAnonymousClientsBeAUser(Server kind) throws Exception {
        String configuration =
                "no_auth_user: guest\nauthorization { users: [ {user: guest, password: g}, {user: b, pass: b} ] }";
        try (Server.Running server = kind.start(configuration)) {
            RawClient.connected(server.port()).close();
            RawClient.connected(server.port(), user("b", "b")).close();
            expectRefused(server.port(), user("b", "c"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void enforcesPublishPermissions(Server kind) throws Exception {
        try (Server.Running server = kind.start(USERS);
                RawClient root = RawClient.connected(server.port(), user("root", "roots"));
                RawClient bob = RawClient.connected(server.port(), user("bob", "bobs"));
                RawClient carol = RawClient.connected(server.port(), user("carol", "carols"))) {
            root.send("SUB > 1\r\n");
            root.sync();
            bob.send("PUB ok.yes 1\r\n1\r\nPUB ok.not 1\r\n2\r\nPUB elsewhere 1\r\n3\r\nPUB ok.a.b 1\r\n4\r\nPING\r\n");
            bob.expect("-ERR 'Permissions Violation for Publish to \"ok.not\"'\r\n"
                    + "-ERR 'Permissions Violation for Publish to \"elsewhere\"'\r\n"
                    + "-ERR 'Permissions Violation for Publish to \"ok.a.b\"'\r\nPONG\r\n");
            carol.send("PUB free.x 1\r\n5\r\nPUB ok.yes 1\r\n6\r\nPING\r\n");
            carol.expect("-ERR 'Permissions Violation for Publish to \"ok.yes\"'\r\nPONG\r\n");

            root.expect("MSG ok.yes 1 1\r\n1\r\nMSG free.x 1 1\r\n5\r\n");
            root.sync();
        }
    }

    @ParameterizedTest
    @EnumSource
    void enforcesSubscribePermissions(Server kind) throws Exception {
        try (Server.Running server = kind.start(USERS);
                RawClient root = RawClient.connected(server.port(), user("root", "roots"));
                RawClient bob = RawClient.connected(server.port(), user("bob", "bobs"))) {
            bob.send("SUB ok.* 1\r\nSUB no 2\r\nSUB > 3\r\nSUB q.a 4\r\nSUB q.a lazy 5\r\nSUB q.a workers 6\r\n"
                    + "SUB all.secret 7\r\nSUB all.> 8\r\nPING\r\n");
            bob.expect("-ERR 'Permissions Violation for Subscription to \"no\"'\r\n"
                    + "-ERR 'Permissions Violation for Subscription to \">\"'\r\n"
                    + "-ERR 'Permissions Violation for Subscription to \"q.a\"'\r\n"
                    + "-ERR 'Permissions Violation for Subscription to \"q.a\" using queue \"lazy\"'\r\n"
                    + "-ERR 'Permissions Violation for Subscription to \"all.secret\"'\r\nPONG\r\n");

            root.send("PUB all.secret 1\r\ns\r\nPUB all.open 1\r\no\r\nPUB q.a 1\r\nq\r\n");
            bob.expect("MSG all.open 8 1\r\no\r\nMSG q.a 6 1\r\nq\r\n");
            bob.sync();
        }
    }

    @ParameterizedTest
    @EnumSource
    void letsAResponderAnswerOnce(Server kind) throws Exception {
        try (Server.Running server = kind.start(USERS);
                RawClient root = RawClient.connected(server.port(), user("root", "roots"));
                RawClient dave = RawClient.connected(server.port(), user("dave", "daves"))) {
            dave.send("SUB req 1\r\n");
            dave.sync();
            root.send("SUB back.> 9\r\nPUB req back.1 1\r\n?\r\n");
            dave.expect("MSG req 1 back.1 1\r\n?\r\n");
            dave.send("PUB back.1 1\r\n!\r\nPUB back.1 1\r\n!\r\nPING\r\n");

            dave.expect("-ERR 'Permissions Violation for Publish to \"back.1\"'\r\nPONG\r\n");
            root.expect("MSG back.1 9 1\r\n!\r\n");
            root.sync();
        }
    }

    @ParameterizedTest
    @EnumSource
    void limitsSubscriptions(Server kind) throws Exception {
        try (Server.Running server = kind.start("max_subscriptions: 2");
                RawClient client = RawClient.connected(server.port())) {
            client.send("SUB a 1\r\nSUB b 2\r\nSUB c 3\r\nPING\r\n");
            client.expect("-ERR 'maximum subscriptions exceeded'\r\nPONG\r\n");
            client.send("UNSUB 1\r\nSUB c 3\r\nPUB c 1\r\nx\r\nPING\r\n");
            client.expect("MSG c 3 1\r\nx\r\nPONG\r\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void limitsConnections(Server kind) throws Exception {
        try (Server.Running server = kind.start("max_connections: 2");
                RawClient first = admitted(server.port());
                RawClient second = admitted(server.port())) {
            try (RawClient third = RawClient.connect(server.port())) {
                assertThat(third.info()).startsWith("INFO {");
                third.expect("-ERR 'maximum connections exceeded'\r\n");
                third.expectClosed();
            }
            first.sync();
            second.socket().close();
            admitted(server.port()).close();
        }
    }

    /** As soon as there is room: a server notices only after a while that a connection has gone, as that of its start's check. */
    private static RawClient admitted(int port) {
        return await().ignoreExceptionsMatching(_ -> true).until(() -> RawClient.connected(port), Objects::nonNull);
    }

    @ParameterizedTest
    @EnumSource
    void limitsPayloadAndControlLine(Server kind) throws Exception {
        try (Server.Running server = kind.start("max_payload: 10\nmax_control_line: 100")) {
            try (RawClient client = RawClient.connected(server.port())) {
                assertThat(Json.tree(client.info().substring(5))
                                .get("max_payload")
                                .asInt())
                        .isEqualTo(10);
                client.send("SUB a 1\r\nPUB a 10\r\n0123456789\r\n");
                client.expect("MSG a 1 10\r\n0123456789\r\n");
                client.send("PUB a 11\r\n0123456789!\r\n");
                client.expect("-ERR 'Maximum Payload Violation'\r\n");
                client.expectClosed();
            }
            try (RawClient client = RawClient.connected(server.port())) {
                client.send("PUB " + "a".repeat(100) + " 1\r\nx\r\n");
                client.expect("-ERR 'maximum control line exceeded'\r\n");
                client.expectClosed();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void hidesHeadersWhenToldTo(Server kind) throws Exception {
        try (Server.Running server = kind.start("no_header_support: true");
                RawClient client = RawClient.connected(server.port(), ",\"headers\":true")) {
            assertThat(Json.tree(client.info().substring(5)).get("headers").asBoolean())
                    .isFalse();
            client.send("HPUB a 12 12\r\nNATS/1.0\r\n\r\n\r\n");
            client.expectClosed();
        }
    }

    @ParameterizedTest
    @EnumSource
    void dropsAClientThatAnswersNoPings(Server kind) throws Exception {
        try (Server.Running server = kind.start("ping_interval: \"100ms\"\nping_max: 2");
                RawClient client = RawClient.connected(server.port())) {
            client.expect("PING\r\nPING\r\n-ERR 'Stale Connection'\r\n");
            client.expectClosed();
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsAClientThatAnswersPings(Server kind) throws Exception {
        try (Server.Running server = kind.start("ping_interval: \"50ms\"\nping_max: 1");
                RawClient client = RawClient.connected(server.port())) {
            for (int i = 0; i < 5; i++) {
                client.expect("PING\r\n");
                client.send("PONG\r\n");
            }
        }
    }

    /** A nonce is signed by the key that INFO's reader holds; vectors made with the JDK's Ed25519. */
    @ParameterizedTest
    @EnumSource
    void letsAUserSignTheNonce(Server kind) throws Exception {
        var keys = java.security.KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        String publicKey = NonceSignatureTest.userKey(keys.getPublic());
        try (Server.Running server = kind.start("authorization { users: [ {nkey: " + publicKey + "} ] }")) {
            try (RawClient client = RawClient.connect(server.port())) {
                String nonce =
                        Json.tree(client.info().substring(5)).get("nonce").asString();
                assertThat(nonce).hasSizeGreaterThanOrEqualTo(15);
                String signature = NonceSignatureTest.sign(keys.getPrivate(), nonce);
                client.send("CONNECT {\"verbose\":false,\"nkey\":\"" + publicKey + "\",\"sig\":\"" + signature
                        + "\"}\r\nPING\r\n");
                client.expect("PONG\r\n");
            }
            String forged = NonceSignatureTest.sign(keys.getPrivate(), "another nonce");
            expectRefused(server.port(), ",\"nkey\":\"" + publicKey + "\",\"sig\":\"" + forged + "\"");
            expectRefused(server.port(), ",\"nkey\":\"" + publicKey + "\"");
            expectRefused(server.port(), "");
        }
    }
}
