using System.Globalization;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Cli.Platform;

/// <summary>Shows a sweep in the terminal while it runs: a table that moves, or lines for logs and pipes.</summary>
internal sealed class SweepProgress(IMlTrClient client, IAnsiConsole console)
{
    /// <summary>How long after one look at the pool to look again. What two of them see is no passing state, such as that of workers that are just starting.</summary>
    public TimeSpan PoolInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <returns>The sweep at its end.</returns>
    public async Task<SweepSnapshot> FollowAsync(string id, CancellationToken cancellationToken)
    {
        var end = console.Profile.Capabilities.Interactive ? await FollowLiveAsync(id, cancellationToken) : await FollowPlainAsync(id, cancellationToken);
        return end ?? throw new PlatformException($"The stream of sweep {id} ended before the sweep.");
    }

    /// <summary>A value of an objective: shares as percentages, anything else as it is.</summary>
    public static string Value(Objective objective, double? value) => value is not { } known ? "-"
        : objective.Metric == MetricNames.MeanAveragePrecision ? (100 * known).ToString("0.0", CultureInfo.InvariantCulture)
        : known.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>What an objective is called in a narrow column.</summary>
    public static string Title(Objective objective) => objective.Metric == MetricNames.MeanAveragePrecision ? "mAP" : objective.Metric;

    /// <summary>A parameter's value in a narrow column; JSON has all its digits.</summary>
    public static string Value(ParameterValue value) => value.Type == ParameterType.Float ? value.AsFloat.ToString("G4", CultureInfo.InvariantCulture) : value.ToString();

    private static string Configuration(SweepSpec spec, TrialSnapshot trial) =>
        string.Join(' ', spec.VaryingParameters().Where(trial.Parameters.ContainsKey).Select(name => $"{name}={Value(trial.Parameters[name])}"));

    private async Task<SweepSnapshot?> FollowLiveAsync(string id, CancellationToken cancellationToken)
    {
        SweepSnapshot? now = null;
        var trials = new SortedDictionary<int, TrialSnapshot>();
        await console.Live(new Text("Starting")).StartAsync(async live =>
        {
            await foreach (var (change, waits) in NewsAsync(id, cancellationToken))
            {
                if (change?.Trial is { } trial)
                {
                    trials[trial.Id.Number] = trial;
                }

                now = change?.Sweep ?? now;
                if (now is not null && change is not { Sweep: null })
                {
                    live.UpdateTarget(Progress(now, trials.Values, waits));
                }

                if (now?.EndedAt is not null)
                {
                    return;
                }
            }
        });
        return now?.EndedAt is null ? null : now;
    }

