using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Cli;

/// <summary>Runs the first sweep through the typed client and shows it in the terminal.</summary>
internal sealed class Demo(IMlTrClient client, IAnsiConsole console)
{
    private static readonly (string Metric, string Title)[] Columns =
    [
        ("val/CF1", "CF1"), ("val/OF1", "OF1"), ("val/AP_small", "AP small"), ("val/AP_medium", "AP medium"), ("val/AP_large", "AP large"),
        ("marks/lookalike_confusion", "Look-alikes"), ("marks/trap_cross_gap", "Cross gap"), ("marks/trap_stars_gap", "Stars gap"),
    ];

    /// <summary>The first sweep with the person's changes.</summary>
    /// <exception cref="PlatformException">A change is no number.</exception>
    public static SweepSpec Spec(string? dataset, string? passes)
    {
        var spec = SweepTemplates.FirstSweep with { Dataset = dataset ?? SweepTemplates.BuiltInDataset };
        if (passes is null)
        {
            return spec;
        }

        return ParameterValue.TryParse(passes, ParameterType.Int, out var value)
            ? spec with { Parameters = [.. spec.Parameters.Select(axis => axis.Name == "passes" ? new ChoiceParameter("passes", [value]) : axis)] }
            : throw new PlatformException($"--passes takes a whole number, not '{passes}'.");
    }

    /// <returns>True if every trial has its result.</returns>
    public async Task<bool> RunAsync(SweepSpec spec, CancellationToken cancellationToken)
    {
        string id;
        try
        {
            id = await client.StartSweepAsync(spec, "demo");
        }
        catch (SweepSpecException error)
        {
            throw new PlatformException(error.Message, error);
        }

        console.MarkupLineInterpolated($"Sweep [bold]{id}[/]: {SweepValidator.GridSize(spec)} trials on {spec.Dataset}");
        var end = console.Profile.Capabilities.Interactive ? await FollowLiveAsync(id, cancellationToken) : await FollowPlainAsync(id, cancellationToken);
        var board = await client.GetLeaderboardAsync(id);
        console.Write(Board(spec, board));
        foreach (var row in board.Rows.Where(row => row.Trial.State != TrialState.Completed))
        {
            console.MarkupLineInterpolated($"[red]Trial {row.Trial.Id.Number} {row.Trial.State}[/]: {row.Trial.Reason}");
        }

        return end.State == SweepState.Completed;
    }

    private async Task<SweepSnapshot> FollowLiveAsync(string id, CancellationToken cancellationToken)
    {
        SweepSnapshot? end = null;
        var trials = new SortedDictionary<int, TrialSnapshot>();
        await console.Live(new Text("Starting")).StartAsync(async live =>
        {
            await foreach (var change in WatchAsync(id, cancellationToken))
            {
                Note(trials, change);
                if (change.Sweep is { } sweep)
                {
                    live.UpdateTarget(Progress(sweep, trials.Values));
                    if (sweep.EndedAt is not null)
                    {
                        end = sweep;
                        return;
                    }
                }
            }
        });
        return end ?? throw new PlatformException($"The stream of sweep {id} ended before the sweep.");
    }

    /// <summary>For logs and pipes: a line for each change of a trial's state, and for each tenth of its way.</summary>
    private async Task<SweepSnapshot> FollowPlainAsync(string id, CancellationToken cancellationToken)
    {
        var shown = new Dictionary<int, (TrialState State, long Tenth)>();
        string? waiting = null;
        await foreach (var change in WatchAsync(id, cancellationToken))
        {
            if (change.Trial is { } trial && trial.State != TrialState.Queued)
            {
                var now = (trial.State, trial.TotalSteps == 0 ? 0 : 10 * trial.Step / trial.TotalSteps);
                if (!shown.TryGetValue(trial.Id.Number, out var before) || before != now)
                {
                    shown[trial.Id.Number] = now;
                    console.WriteLine($"trial {trial.Id.Number} {trial.State} {Share(trial):P0} mAP {Percent(trial.Objective)} {Varying(trial)}");
                }
            }

            if (change.Sweep is { } sweep)
            {
                if (sweep.Waiting is not null && sweep.Waiting != waiting)
                {
                    console.WriteLine(waiting = sweep.Waiting);
                }

                if (sweep.EndedAt is not null)
                {
                    return sweep;
                }
            }
        }

        throw new PlatformException($"The stream of sweep {id} ended before the sweep.");
    }

