package org.cupola.gorouter.head;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Reading the head of a request, and of a response. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RequestHeadBench {
    /** Heads as a load generator and as a browser send them. */
    public enum Sample {
        SMALL("GET /1k HTTP/1.1\r\nHost: app.test\r\n\r\n"),
        BROWSER("GET /shop/basket?item=4711&colour=blue HTTP/1.1\r\n"
                + "Host: shop.apps.example.com\r\n"
                + "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
                + "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
                + "Accept-Language: en-GB,en;q=0.7,de;q=0.3\r\n"
                + "Accept-Encoding: gzip, deflate, br, zstd\r\n"
                + "Referer: https://shop.apps.example.com/shop\r\n"
                + "Connection: keep-alive\r\n"
                + "Cookie: JSESSIONID=0123456789ABCDEF0123456789ABCDEF; theme=dark;"
                + " __VCAP_ID__=8d2a6f0e-55c1-4a9f-7c1d-3b5a\r\n"
                + "Upgrade-Insecure-Requests: 1\r\n"
                + "Sec-Fetch-Dest: document\r\n"
                + "Sec-Fetch-Mode: navigate\r\n"
                + "Sec-Fetch-Site: same-origin\r\n"
                + "X-Forwarded-For: 203.0.113.7\r\n"
                + "X-Forwarded-Proto: https\r\n\r\n");

        private final byte[] bytes;

        Sample(String text) {
            bytes = text.getBytes(ISO_8859_1);
        }

        /** Puts it into a head and has it read. */
        public void into(RequestHead head) {
            System.arraycopy(bytes, 0, head.room(bytes.length), 0, bytes.length);
            head.added(bytes.length);
            if (head.read(Integer.MAX_VALUE) != Verdict.COMPLETE) {
                throw new IllegalStateException("a complete head");
            }
        }
    }

    @Param
    private Sample sample = Sample.SMALL;

    private final RequestHead head = new RequestHead();

    @Benchmark
    public int read() {
        head.clear();
        sample.into(head);
        return head.count();
    }
}