    /// <summary>A line for each change of a trial's state or of what it or the sweep waits for, and for each tenth of a trial's way.</summary>
    private async Task<SweepSnapshot?> FollowPlainAsync(string id, CancellationToken cancellationToken)
    {
        var shown = new Dictionary<int, (TrialState State, long Tenth, string? Waits)>();
        SweepSpec? spec = null;
        string? waiting = null, said = null;
        await foreach (var (change, waits) in NewsAsync(id, cancellationToken))
        {
            if (waits != said && (said = waits) is not null)
            {
                console.WriteLine(waits!);
            }

            spec ??= change?.Sweep?.Spec;
            if (change?.Trial is { } trial && trial.State != TrialState.Queued && spec is not null)
            {
                var now = (trial.State, trial.TotalSteps == 0 ? 0 : 10 * trial.Step / trial.TotalSteps, Waits: trial.IsWaiting ? trial.Reason : null);
                now.Waits = now.Waits is null ? null : string.Concat(now.Waits.Where(letter => !char.IsDigit(letter)));
                if (!shown.TryGetValue(trial.Id.Number, out var before) || before != now)
                {
                    shown[trial.Id.Number] = now;
                    console.WriteLine(trial.IsWaiting ? $"trial {trial.Id.Number} {trial.Reason}" : string.Create(
                        CultureInfo.InvariantCulture,
                        $"trial {trial.Id.Number} {trial.State} {Share(trial):P0} {Title(spec.Objective)} {Value(spec.Objective, trial.Objective)} {Configuration(spec, trial)}"));
                }
            }

            if (change?.Sweep is { } sweep)
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

        return null;
    }

    /// <summary>The sweep's changes, each beside what keeps the whole sweep from going on; that alone, with no change, when it is found out.</summary>
    private async IAsyncEnumerable<(SweepEvent? Change, string? Waits)> NewsAsync(string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var changes = Following.AgainAsync(token => client.WatchSweepAsync(id, token), ending.Token).GetAsyncEnumerator(ending.Token);
        SweepSnapshot? sweep = null;
        string? waits = null, seen = null;
        var (next, look) = (changes.MoveNextAsync().AsTask(), LookAsync());
        try
        {
            while (true)
            {
                if (await Task.WhenAny(next, look) == next)
                {
                    if (!await next)
                    {
                        yield break;
                    }

                    sweep = changes.Current.Sweep ?? sweep;
                    yield return (changes.Current, Waits());
                    next = changes.MoveNextAsync().AsTask();
                    continue;
                }

                var now = await look is { } pool && sweep is not null ? PoolWait.Of(pool, id, sweep.Spec) : null;
                if (now == seen && now != waits)
                {
                    waits = now;
                    yield return (null, Waits());
                }

                (seen, look) = (now, LookAsync());
            }
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(next, look).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // an enumerator is not disposed while it moves
        }

        string? Waits() => sweep?.State == SweepState.Paused ? $"waits: the sweep is paused; resume {id} lets it go on" : waits;

        async Task<SchedulerSnapshot?> LookAsync()
        {
            await Task.Delay(PoolInterval, ending.Token);
            try
            {
                return await client.GetSchedulerAsync();
            }
            catch (Exception error) when (error is OrleansException or TimeoutException)
            {
                return null; // it moves, or its process starts again: the next look will tell
            }
        }
    }

    private static Table Progress(SweepSnapshot sweep, IReadOnlyCollection<TrialSnapshot> trials, string? waits)
    {
        var table = new Table().Border(TableBorder.Rounded).Title($"{sweep.Spec.Name.EscapeMarkup()}: {sweep.Progress:P0}").Caption(Caption(sweep, trials, waits).EscapeMarkup())
            .AddColumns("Trial", "State", "Configuration", "Progress", Title(sweep.Spec.Objective).EscapeMarkup());
        foreach (var trial in Shown(trials))
        {
            var done = (int)(Share(trial) * 20);
            table.AddRow(
                trial.Id.Number.ToString(CultureInfo.InvariantCulture),
                trial.State switch
                {
                    _ when trial.IsWaiting => $"[yellow]{trial.Reason!.EscapeMarkup()}[/]",
                    TrialState.Completed => "[green]Completed[/]",
                    TrialState.Failed => "[red]Failed[/]",
                    TrialState.Running => "[blue]Running[/]",
                    var other => other.ToString(),
                },
                Configuration(sweep.Spec, trial).EscapeMarkup(),
                $"{new string('#', done)}{new string('.', 20 - done)} {Share(trial):P0}",
                Value(sweep.Spec.Objective, trial.Objective));
        }

        return table;
    }

    // A terminal shows so many lines; of more trials, those that run and the newest.
    private static IEnumerable<TrialSnapshot> Shown(IReadOnlyCollection<TrialSnapshot> trials)
    {
        const int most = 30;
        return trials.Count <= most
            ? trials
            : trials.OrderBy(trial => trial.State != TrialState.Running).ThenByDescending(trial => trial.EndedAt ?? DateTimeOffset.MinValue).Take(most).OrderBy(trial => trial.Id.Number);
    }

    private static string Caption(SweepSnapshot sweep, IReadOnlyCollection<TrialSnapshot> trials, string? waits)
    {
        var counts = string.Join(", ", sweep.Counts.Where(pair => pair.Value > 0).Select(pair => $"{pair.Value} {pair.Key.ToString().ToLowerInvariant()}"));
        return string.Join("; ", new[] { waits, sweep.Waiting, $"{trials.Count} trials: {counts}" }.OfType<string>());
    }

    private static double Share(TrialSnapshot trial) =>
        trial.State == TrialState.Completed ? 1 : trial.TotalSteps == 0 ? 0 : Math.Min(1, (double)trial.Step / trial.TotalSteps);
}
