package org.cupola.platform.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.junit.jupiter.api.Test;

class GoDatabaseTest {
    @Test
    void readsTheMysqlDriversForm() {
        var config = GoDatabase.parse(
                "mysql", "diego:p@ss:w/rd@tcp(10.0.0.1:3306)/diego?parseTime=true", Optional.empty(), true);

        assertThat(config.url()).isEqualTo("jdbc:mariadb://10.0.0.1:3306/diego?sslMode=disable");
        assertThat(config.user()).isEqualTo("diego");
        assertThat(config.password()).isEqualTo(new Secret("p@ss:w/rd"));
    }

    @Test
    void readsThePostgresForm() {
        var config = GoDatabase.parse(
                "postgres", "postgres://diego:p%40ss+1@db:5524/diego?sslmode=disable", Optional.empty(), true);

        assertThat(config.url()).isEqualTo("jdbc:postgresql://db:5524/diego?sslmode=disable");
        assertThat(config.user()).isEqualTo("diego");
        assertThat(config.password()).isEqualTo(new Secret("p@ss+1"));
    }

    @Test
    void anAuthorityTurnsVerificationOn() {
        assertThat(GoDatabase.parse("postgres", "postgres://u:p@db/x", Optional.of(Path.of("/ca.crt")), true)
                        .url())
                .isEqualTo("jdbc:postgresql://db:5432/x?sslmode=verify-full&sslrootcert=%2Fca.crt");
        assertThat(GoDatabase.parse("mysql", "u:p@tcp(db:3306)/x", Optional.of(Path.of("/ca.crt")), false)
                        .url())
                .isEqualTo("jdbc:mariadb://db:3306/x?sslMode=verify-ca&serverSslCert=%2Fca.crt");
    }

    @Test
    void readsTheKeysOfAConfigurationFile() throws ConfigException {
        var reader = ConfigReader.ofJson("bbs.json", """
                {"database_driver": "sqlite", "database_connection_string": "/data/bbs.db",
                 "max_open_database_connections": 8, "max_database_connection_lifetime": "1h"}""");

        assertThat(GoDatabase.read(reader))
                .isEqualTo(new DatabaseConfig("jdbc:sqlite:/data/bbs.db", "", Secret.NONE, 8, Duration.ofHours(1)));
        reader.finish();
    }

    @Test
    void refusesWhatItCannotReadWithoutShowingThePassword() throws ConfigException {
        var reader = ConfigReader.ofJson("bbs.json", """
                {"database_driver": "postgres", "database_connection_string": "diego:secret"}""");

        GoDatabase.read(reader);

        assertThatThrownBy(reader::finish)
                .hasMessage("bbs.json: database_connection_string: not usable"
                        + " (expected: postgres://user:password@host:port/schema)");
    }
}
