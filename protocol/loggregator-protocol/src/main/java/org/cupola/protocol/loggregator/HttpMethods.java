package org.cupola.protocol.loggregator;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The methods that Envelope v1 knows; their place, from 1, is their number. */
final class HttpMethods {
    private static final List<String> NAMES = List.of(
            ("GET POST PUT DELETE HEAD ACL BASELINE_CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DEBUG LABEL LINK LOCK MERGE"
                            + " MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH PRI PROPFIND"
                            + " PROPPATCH REBIND REPORT SEARCH SHOWMETHOD SPACEJUMP TEXTSEARCH TRACE TRACK UNBIND UNCHECKOUT"
                            + " UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION_CONTROL")
                    .split(" "));
    private static final Map<String, Integer> NUMBERS = numbers();

    private HttpMethods() {}

    private static Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new HashMap<>();
        NAMES.forEach(name -> numbers.put(name, numbers.size() + 1));
        return Map.copyOf(numbers);
    }

    /** Empty for a number that is none of a method. */
    static String name(int number) {
        return number < 1 || number > NAMES.size() ? "" : NAMES.get(number - 1);
    }

    /** That of GET for a name that is none of a method. */
    static int number(String name) {
        return NUMBERS.getOrDefault(name, 1);
    }
}
