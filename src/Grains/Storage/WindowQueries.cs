using System.Collections.Immutable;
using System.Data.Common;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Storage;

/// <summary>
/// Reads stretches of curves, one curve after the other: in the table's own order and without its names, which are most of the cost of a long curve.
/// </summary>
internal static class WindowQueries
{
    /// <summary>The curves of a trial that have a point in the window, by name; all names if none are given.</summary>
    public static ImmutableArray<Curve> Curves(DbConnection connection, TrialId id, ImmutableArray<string> names, CurveWindow window)
    {
        if (TrialKeys(connection, id.SweepId, [id.Number]) is not [var (_, trial)])
        {
            return [];
        }

        var curves = new SortedDictionary<string, Curve>(StringComparer.Ordinal);
        foreach (var (name, key) in Names(connection, trial))
        {
            if ((names.IsDefaultOrEmpty || names.Contains(name)) && One(connection, trial, key, name, window) is { } curve)
            {
                curves.Add(name, curve);
            }
        }

        return [.. curves.Values];
    }

    /// <summary>One metric's curves of some trials of a sweep, by number.</summary>
    public static ImmutableDictionary<int, Curve> SweepCurves(DbConnection connection, string sweepId, string metric, ImmutableArray<int> trials, CurveWindow window)
    {
        using var named = connection.CreateCommand("SELECT name_key FROM metric_names WHERE name = @name", ("@name", metric));
        if (named.ExecuteScalar() is not long name)
        {
            return [];
        }

        var curves = ImmutableDictionary.CreateBuilder<int, Curve>();
        foreach (var (number, trial) in TrialKeys(connection, sweepId, trials))
        {
            if (One(connection, trial, name, metric, window) is { } curve)
            {
                curves.Add(number, curve);
            }
        }

        return curves.ToImmutable();
    }

    private static Curve? One(DbConnection connection, long trial, long name, string called, CurveWindow window)
    {
        using var command = connection.CreateCommand(
            "SELECT step, value, attempt, superseded_by FROM metrics WHERE trial_key = @trial AND name_key = @name AND step BETWEEN @from AND @to",
            ("@trial", trial), ("@name", name), ("@from", window.FromStep), ("@to", window.ToStep));
        var points = new CurveBuilder();
        var any = false;
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            any = true;
            var value = reader.IsDBNull(1) ? double.NaN : reader.GetDouble(1); // SQLite has no NaN; NULL stands for it
            points.Add(new(reader.GetInt64(0), value, reader.GetInt32(2)), isSuperseded: !reader.IsDBNull(3));
        }

        return any ? CurveThinning.Thin(points.Build(called), window.MaxPoints) : null;
    }

    /// <summary>The names that a trial has points of: each is looked for by key, so no curve is read for it.</summary>
    private static List<(string Name, long Key)> Names(DbConnection connection, long trial)
    {
        using var command = connection.CreateCommand(
            "SELECT n.name, n.name_key FROM metric_names n WHERE EXISTS (SELECT 1 FROM metrics m WHERE m.trial_key = @trial AND m.name_key = n.name_key)", ("@trial", trial));
        var names = new List<(string, long)>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            names.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        return names;
    }

    private static List<(int Number, long Key)> TrialKeys(DbConnection connection, string sweepId, ImmutableArray<int> numbers)
    {
        var keys = new List<(int, long)>(numbers.Length);
        using var command = connection.CreateCommand("SELECT trial_key FROM trials WHERE sweep_id = @sweep AND number = @number", ("@sweep", sweepId), ("@number", 0));
        foreach (var number in numbers.Distinct())
        {
            command.Parameters["@number"].Value = number;
            if (command.ExecuteScalar() is long key)
            {
                keys.Add((number, key));
            }
        }

        return keys;
    }
}
