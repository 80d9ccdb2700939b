using System.Collections.Immutable;
using System.Data.Common;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Storage;

/// <summary>Reads one value of a metric for each trial of a sweep: a look into the points' key for each trial, so no curve is read.</summary>
internal static class MetricQueries
{
    private static string LastUpTo(string step) =>
        $"""
        SELECT t.number, (
          SELECT m.value FROM metrics m
          WHERE m.trial_key = t.trial_key AND m.name_key = @name AND m.superseded_by IS NULL AND m.step <= {step}
          ORDER BY m.step DESC, m.attempt DESC LIMIT 1)
        FROM trials t WHERE t.sweep_id = @sweep
        """;

    /// <summary>The steps of the objective are few, one for each validation; of equal values the first counts.</summary>
    private static string BestStep(bool maximize) =>
        $"""
        (SELECT b.step FROM metrics b
         WHERE b.trial_key = t.trial_key AND b.name_key = @objective AND b.superseded_by IS NULL AND b.value IS NOT NULL
         ORDER BY b.value {(maximize ? "DESC" : "ASC")}, b.step LIMIT 1)
        """;

    /// <summary>By trial number; a trial without a value is left out.</summary>
    /// <param name="connection">Where to read.</param>
    /// <param name="sweepId">The sweep.</param>
    /// <param name="metric">What was measured.</param>
    /// <param name="bestBy">Reads where this was best; null for the last value.</param>
    /// <param name="pass">Reads at the end of this training pass of <paramref name="passes"/>; 0 for any.</param>
    /// <param name="passes">How many passes the trials take in all.</param>
    /// <param name="only">A trial; null for all.</param>
    public static ImmutableDictionary<int, double> Values(DbConnection connection, string sweepId, string metric, Objective? bestBy, long pass, long passes, int? only)
    {
        var place = bestBy is not null ? BestStep(bestBy.Maximize)
            : pass > 0 ? "@pass * t.total_steps / @passes AND t.step >= @pass * t.total_steps / @passes AND t.total_steps > 0 AND @pass <= @passes"
            : "9223372036854775807";
        var sql = LastUpTo(place) + (only is null ? "" : " AND t.number = @number");
        using var command = connection.CreateCommand(sql, ("@sweep", sweepId), ("@name", Key(connection, metric)));
        foreach (var (name, value) in new (string, object?)[] { ("@objective", bestBy is null ? null : Key(connection, bestBy.Metric)), ("@pass", pass > 0 ? pass : null), ("@passes", pass > 0 ? passes : null), ("@number", only) })
        {
            if (value is not null)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (name, value);
                command.Parameters.Add(parameter);
            }
        }

        var values = ImmutableDictionary.CreateBuilder<int, double>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (!reader.IsDBNull(1))
            {
                values.Add(reader.GetInt32(0), reader.GetDouble(1));
            }
        }

        return values.ToImmutable();
    }

    /// <summary>Where a metric of a trial was best; null if it was never measured.</summary>
    public static long? BestStep(DbConnection connection, TrialId id, Objective best)
    {
        using var command = connection.CreateCommand(
            $"SELECT {BestStep(best.Maximize)} FROM trials t WHERE t.sweep_id = @sweep AND t.number = @number",
            ("@sweep", id.SweepId), ("@number", id.Number), ("@objective", Key(connection, best.Metric)));
        return command.ExecuteScalar() is long step ? step : null;
    }

    private static long Key(DbConnection connection, string metric)
    {
        using var command = connection.CreateCommand("SELECT name_key FROM metric_names WHERE name = @name", ("@name", metric));
        return command.ExecuteScalar() is long key ? key : -1; // no point has it
    }
}
