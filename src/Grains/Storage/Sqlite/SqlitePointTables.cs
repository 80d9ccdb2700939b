using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Storage;

/// <summary>The points and lines in SQLite, with statements prepared on the writer's connection.</summary>
internal sealed class SqlitePointTables : IPointTables
{
    private readonly SqliteCommand _insertPoint;
    private readonly SqliteCommand _supersede;
    private readonly SqliteCommand _insertName;
    private readonly SqliteCommand _insertLine;
    private readonly Dictionary<string, long> _nameKeys = new(StringComparer.Ordinal);

    public SqlitePointTables(SqliteConnection connection)
    {
        _insertPoint = Command(connection,
            "INSERT INTO metrics (trial_key, name_key, step, attempt, value) VALUES ($trial, $name, $step, $attempt, $value) ON CONFLICT DO NOTHING",
            "$trial", "$name", "$step", "$attempt", "$value");
        _supersede = Command(connection,
            "UPDATE metrics SET superseded_by = $attempt WHERE trial_key = $trial AND step > $step AND attempt < $attempt AND superseded_by IS NULL",
            "$trial", "$attempt", "$step");
        // The update that changes nothing makes RETURNING answer for a name that is there already.
        _insertName = Command(connection,
            "INSERT INTO metric_names (name) VALUES ($name) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING name_key", "$name");
        _insertLine = Command(connection,
            "INSERT INTO log_lines (trial_key, attempt, number, time, level, text) VALUES ($trial, $attempt, $number, $time, $level, $text) ON CONFLICT DO NOTHING",
            "$trial", "$attempt", "$number", "$time", "$level", "$text");
    }

    public int InsertPoints(long trialKey, int attempt, ImmutableArray<MetricPoint> points)
    {
        var inserted = 0;
        foreach (var point in points)
        {
            inserted += Run(_insertPoint, trialKey, NameKey(point.Name), point.Step, attempt, double.IsNaN(point.Value) ? DBNull.Value : point.Value);
        }

        return inserted;
    }

    public void Supersede(long trialKey, int attempt, long afterStep) => Run(_supersede, trialKey, attempt, afterStep);

    public void InsertLines(long trialKey, ImmutableArray<LogLine> lines)
    {
        foreach (var line in lines)
        {
            Run(_insertLine, trialKey, line.Attempt, line.Number, UtcText.Write(line.Time), line.Level, line.Text);
        }
    }

    public void Forget() => _nameKeys.Clear();

    public void Dispose()
    {
        _insertPoint.Dispose();
        _supersede.Dispose();
        _insertName.Dispose();
        _insertLine.Dispose();
    }

    private long NameKey(string name)
    {
        if (!_nameKeys.TryGetValue(name, out var key))
        {
            _insertName.Parameters[0].Value = name;
            key = (long)_insertName.ExecuteScalar()!;
            _nameKeys.Add(name, key);
        }

        return key;
    }

    private static int Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // the statements are the constants above
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }

        command.Prepare();
        return command;
    }
}
