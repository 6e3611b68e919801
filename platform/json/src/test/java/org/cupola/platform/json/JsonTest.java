package org.cupola.platform.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

class JsonTest {
    record Route(String host, int port, @Nullable String tag) {}

    @Test
    void ignoresUnknownPropertiesAndLeavesOutNulls() {
        Route route = Json.read("{\"port\":8080,\"host\":\"a.b\",\"later\":true}", Route.class);

        assertThat(Json.text(route)).isEqualTo("{\"host\":\"a.b\",\"port\":8080}");
    }

    @Test
    void refusesTrailingBytesAndDuplicateKeys() {
        assertThatThrownBy(() -> Json.tree("{} x")).isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> Json.tree("{\"a\":1,\"a\":2}")).isInstanceOf(JacksonException.class);
    }

    @Test
    void readsDurationsWithoutFurtherModules() {
        assertThat(Json.read("\"PT20S\"", Duration.class)).isEqualTo(Duration.ofSeconds(20));
    }
}
