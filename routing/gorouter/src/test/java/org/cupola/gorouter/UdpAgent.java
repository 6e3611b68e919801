package org.cupola.gorouter;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** A Loggregator agent's legacy port: keeps what arrives, read by protobuf's own library. */
final class UdpAgent implements AutoCloseable {
    private final DatagramSocket socket;
    private final List<Event> events = new CopyOnWriteArrayList<>();

    /** A message by its field numbers. */
    record Event(UnknownFieldSet fields) {
        String text(int field) {
            return of(field).getLengthDelimitedList().getFirst().toStringUtf8();
        }

        List<String> texts(int field) {
            return of(field).getLengthDelimitedList().stream()
                    .map(bytes -> bytes.toString(StandardCharsets.UTF_8))
                    .toList();
        }

        long number(int field) {
            return of(field).getVarintList().getFirst();
        }

        double real(int field) {
            return Double.longBitsToDouble(of(field).getFixed64List().getFirst());
        }

        boolean has(int field) {
            return fields.hasField(field);
        }

        Event message(int field) {
            return parsed(of(field).getLengthDelimitedList().getFirst().toByteArray());
        }

        Map<String, String> tags() {
            Map<String, String> tags = new TreeMap<>();
            of(17).getLengthDelimitedList().forEach(entry -> {
                Event pair = parsed(entry.toByteArray());
                tags.put(pair.text(1), pair.text(2));
            });
            return tags;
        }

        private Field of(int number) {
            return fields.getField(number);
        }

        private static Event parsed(byte[] bytes) {
            try {
                return new Event(UnknownFieldSet.parseFrom(bytes));
            } catch (IOException e) {
                throw new AssertionError("not protobuf: " + Arrays.toString(bytes), e);
            }
        }
    }

    UdpAgent() throws IOException {
        this(0);
    }

    UdpAgent(int port) throws IOException {
        socket = new DatagramSocket(port, InetAddress.getLoopbackAddress());
        socket.setReceiveBufferSize(1 << 20);
        Thread.ofPlatform().daemon().start(this::receive);
    }

    private void receive() {
        var packet = new DatagramPacket(new byte[65_535], 65_535);
        try {
            while (true) {
                packet.setLength(65_535);
                socket.receive(packet);
                events.add(Event.parsed(Arrays.copyOf(packet.getData(), packet.getLength())));
            }
        } catch (SocketException e) {
            return; // closed
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    int port() {
        return socket.getLocalPort();
    }

    String yaml(String more) {
        return "logging: {level: fatal, metron_address: \"127.0.0.1:" + port() + "\"" + more + "}";
    }

    List<Event> events() {
        return events;
    }

    /** Waits for the first event that is like that. */
    Event first(Predicate<Event> like) {
        return await().atMost(Duration.ofSeconds(30))
                .until(() -> events.stream().filter(like).findFirst(), java.util.Optional::isPresent)
                .orElseThrow();
    }

    /** Value metrics are in field 9, counters in 10, by their names. */
    Event named(int field, String name) {
        return first(event -> event.has(field) && event.message(field).text(1).equals(name))
                .message(field);
    }

    @Override
    public void close() {
        socket.close();
    }
}
