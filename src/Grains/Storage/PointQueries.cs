using System.Collections.Immutable;
using System.Data.Common;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Storage;

/// <summary>Reads what <see cref="IPointTables"/> wrote.</summary>
internal static class PointQueries
{
    /// <summary>All curves of a trial, or the named ones, by name; a name without points has no curve.</summary>
    public static ImmutableArray<Curve> Curves(DbConnection connection, string namesOfJson, TrialId id, ImmutableArray<string> names)
    {
        const string Sql =
            """
            SELECT n.name, m.step, m.value, m.attempt, m.superseded_by
            FROM metrics m JOIN metric_names n ON n.name_key = m.name_key
            WHERE m.trial_key = (SELECT trial_key FROM trials WHERE sweep_id = @sweep AND number = @number)
            """;
        // By key, so that the table's order finds the named curves without reading the others.
        var named = $" AND m.name_key IN (SELECT name_key FROM metric_names WHERE name IN ({namesOfJson}))";
        using var command = names.IsDefaultOrEmpty
            ? connection.CreateCommand(Sql, ("@sweep", id.SweepId), ("@number", id.Number))
            : connection.CreateCommand(Sql + named, ("@sweep", id.SweepId), ("@number", id.Number), ("@names", StoreJson.Write(names)));
        var curves = new SortedDictionary<string, CurveBuilder>(StringComparer.Ordinal);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            Add(curves, reader.GetString(0), reader);
        }

        return [.. curves.Select(curve => curve.Value.Build(curve.Key))];
    }

    /// <summary>One metric of every trial of a sweep that has it, by trial number.</summary>
    public static ImmutableDictionary<int, Curve> SweepCurves(DbConnection connection, string sweepId, string metric)
    {
        const string Sql =
            """
            SELECT t.number, m.step, m.value, m.attempt, m.superseded_by
            FROM trials t JOIN metrics m ON m.trial_key = t.trial_key
            WHERE t.sweep_id = @sweep AND m.name_key = (SELECT name_key FROM metric_names WHERE name = @name)
            """;
        using var command = connection.CreateCommand(Sql, ("@sweep", sweepId), ("@name", metric));
        var curves = new Dictionary<int, CurveBuilder>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            Add(curves, reader.GetInt32(0), reader);
        }

        return curves.ToImmutableDictionary(curve => curve.Key, curve => curve.Value.Build(metric));
    }

    /// <summary>Lines after (attempt, number), oldest first.</summary>
    public static ImmutableArray<LogLine> Lines(DbConnection connection, TrialId id, int afterAttempt, int afterNumber, int limit)
    {
        const string Sql =
            """
            SELECT attempt, number, time, level, text FROM log_lines
            WHERE trial_key = (SELECT trial_key FROM trials WHERE sweep_id = @sweep AND number = @number)
              AND (attempt, number) > (@afterAttempt, @afterNumber)
            ORDER BY attempt, number LIMIT @limit
            """;
        using var command = connection.CreateCommand(
            Sql,
            ("@sweep", id.SweepId),
            ("@number", id.Number),
            ("@afterAttempt", afterAttempt),
            ("@afterNumber", afterNumber),
            ("@limit", Math.Max(limit, 0))); // SQLite reads a negative limit as none
        var lines = ImmutableArray.CreateBuilder<LogLine>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            lines.Add(new(reader.GetInt32(0), reader.GetInt32(1), UtcText.Read(reader.GetString(2)), reader.GetString(3), reader.GetString(4)));
        }

        return lines.ToImmutable();
    }

    private static void Add<TKey>(IDictionary<TKey, CurveBuilder> curves, TKey key, DbDataReader reader)
    {
        if (!curves.TryGetValue(key, out var curve))
        {
            curves.Add(key, curve = new());
        }

        var value = reader.IsDBNull(2) ? double.NaN : reader.GetDouble(2); // SQLite has no NaN; NULL stands for it
        curve.Add(new(reader.GetInt64(1), value, reader.GetInt32(3)), isSuperseded: !reader.IsDBNull(4));
    }
}
