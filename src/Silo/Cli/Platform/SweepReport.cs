using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Sweeps.Files;
using MlTr.Abstractions.Trials;
using Spectre.Console;

namespace MlTr.Silo.Cli.Platform;

/// <summary>A sweep's result: as a table for people, as JSON for programs.</summary>
internal static class SweepReport
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Users or tokens.</summary>
    public static string AccountsJson<T>(ImmutableArray<T> accounts) => JsonSerializer.Serialize(accounts, Options);

    /// <summary>The leaderboard, best first, and a line for each trial without a result.</summary>
    /// <param name="console">Where it goes.</param>
    /// <param name="sweep">The sweep.</param>
    /// <param name="board">The leaderboard.</param>
    /// <param name="shares">Further metrics to show, as percentages; those that no trial has are left out.</param>
    public static void WriteTable(IAnsiConsole console, SweepSnapshot sweep, Leaderboard board, params ImmutableArray<(string Metric, string Title)> shares)
    {
        var spec = sweep.Spec;
        var columns = shares.Where(column => board.Rows.Any(row => row.Trial.Metrics.ContainsKey(column.Metric))).ToImmutableArray();
        var axes = spec.VaryingParameters();
        var title = SweepProgress.Title(spec.Objective);
        var table = new Table().Border(TableBorder.Rounded).Title($"Leaderboard by {title}{(title == "mAP" ? ", in %" : "")}".EscapeMarkup());
        foreach (var heading in (string[])["Rank", "Trial", .. axes, title, .. columns.Select(column => column.Title), "State"])
        {
            table.AddColumn(heading.EscapeMarkup());
        }

        foreach (var row in board.Rows)
        {
            table.AddRow(
            [
                row.Rank == 0 ? "-" : row.Rank.ToString(CultureInfo.InvariantCulture),
                row.Trial.Id.Number.ToString(CultureInfo.InvariantCulture),
                .. axes.Select(axis => row.Trial.Parameters.TryGetValue(axis, out var value) ? SweepProgress.Value(value).EscapeMarkup() : "-"),
                SweepProgress.Value(spec.Objective, row.Trial.Objective),
                .. columns.Select(column => row.Trial.Metrics.TryGetValue(column.Metric, out var value) ? (100 * value).ToString("0.0", CultureInfo.InvariantCulture) : "-"),
                row.Trial.State.ToString(),
            ]);
        }

        console.Write(table);
        foreach (var trial in board.Rows.Select(row => row.Trial).Where(trial => !trial.HasResult))
        {
            var isHeld = sweep.State == SweepState.Paused && trial.State == TrialState.Queued;
            console.MarkupLine($"[{(trial.IsFinal ? "red" : "yellow")}]Trial {trial.Id.Number} {trial.State}[/]: {(isHeld ? "its sweep is paused" : trial.Reason ?? "").EscapeMarkup()}");
        }

        if (sweep.State == SweepState.Paused)
        {
            console.MarkupLineInterpolated($"The sweep is paused; it goes on with: [bold]resume {sweep.Id}[/]");
        }
    }

    /// <summary>The sweep with every trial's configuration, metrics, attempts and reasons, best first.</summary>
    public static async Task<string> JsonAsync(IMlTrClient client, SweepSnapshot sweep)
    {
        var board = await client.GetLeaderboardAsync(sweep.Id);
        var trials = new List<object>();
        foreach (var row in board.Rows)
        {
            var details = await client.GetTrialAsync(row.Trial.Id);
            trials.Add(new
            {
                row.Trial.Id.Number,
                Rank = row.Rank == 0 ? (int?)null : row.Rank,
                row.Trial.State,
                row.Trial.Reason,
                row.Trial.Parameters,
                row.Trial.Objective,
                row.Trial.Metrics,
                row.Trial.Step,
                row.Trial.TotalSteps,
                row.Trial.QueuedAt,
                row.Trial.StartedAt,
                row.Trial.EndedAt,
                Attempts = details.Attempts.Select(attempt => new
                {
                    attempt.Number,
                    attempt.State,
                    attempt.Worker,
                    attempt.StartedAt,
                    attempt.EndedAt,
                    attempt.ResumedFromStep,
                    attempt.Reason,
                    attempt.Environment,
                }),
                Checkpoints = details.Checkpoints.Select(checkpoint => new { checkpoint.Step, checkpoint.Path, checkpoint.Bytes, checkpoint.Sha256 }),
            });
        }

        return Write(
            new
            {
                sweep.Id,
                sweep.State,
                sweep.CreatedAt,
                sweep.EndedAt,
                Spec = JsonNode.Parse(new SweepFile(sweep.Spec).ToJson()),
                Trials = trials,
            });
    }

    /// <summary>The newest sweeps, for a list.</summary>
    public static string Json(IEnumerable<SweepSnapshot> sweeps) => Write(
        sweeps.Select(sweep => new
        {
            sweep.Id,
            sweep.Spec.Name,
            sweep.Spec.Dataset,
            sweep.State,
            sweep.Progress,
            Trials = sweep.TrialCount,
            Counts = sweep.Counts.Where(pair => pair.Value > 0).ToDictionary(pair => pair.Key.ToString().ToLowerInvariant(), pair => pair.Value),
            sweep.Spec.Objective.Metric,
            Best = sweep.Best?.Objective,
            BestTrial = sweep.Best?.Id.Number,
            sweep.CreatedAt,
            sweep.EndedAt,
        }));

    /// <summary>JSON for programs, in the style of the platform's verbs.</summary>
    public static string Write(object value) => JsonSerializer.Serialize(value, Options);

    /// <summary>The registered models, with every version.</summary>
    public static string Json(IEnumerable<ModelSnapshot> models) => Write(
        models.Select(model => new
        {
            model.Name,
            Versions = model.Versions.Select(version => new
            {
                version.Number,
                version.Stage,
                Trial = version.Trial.ToString(),
                version.Dataset,
                version.Checkpoint,
                version.Step,
                version.Objective.Metric,
                version.Value,
                version.Metrics,
                version.Bytes,
                version.Sha256,
                version.RegisteredAt,
                version.RegisteredBy,
            }),
        }));
}
