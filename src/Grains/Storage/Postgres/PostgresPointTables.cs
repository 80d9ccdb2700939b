using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Trials;
using Npgsql;

namespace MlTr.Grains.Storage;

/// <summary>
/// The points and lines in PostgreSQL: one statement for all of a report, since each statement is a way to the server and back. Names of metrics
/// are written on a connection of their own and at once, so that two processes never wait for each other's names until a commit.
/// </summary>
internal sealed class PostgresPointTables(NpgsqlConnection connection, string connectionString) : IPointTables
{
    private readonly Dictionary<string, long> _nameKeys = new(StringComparer.Ordinal);

    public int InsertPoints(long trialKey, int attempt, ImmutableArray<MetricPoint> points)
    {
        if (points.IsEmpty)
        {
            return 0;
        }

        KnowNames(points);
        using var command = connection.CreateCommand(
            """
            INSERT INTO metrics (trial_key, name_key, step, attempt, value)
            SELECT @trial, p.name_key, p.step, @attempt, p.value FROM unnest(@names, @steps, @values) AS p (name_key, step, value)
            ON CONFLICT DO NOTHING
            """,
            ("@trial", trialKey),
            ("@attempt", attempt),
            ("@names", points.Select(point => _nameKeys[point.Name]).ToArray()),
            ("@steps", points.Select(point => point.Step).ToArray()),
            ("@values", points.Select(point => double.IsNaN(point.Value) ? (double?)null : point.Value).ToArray()));
        return command.ExecuteNonQuery();
    }

    public void Supersede(long trialKey, int attempt, long afterStep)
    {
        using var command = connection.CreateCommand(
            "UPDATE metrics SET superseded_by = @attempt WHERE trial_key = @trial AND step > @step AND attempt < @attempt AND superseded_by IS NULL",
            ("@trial", trialKey),
            ("@attempt", attempt),
            ("@step", afterStep));
        command.ExecuteNonQuery();
    }

    public void InsertLines(long trialKey, ImmutableArray<LogLine> lines)
    {
        if (lines.IsEmpty)
        {
            return;
        }

        using var command = connection.CreateCommand(
            """
            INSERT INTO log_lines (trial_key, attempt, number, time, level, text)
            SELECT @trial, l.attempt, l.number, l.time, l.level, l.text FROM unnest(@attempts, @numbers, @times, @levels, @texts) AS l (attempt, number, time, level, text)
            ON CONFLICT DO NOTHING
            """,
            ("@trial", trialKey),
            ("@attempts", lines.Select(line => line.Attempt).ToArray()),
            ("@numbers", lines.Select(line => line.Number).ToArray()),
            ("@times", lines.Select(line => UtcText.Write(line.Time)).ToArray()),
            ("@levels", lines.Select(line => PostgresText.Clean(line.Level)).ToArray()),
            ("@texts", lines.Select(line => PostgresText.Clean(line.Text)).ToArray()));
        command.ExecuteNonQuery();
    }

    /// <summary>Nothing: a name is durable before its key is remembered.</summary>
    public void Forget()
    {
    }

    public void Dispose()
    {
    }

    private void KnowNames(ImmutableArray<MetricPoint> points)
    {
        var unknown = points.Select(point => point.Name).Where(name => !_nameKeys.ContainsKey(name)).Distinct().ToList();
        if (unknown.Count == 0)
        {
            return;
        }

        var keys = new Dictionary<string, long>(StringComparer.Ordinal);
        using (var apart = PostgresConnections.Open(connectionString))
        using (var command = apart.CreateCommand(
            """
            INSERT INTO metric_names (name) SELECT unnest(@names) ON CONFLICT DO NOTHING;
            SELECT name, name_key FROM metric_names WHERE name = ANY (@names)
            """,
            ("@names", unknown.Select(PostgresText.Clean).Order(StringComparer.Ordinal).ToArray())))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                keys[reader.GetString(0)] = reader.GetInt64(1);
            }
        }

        foreach (var name in unknown)
        {
            _nameKeys[name] = keys[PostgresText.Clean(name)];
        }
    }
}
