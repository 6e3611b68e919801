/**
 * Databases: SQLite in a file by default, PostgreSQL and MySQL/MariaDB by URL, through jOOQ, with versioned
 * migrations. Blocking code for virtual threads. Knows no component.
 */
@NullMarked
package org.cupola.platform.sql;

import org.jspecify.annotations.NullMarked;
