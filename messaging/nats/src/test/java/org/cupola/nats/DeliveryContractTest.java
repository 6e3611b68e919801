package org.cupola.nats;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets which message in which form: subscriptions, queue groups, headers; of our broker and of nats-server. */
@ParameterizedClass
@EnumSource(Server.class)
class DeliveryContractTest extends ServerFixture {
    @Test
    void deliversOneCopyPerMatchingSubscription() throws Exception {
        try (RawClient client = connected()) {
            client.send("SUB many.one 1\r\nSUB many.* 2\r\nSUB many.> 3\r\nSUB > 4\r\nSUB many.two 5\r\nSUB many 6\r\n"
                    + "SUB many.one.* 7\r\nSUB *.one 8\r\nPUB many.one 1\r\nx\r\n");
            var sids = new java.util.TreeSet<String>();
            for (int i = 0; i < 5; i++) {
                String line = client.line();
                assertThat(line).startsWith("MSG many.one ");
                sids.add(line.split(" ")[2]);
                client.expect("x\r\n");
            }

            assertThat(sids).containsExactly("1", "2", "3", "4", "8");
            client.sync();
        }
    }

    @Test
    void takesWildcardCharactersInsideTokensLiterally() throws Exception {
        try (RawClient client = connected()) {
            client.send("SUB lit.a* 1\r\nSUB lit.*b 2\r\nSUB lit.c>d 3\r\n"
                    + "PUB lit.ax 1\r\n1\r\nPUB lit.a* 1\r\n2\r\nPUB lit.c>d 1\r\n3\r\nPING\r\n");

            client.expect("MSG lit.a* 1 1\r\n2\r\nMSG lit.c>d 3 1\r\n3\r\nPONG\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a..b", ".a", "a.", "a.>.b", ">.a", "."})
    void refusesInvalidSubjectsAndGoesOn(String subject) throws Exception {
        try (RawClient client = connected()) {
            client.send("SUB " + subject + " 1\r\nPING\r\n");

            client.expect("-ERR 'Invalid Subject'\r\nPONG\r\n");
        }
    }

    @Test
    void ignoresASecondSubscriptionWithTheSameSid() throws Exception {
        try (RawClient client = connected()) {
            client.send("SUB dup.a 1\r\nSUB dup.b 1\r\nPUB dup.b 1\r\nb\r\nPUB dup.a 1\r\na\r\nPING\r\n");

            client.expect("MSG dup.a 1 1\r\na\r\nPONG\r\n");
        }
    }

    @Test
    void unsubscribesAtOnceOrAfterAnExactNumber() throws Exception {
        try (RawClient client = connected()) {
            client.send("SUB un 1\r\nUNSUB 1\r\nPUB un 1\r\n1\r\nUNSUB 99\r\nPING\r\n");
            client.expect("PONG\r\n");
            client.send(
                    "SUB un 2\r\nPUB un 1\r\n1\r\nUNSUB 2 3\r\nPUB un 1\r\n2\r\nPUB un 1\r\n3\r\nPUB un 1\r\n4\r\nPING\r\n");
            client.expect("MSG un 2 1\r\n1\r\nMSG un 2 1\r\n2\r\nMSG un 2 1\r\n3\r\nPONG\r\n");
            client.send("SUB un 3\r\nPUB un 1\r\n1\r\nPUB un 1\r\n2\r\nUNSUB 3 2\r\nPUB un 1\r\n3\r\nPING\r\n");
            client.expect("MSG un 3 1\r\n1\r\nMSG un 3 1\r\n2\r\nPONG\r\n");
        }
    }

    @Test
    void doesNotEchoWhenAskedNotTo() throws Exception {
        try (RawClient quiet = RawClient.connected(server.port(), ",\"echo\":false");
                RawClient other = connected()) {
            quiet.send("SUB echo 1\r\nSUB echo q 2\r\n");
            quiet.sync();
            other.send("SUB echo q 9\r\n");
            other.sync();
            for (int i = 0; i < 20; i++) {
                quiet.send("PUB echo 1\r\nx\r\n");
            }
            quiet.sync();

            for (int i = 0; i < 20; i++) {
                other.expect("MSG echo 9 1\r\nx\r\n");
            }
            quiet.sync();
        }
    }

    @Test
    void givesEachQueueGroupOneCopyAcrossSubjects() throws Exception {
        try (RawClient client = connected()) {
            client.send("SUB grp.* q 1\r\nSUB grp.> q 1b\r\nSUB grp.x r 2\r\nSUB grp.x 3\r\n");
            client.sync();
            client.send("PUB grp.x 1\r\nx\r\nPING\r\n");
            var sids = new java.util.TreeSet<String>();
            for (String line = client.line(); !line.equals("PONG\r\n"); line = client.line()) {
                sids.add(line.split(" ")[2]);
                client.expect("x\r\n");
            }

            assertThat(sids).hasSize(3).contains("2", "3").containsAnyOf("1", "1b");
        }
    }

    @Test
    void spreadsAQueueGroupRoughlyEvenly() throws Exception {
        int[] counts = new int[4];
        try (RawClient client = connected()) {
            for (int i = 0; i < counts.length; i++) {
                client.send("SUB even q " + i + "\r\n");
            }
            for (int i = 0; i < 2000; i++) {
                client.send("PUB even 1\r\nx\r\n");
            }
            client.send("PING\r\n");
            for (String line = client.line(); !line.equals("PONG\r\n"); line = client.line()) {
                counts[Integer.parseInt(line.split(" ")[2])]++;
                client.expect("x\r\n");
            }
        }
        assertThat(java.util.Arrays.stream(counts).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(350, 650));
    }

    @Test
    void forgetsSubscriptionsOfAClientThatLeft() throws Exception {
        try (RawClient asker = RawClient.connected(server.port(), ",\"headers\":true,\"no_responders\":true")) {
            try (RawClient gone = connected()) {
                gone.send("SUB left 1\r\n");
                gone.sync();
            }
            asker.send("SUB INBOX.left r\r\n");
            org.awaitility.Awaitility.await().untilAsserted(() -> {
                asker.send("PUB left INBOX.left 0\r\n\r\n");
                asker.syncAfter("HMSG INBOX.left r 16 16\r\nNATS/1.0 503\r\n\r\n\r\n");
            });
        }
    }

    @Test
    void carriesHeadersToWhoUnderstandsThemAndStripsThemForOthers() throws Exception {
        try (RawClient modern = RawClient.connected(server.port(), ",\"headers\":true");
                RawClient old = connected()) {
            modern.send("SUB head m\r\n");
            modern.sync();
            old.send("SUB head o\r\nSUB head q oq\r\n");
            old.sync();
            modern.send("HPUB head re 22 27\r\nNATS/1.0\r\nBar: Baz\r\n\r\nhello\r\n");

            modern.expect("HMSG head m re 22 27\r\nNATS/1.0\r\nBar: Baz\r\n\r\nhello\r\n");
            String first = old.line();
            old.expect("hello\r\n");
            String second = old.line();
            old.expect("hello\r\n");
            assertThat(java.util.List.of(first, second))
                    .containsExactlyInAnyOrder("MSG head o re 5\r\n", "MSG head oq re 5\r\n");
        }
    }

    @Test
    void carriesHeadersOnly() throws Exception {
        try (RawClient client = RawClient.connected(server.port(), ",\"headers\":true")) {
            client.send("SUB honly 1\r\nHPUB honly 12 12\r\nNATS/1.0\r\n\r\n\r\nPING\r\n");

            client.expect("HMSG honly 1 12 12\r\nNATS/1.0\r\n\r\n\r\nPONG\r\n");
        }
    }

    @Test
    void tellsARequesterThatNobodyListens() throws Exception {
        try (RawClient client = RawClient.connected(server.port(), ",\"headers\":true,\"no_responders\":true")) {
            client.send("SUB INBOX.nr.* 5\r\nPUB nobody.home INBOX.nr.1 2\r\nhi\r\nPING\r\n");

            client.expect("HMSG INBOX.nr.1 5 16 16\r\nNATS/1.0 503\r\n\r\n\r\nPONG\r\n");
        }
    }

    @Test
    void tellsNothingToARequesterThatDidNotAskForIt() throws Exception {
        try (RawClient client = RawClient.connected(server.port(), ",\"headers\":true")) {
            client.send("SUB INBOX.nr.* 5\r\nPUB nobody.home INBOX.nr.1 2\r\nhi\r\nPING\r\n");

            client.expect("PONG\r\n");
        }
    }
}
