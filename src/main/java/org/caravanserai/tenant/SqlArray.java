package org.caravanserai.tenant;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.function.Function;
import org.springframework.jdbc.core.support.AbstractSqlTypeValue;

/** A list of values as one statement parameter. */
public final class SqlArray extends AbstractSqlTypeValue {

    private final String elementType;
    private final Object[] elements;

    private SqlArray(String elementType, Object[] elements) {
        this.elementType = elementType;
        this.elements = elements;
    }

    /** @param elementType PostgreSQL's name of the elements' type, for example uuid */
    public static SqlArray of(String elementType, Collection<?> elements) {
        return new SqlArray(elementType, elements.toArray());
    }

    /** What each of some rows has in one field; the same order for every field. */
    public static <T> SqlArray of(String elementType, Collection<T> rows, Function<? super T, ?> field) {
        return of(elementType, rows.stream().map(field).toList());
    }

    /** Byte strings, as bytea. */
    public static SqlArray ofBytes(Collection<byte[]> elements) {
        return new SqlArray("bytea", elements.toArray(byte[][]::new));
    }

    @Override
    protected Object createTypeValue(Connection connection, int sqlType, String typeName) throws SQLException {
        return connection.createArrayOf(elementType, elements);
    }
}
