package org.cupola.gorouter.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7541: its own examples, and Netty's implementation in both directions. */
class HpackTest {
    private static final int NO_LIMIT = 1 << 20;

    private final HpackDecoder decoder = new HpackDecoder(4096);
    private final HpackEncoder encoder = new HpackEncoder();

    private static List<String> decode(HpackDecoder decoder, byte[] block) throws HpackException {
        List<String> fields = new ArrayList<>();
        boolean whole = decoder.decode(
                block,
                0,
                block.length,
                NO_LIMIT,
                (name, from, to, value, start, end) -> fields.add(new String(name, from, to - from, ISO_8859_1) + ": "
                        + new String(value, start, end - start, ISO_8859_1)));
        assertThat(whole).isTrue();
        return fields;
    }

    private List<String> decode(String hex) throws HpackException {
        return decode(decoder, ByteBufUtil.decodeHexDump(hex.replace(" ", "")));
    }

    @Test
    void readsEachKindOfField() throws Exception {
        assertThat(decode("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572"))
                .containsExactly("custom-key: custom-header"); // C.2.1
        assertThat(decode("040c 2f73 616d 706c 652f 7061 7468")).containsExactly(":path: /sample/path"); // C.2.2
        assertThat(decode("1008 7061 7373 776f 7264 0673 6563 7265 74")).containsExactly("password: secret"); // C.2.3
        assertThat(decode("82")).containsExactly(":method: GET"); // C.2.4
        assertThat(decode("be")).containsExactly("custom-key: custom-header");
    }

    @Test
    void readsRequestsWithoutHuffmanCoding() throws Exception { // C.3
        assertThat(decode("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d"))
                .containsExactly(":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com");
        assertThat(decode("8286 84be 5808 6e6f 2d63 6163 6865"))
                .containsExactly(
                        ":method: GET",
                        ":scheme: http",
                        ":path: /",
                        ":authority: www.example.com",
                        "cache-control: no-cache");
        assertThat(decode("8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65"))
                .containsExactly(
                        ":method: GET",
                        ":scheme: https",
                        ":path: /index.html",
                        ":authority: www.example.com",
                        "custom-key: custom-value");
    }

    @Test
    void readsRequestsWithHuffmanCoding() throws Exception { // C.4
        assertThat(decode("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff"))
                .containsExactly(":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com");
        assertThat(decode("8286 84be 5886 a8eb 1064 9cbf"))
                .endsWith(":authority: www.example.com", "cache-control: no-cache");
        assertThat(decode("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf"))
                .endsWith(":authority: www.example.com", "custom-key: custom-value");
    }

    private static final List<String> FIRST_RESPONSE = List.of(
            ":status: 302",
            "cache-control: private",
            "date: Mon, 21 Oct 2013 20:13:21 GMT",
            "location: https://www.example.com");
    private static final List<String> SECOND_RESPONSE = List.of(
            ":status: 307",
            "cache-control: private",
            "date: Mon, 21 Oct 2013 20:13:21 GMT",
            "location: https://www.example.com");
    private static final List<String> THIRD_RESPONSE = List.of(
            ":status: 200",
            "cache-control: private",
            "date: Mon, 21 Oct 2013 20:13:22 GMT",
            "location: https://www.example.com",
            "content-encoding: gzip",
            "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1");

    @Test
    void evictsFromASmallTable() throws Exception { // C.5
        decode("3fe101"); // the examples' table has 256 bytes
        assertThat(decode("4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133"
                        + "2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70"
                        + "6c65 2e63 6f6d"))
                .isEqualTo(FIRST_RESPONSE);
        assertThat(decode("4803 3330 37c1 c0bf")).isEqualTo(SECOND_RESPONSE);
        assertThat(decode("88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d"
                        + "54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049"
                        + "5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e"
                        + "3d31"))
                .isEqualTo(THIRD_RESPONSE);
    }

