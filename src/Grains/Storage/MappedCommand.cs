using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace MlTr.Grains.Storage;

/// <summary>
/// One statement about a mapped class, prepared once on the writer's connection and run past the change tracker, which writes and parses its SQL
/// anew for each row. Table, columns and conversions are the model's, so that there is one truth about them.
/// </summary>
internal sealed class MappedCommand<T> : IDisposable
    where T : class
{
    private readonly DbCommand _command;
    private readonly Column[] _columns;

    private MappedCommand(DbConnection connection, string sql, IEnumerable<IProperty> properties)
    {
        _command = connection.CreateCommand(sql);
        _columns = [.. properties.Select(property => new Column(_command, property))];
        _command.Prepare();
    }

    /// <summary>Adds a row; a number that the database makes is left to it.</summary>
    public static MappedCommand<T> Insert(StoreContext context, DbConnection connection)
    {
        var type = TypeIn(context);
        var properties = type.GetProperties().Where(property => property.ValueGenerated == ValueGenerated.Never).ToList();
        return new MappedCommand<T>(connection, InsertText(type, properties), properties);
    }

    /// <summary>Adds a row, or replaces the one of its primary key.</summary>
    public static MappedCommand<T> Upsert(StoreContext context, DbConnection connection)
    {
        var type = TypeIn(context);
        var (properties, key) = (type.GetProperties().ToList(), type.FindPrimaryKey()!.Properties);
        var replaced = properties.Except(key).Select(property => $"{Name(property)} = excluded.{Name(property)}");
        return new MappedCommand<T>(
            connection, $"{InsertText(type, properties)} ON CONFLICT ({Names(key)}) DO UPDATE SET {string.Join(", ", replaced)}", properties);
    }

    /// <summary>Replaces the row of an alternative key if its version is the one before the given one's; the result is the row's primary key.</summary>
    public static MappedCommand<T> Update(StoreContext context, DbConnection connection, params ReadOnlySpan<string> keyNames)
    {
        var type = TypeIn(context);
        List<IProperty> key = [];
        foreach (var name in keyNames)
        {
            key.Add(type.FindProperty(name)!);
        }

        var version = type.GetProperties().Single(property => property.IsConcurrencyToken);
        var properties = type.GetProperties().Where(property => property.ValueGenerated == ValueGenerated.Never).ToList();
        var set = properties.Except(key).Select(property => $"{Name(property)} = {Parameter(property)}");
        var where = key.Select(property => $"{Name(property)} = {Parameter(property)}").Append($"{Name(version)} = {Parameter(version)} - 1");
        return new MappedCommand<T>(
            connection,
            $"UPDATE {type.GetTableName()} SET {string.Join(", ", set)} WHERE {string.Join(" AND ", where)} RETURNING {Names(type.FindPrimaryKey()!.Properties)}",
            properties);
    }

    /// <returns>The first value of the answer; null if there is none.</returns>
    public object? Run(T row)
    {
        foreach (var column in _columns)
        {
            column.Take(row);
        }

        return _command.ExecuteScalar();
    }

    public void Dispose() => _command.Dispose();

    private static IEntityType TypeIn(StoreContext context) => context.Model.FindEntityType(typeof(T))!;

    private static string InsertText(IEntityType type, IReadOnlyCollection<IProperty> properties) =>
        $"INSERT INTO {type.GetTableName()} ({Names(properties)}) VALUES ({string.Join(", ", properties.Select(Parameter))})";

    private static string Names(IEnumerable<IProperty> properties) => string.Join(", ", properties.Select(Name));

    private static string Name(IProperty property) => $"\"{property.GetColumnName()}\"";

    private static string Parameter(IProperty property) => $"@{property.GetColumnName()}";

    private sealed class Column
    {
        private readonly DbParameter _parameter;
        private readonly IClrPropertyGetter _getter;
        private readonly ValueConverter? _converter;

        public Column(DbCommand command, IProperty property)
        {
            var mapping = property.GetRelationalTypeMapping();
            _parameter = mapping.CreateParameter(command, Parameter(property), value: null, nullable: true);
            (_getter, _converter) = (property.GetGetter(), mapping.Converter);
            command.Parameters.Add(_parameter);
        }

        public void Take(T row)
        {
            var value = _getter.GetClrValue(row);
            _parameter.Value = (value is null || _converter is null ? value : _converter.ConvertToProvider(value)) ?? DBNull.Value;
        }
    }
}
