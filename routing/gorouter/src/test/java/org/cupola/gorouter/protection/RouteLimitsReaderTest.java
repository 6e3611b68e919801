package org.cupola.gorouter.protection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.cupola.platform.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteLimitsReaderTest {
    private static final RouteLimits DEFAULTS = new RouteLimits(10, 20, 30, 40, OutlierRules.DEFAULT);

    private final List<String> problems = new ArrayList<>();

    private RouteLimits read(String json) {
        return RouteLimitsReader.options(json, DEFAULTS, problems::add);
    }

    @Test
    void whatIsNotSaidIsAsConfigured() {
        assertThat(read("")).isEqualTo(DEFAULTS);
        assertThat(read("{\"loadbalancing\":\"round-robin\"}")).isEqualTo(DEFAULTS);
        assertThat(read("{\"max_concurrent_requests\":7}"))
                .isEqualTo(new RouteLimits(10, 20, 7, 40, OutlierRules.DEFAULT));
        assertThat(problems).isEmpty();
    }

    @Test
    void zeroLiftsALimit() {
        assertThat(read("""
                {"max_requests_per_second":0,"max_concurrent_requests":"0","max_request_body":0,"outlier_ejection":false}
                """)).isEqualTo(RouteLimits.NONE);
        assertThat(problems).isEmpty();
    }

    @Test
    void aRateBringsItsBurst() {
        assertThat(read("{\"max_requests_per_second\":2.5}").burst()).isEqualTo(3);
        assertThat(read("{\"max_requests_per_second\":\"100\",\"request_burst\":5}")
                        .burst())
                .isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({
        "1000, 1000",
        "'\"1000\"', 1000",
        "'\"2K\"', 2048",
        "'\"2kb\"', 2048",
        "'\"3M\"', 3145728",
        "'\"1GB\"', 1073741824"
    })
    void bodiesHaveUnits(String value, long bytes) {
        assertThat(read("{\"max_request_body\":" + value + "}").maxRequestBodyBytes())
                .isEqualTo(bytes);
        assertThat(problems).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max_requests_per_second | -1    | (expected: a number from 0 to 1000000000)",
                "max_requests_per_second | \"x\" | (expected: a number from 0 to 1000000000)",
                "max_requests_per_second | NaN   | (expected: a JSON object)",
                "max_requests_per_second | \"NaN\" | (expected: a number from 0 to 1000000000)",
                "max_concurrent_requests | 1.5   | (expected: a whole number from 0 to 1000000000)",
                "max_concurrent_requests | []    | (expected: a whole number from 0 to 1000000000)",
                "request_burst           | true  | (expected: a whole number from 0 to 1000000000)",
                "max_request_body        | \"K\" | (expected: bytes, or a number with K, M or G)",
                "max_request_body        | -5    | (expected: bytes, or a number with K, M or G)",
                "max_request_body        | \"99999999999G\" | (expected: bytes, or a number with K, M or G)",
                "outlier_ejection        | 5     | (expected: true, false or an object)",
                "outlier_ejection        | {\"error_percent\":101} | (expected: a whole number from 0 to 100)",
                "outlier_ejection        | {\"interval\":\"0s\"}   | (expected: a duration such as 30s)",
                "outlier_ejection        | {\"interval\":30}       | (expected: a duration such as 30s)",
                "outlier_ejection        | {\"base_ejection_time\":\"x\"} | (expected: a duration such as 30s)",
            })
    void aValueWithoutSenseIsLeftOut(String key, String value, String expectation) {
        assertThat(read("{\"" + key + "\":" + value + "}")).isEqualTo(DEFAULTS);

        assertThat(problems).singleElement().asString().endsWith(expectation);
    }

    @Test
    void theOthersHoldAllTheSame() {
        assertThat(read("{\"max_concurrent_requests\":-1,\"max_request_body\":5}"))
                .isEqualTo(new RouteLimits(10, 20, 30, 5, OutlierRules.DEFAULT));
        assertThat(problems)
                .containsExactly("max_concurrent_requests: -1 (expected: a whole number from 0 to 1000000000)");
    }

    @Test
    void readsWhenEndpointsAreEjected() {
        RouteLimits limits = RouteLimitsReader.configuration(Json.tree("""
                {"outlier_ejection":{"consecutive_failures":2,"error_percent":40,"min_requests":5,"interval":"1s",
                "base_ejection_time":"2s","max_ejection_time":"1m","max_ejected_percent":70}}
                """), problems::add);

        assertThat(limits.outliers())
                .isEqualTo(new OutlierRules(2, 40, 5, 1_000_000_000L, 2_000_000_000L, 60_000_000_000L, 70));
        assertThat(problems).isEmpty();
    }

    @Test
    void theConfigurationKnowsItsKeys() {
        RouteLimitsReader.configuration(Json.tree("{\"max_request\":1,\"outlier_ejection\":{\"x\":1}}"), problems::add);

        assertThat(problems)
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("max_request (expected: one of "),
                        second -> assertThat(second).startsWith("outlier_ejection: x (expected: keys "));
    }
}