    @Test
    void evictsFromASmallTableWithHuffmanCoding() throws Exception { // C.6
        decode("3fe101");
        assertThat(decode("4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6"
                        + "2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3"))
                .isEqualTo(FIRST_RESPONSE);
        assertThat(decode("4883 640e ffc1 c0bf")).isEqualTo(SECOND_RESPONSE);
        assertThat(decode("88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab"
                        + "77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f"
                        + "9587 3160 65c0 03ed 4ee5 b106 3d50 07"))
                .isEqualTo(THIRD_RESPONSE);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "80", // index 0
                "be", // an entry that is not there
                "ff 80 80 80 80 80", // a number without an end
                "ff ff ff ff ff ff 01", // a number of more than 32 bits
                "40", // no name
                "00 05 61", // a name that ends early
                "00 01 61", // no value
                "82 20", // a table size behind a field
                "3f e2 1f", // a table of 4,097 bytes
                "00 81 ff 00", // eight bits of padding
                "00 81 00 00", // padding of zeros
                "00 84 ff ff ff ff 00" // the code that ends a string
            })
    void refuses(String hex) {
        assertThatThrownBy(() -> decode(hex)).isInstanceOf(HpackException.class);
    }

    @Test
    void tellsNoMoreThanTheLimitAndKeepsItsTableInOrder() throws Exception {
        byte[] block = ByteBufUtil.decodeHexDump("400161036262624001620363636340016303646464");
        List<String> told = new ArrayList<>();

        boolean whole = decoder.decode(
                block,
                0,
                block.length,
                80,
                (name, from, to, value, start, end) -> told.add(new String(name, from, to - from, ISO_8859_1)));

        assertThat(whole).isFalse();
        assertThat(told).containsExactly("a", "b");
        assertThat(decode("be")).containsExactly("c: ddd");
    }

    private static final List<String> NAMES = List.of(
            "cookie", "date", "x-request-id", "accept-encoding", "content-type", "x", "set-cookie", "authorization");

    private static Http2Headers some(Random random) {
        var headers = new DefaultHttp2Headers(false);
        for (int n = random.nextInt(12); n >= 0; n--) {
            var value = new StringBuilder();
            int letters = random.nextInt(4) == 0 ? 256 : 96;
            for (int i = random.nextInt(random.nextInt(20) == 0 ? 5000 : 40); i > 0; i--) {
                value.append((char) (letters == 256 ? random.nextInt(256) : ' ' + random.nextInt(letters - 1)));
            }
            headers.add(NAMES.get(random.nextInt(NAMES.size())), value.toString());
        }
        return headers;
    }

    private static List<String> texts(Http2Headers headers) {
        List<String> texts = new ArrayList<>();
        headers.forEach(line -> texts.add(line.getKey() + ": " + line.getValue()));
        return texts;
    }

    @Test
    void readsWhatNettyWrites() throws Exception {
        var random = new Random(7);
        var netty = new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.NEVER_SENSITIVE, false, 64, 0);
        for (int i = 0; i < 3_000; i++) {
            Http2Headers headers = some(random);
            ByteBuf block = Unpooled.buffer();
            netty.encodeHeaders(3, headers, block);

            assertThat(decode(decoder, ByteBufUtil.getBytes(block))).isEqualTo(texts(headers));
        }
    }

    @Test
    void nettyReadsWhatWeWrite() throws Exception {
        var random = new Random(8);
        var netty = new DefaultHttp2HeadersDecoder(false, NO_LIMIT);
        for (int i = 0; i < 3_000; i++) {
            Http2Headers headers = some(random);
            int status = 100 + random.nextInt(500);
            encoder.begin();
            encoder.status(status);
            headers.forEach(line -> {
                byte[] name = line.getKey().toString().toUpperCase(Locale.ROOT).getBytes(ISO_8859_1);
                byte[] value = line.getValue().toString().getBytes(ISO_8859_1);
                byte[] both = Arrays.copyOf(name, name.length + value.length);
                System.arraycopy(value, 0, both, name.length, value.length);
                encoder.field(both, 0, name.length, name.length, both.length);
            });

            Http2Headers read = netty.decodeHeaders(3, Unpooled.wrappedBuffer(encoder.block(), 0, encoder.length()));
            assertThat(read.status()).hasToString(Integer.toString(status));
            read.remove(":status");
            assertThat(texts(read)).isEqualTo(texts(headers));
        }
    }

    @Test
    void writesTheFrontOfRequests() throws Exception {
        var netty = new DefaultHttp2HeadersDecoder(false, NO_LIMIT);
        for (String method : List.of("GET", "POST", "DELETE")) {
            byte[] source = (method + "a.b:80/x?y").getBytes(ISO_8859_1);
            encoder.begin();
            encoder.request(source, 0, method.length(), true);
            encoder.authority(source, method.length(), method.length() + 6);
            encoder.path(new byte[] {'/'}, method.equals("GET") ? 1 : 0, source, method.length() + 6, source.length);

            Http2Headers read = netty.decodeHeaders(3, Unpooled.wrappedBuffer(encoder.block(), 0, encoder.length()));
            assertThat(texts(read))
                    .containsExactly(
                            ":method: " + method,
                            ":scheme: https",
                            ":authority: a.b:80",
                            ":path: " + (method.equals("GET") ? "//x?y" : "/x?y"));
        }
    }
}