    /// <summary>Follows the sweep beyond a move of its grain: a stream ends with the activation that it came from, and starts again with the current state.</summary>
    private async IAsyncEnumerable<SweepEvent> WatchAsync(string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var changes = client.WatchSweepAsync(id, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await changes.MoveNextAsync())
                    {
                        yield break;
                    }
                }
                catch (Exception error) when (error is EnumerationAbortedException or OrleansException && !cancellationToken.IsCancellationRequested)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(300), cancellationToken);
                    break;
                }

                yield return changes.Current;
            }
        }
    }

    private static void Note(SortedDictionary<int, TrialSnapshot> trials, SweepEvent change)
    {
        if (change.Trial is { } trial)
        {
            trials[trial.Id.Number] = trial;
        }
    }

    private static Table Progress(SweepSnapshot sweep, IEnumerable<TrialSnapshot> trials)
    {
        var table = new Table().Border(TableBorder.Rounded).Title($"{sweep.Spec.Name.EscapeMarkup()}: {sweep.Progress:P0}").Caption((sweep.Waiting ?? "").EscapeMarkup())
            .AddColumns("Trial", "State", "Configuration", "Progress", "mAP");
        foreach (var trial in trials)
        {
            var done = (int)(Share(trial) * 20);
            table.AddRow(
                trial.Id.Number.ToString(CultureInfo.InvariantCulture),
                trial.State switch
                {
                    TrialState.Completed => "[green]Completed[/]",
                    TrialState.Failed => "[red]Failed[/]",
                    TrialState.Running => "[blue]Running[/]",
                    var other => other.ToString(),
                },
                Varying(trial).EscapeMarkup(),
                $"{new string('#', done)}{new string('.', 20 - done)} {Share(trial):P0}",
                Percent(trial.Objective));
        }

        return table;
    }

    private static Table Board(SweepSpec spec, Leaderboard board)
    {
        var columns = Columns.Where(column => board.Rows.Any(row => row.Trial.Metrics.ContainsKey(column.Metric))).ToImmutableArray();
        var axes = spec.Parameters.Where(axis => axis.Varies(spec.Search.Kind)).Select(axis => axis.Name).ToImmutableArray();
        var table = new Table().Border(TableBorder.Rounded).Title("Leaderboard by mAP, in %")
            .AddColumns(["Rank", "Trial", .. axes, "mAP", .. columns.Select(column => column.Title)]);
        foreach (var row in board.Rows)
        {
            table.AddRow(
            [
                row.Rank == 0 ? "-" : row.Rank.ToString(CultureInfo.InvariantCulture),
                row.Trial.Id.Number.ToString(CultureInfo.InvariantCulture),
                .. axes.Select(axis => row.Trial.Parameters.TryGetValue(axis, out var value) ? value.ToString() : "-"),
                Percent(row.Trial.Objective),
                .. columns.Select(column => Percent(row.Trial.Metrics.TryGetValue(column.Metric, out var value) ? value : null)),
            ]);
        }

        return table;
    }

    private static string Varying(TrialSnapshot trial) => $"learning_rate={trial.Parameters["learning_rate"]} cross_window={trial.Parameters["cross_window"]}";

    private static double Share(TrialSnapshot trial) =>
        trial.State == TrialState.Completed ? 1 : trial.TotalSteps == 0 ? 0 : Math.Min(1, (double)trial.Step / trial.TotalSteps);

    private static string Percent(double? value) => value is { } known ? (100 * known).ToString("0.0", CultureInfo.InvariantCulture) : "-";
}
