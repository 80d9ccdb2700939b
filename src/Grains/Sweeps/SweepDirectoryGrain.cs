using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Placement;
using MlTr.Grains.Scheduling;
using MlTr.Grains.Storage;
using Orleans.Concurrency;

namespace MlTr.Grains.Sweeps;

/// <summary>What the directory hears from sweeps. Implemented by the directory's grain.</summary>
[Alias("mltr.ISweepDirectoryReports")]
internal interface ISweepDirectoryReports : IGrainWithStringKey
{
    [Alias("OnSweepChanged"), OneWay]
    Task OnSweepChangedAsync(SweepSnapshot sweep);
}

/// <summary>
/// Knows the order of the sweeps, and how ended ones stand, from the store, and what the others are doing from themselves. A list does not wait for a
/// sweep that is busy or wakes, which takes a second with 10,000 trials: it shows what is durable, and watchers hear from the sweep once it answers.
/// </summary>
[ControlSilo, Reentrant]
internal sealed partial class SweepDirectoryGrain(IExperimentStore store, ISweepFiles files, TimeProvider clock, ILogger<SweepDirectoryGrain> logger)
    : Grain, ISweepDirectoryGrain, ISweepDirectoryReports
{
    private const int MaxPage = 500, MaxKept = 5_000, MostTimed = 5_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100), SpeedsLast = TimeSpan.FromSeconds(10);

    private readonly LiveHub<SweepSnapshot> _hub = new();
    private readonly Dictionary<string, (long Version, SweepSnapshot Sweep)> _ended = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _heardOf = new(StringComparer.Ordinal); // the number of the last change that each sweep told of
    private Task _digesting = Task.CompletedTask;
    private long _heard;
    private (long At, ImmutableDictionary<NetworkKind, KindSpeed> Speeds)? _speeds; // each key typed into a form asks for an estimate

    public async Task<ImmutableArray<SweepSnapshot>> ListAsync(int skip, int take, bool deleted)
    {
        var rows = await store.ListSweepsAsync(Math.Max(skip, 0), Math.Clamp(take, 1, MaxPage), deleted);
        var live = LiveAsync([.. rows.Where(row => row.EndedAt is null)]);
        var byId = (await EndedAsync([.. rows.Where(row => row.EndedAt is not null)])).Concat(await live).ToDictionary(sweep => sweep.Id);
        return [.. rows.Select(row => byId[row.Id])];
    }

    /// <summary>Sweeps under way, by their own word; those that do not answer in a moment by what is durable of them.</summary>
    private async Task<IEnumerable<SweepSnapshot>> LiveAsync(ImmutableArray<SweepRow> rows)
    {
        var heard = _heard;
        var asked = rows.Select(row => (Row: row, Answer: GrainFactory.GetGrain<ISweepGrain>(row.Id).GetSnapshotAsync())).ToList();
        Task all = Task.WhenAll(asked.Select(one => one.Answer));
        await all.WaitAsync(Patience, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var byAnswer = asked.ToLookup(one => one.Answer.IsCompleted); // looked at once: answers go on coming meanwhile
        foreach (var (_, answer) in byAnswer[false])
        {
            _ = PublishAsync(answer, heard);
        }

        ImmutableArray<SweepRow> silent = [.. byAnswer[false].Select(one => one.Row)];
        return [.. await Task.WhenAll(byAnswer[true].Select(one => one.Answer)), .. silent.IsEmpty ? [] : await store.DigestAsync(silent)];
    }

    /// <summary>Tells watchers what a sweep says that was asked for a list but did not answer in time, unless it has told more since.</summary>
    private async Task PublishAsync(Task<SweepSnapshot> answer, long heard)
    {
        try
        {
            var sweep = await answer;
            if (!HasTold(sweep.Id, heard))
            {
                _hub.Publish(sweep);
            }
        }
        catch (Exception error)
        {
            LogNoAnswer(error); // whoever opens the sweep sees what is wrong with it
        }
    }

    /// <summary>Ended sweeps, whose trials are read again only if their row has changed, or they have told of a change.</summary>
    private async Task<ImmutableArray<SweepSnapshot>> EndedAsync(ImmutableArray<SweepRow> rows)
    {
        // Lists that are asked for at the same time, as each page asks for two, read the trials once: each waits for those before it.
        var digested = DigestAfterAsync(_digesting, rows);
        _digesting = digested;
        return await digested;
    }

    private async Task<ImmutableArray<SweepSnapshot>> DigestAfterAsync(Task before, ImmutableArray<SweepRow> rows)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var known = rows.Select(row => _ended.GetValueOrDefault(row.Id)).Where((entry, i) => entry.Version == rows[i].Version).Select(entry => entry.Sweep).ToList();
        ImmutableArray<SweepRow> unknown = [.. rows.ExceptBy(known.Select(sweep => sweep.Id), row => row.Id)];
        if (unknown.IsEmpty)
        {
            return [.. known];
        }

        var heard = _heard;
        var read = await store.DigestAsync(unknown);
        if (_ended.Count + read.Length > MaxKept)
        {
            _ended.Clear();
        }

        foreach (var (sweep, row) in read.Zip(unknown).Where(pair => !HasTold(pair.First.Id, heard)))
        {
            _ended[sweep.Id] = (row.Version, sweep);
        }

        return [.. known, .. read];
    }

    /// <summary>Whether a sweep has told of a change since that many changes were heard of.</summary>
    private bool HasTold(string sweepId, long since) => _heardOf.TryGetValue(sweepId, out var at) && at > since;

    public async Task<StorageSnapshot> GetStorageAsync()
    {
        var (database, checkpoints) = await store.MeasureAsync();
        var space = files.Space();
        return new StorageSnapshot(database, checkpoints, space?.Free, space?.Total);
    }

    public async Task<SweepEstimate> EstimateAsync(SweepSpec spec)
    {
        var errors = SweepValidator.Check(spec);
        if (!errors.IsEmpty)
        {
            throw new SweepSpecException(errors);
        }

        if (_speeds is not { } speeds || clock.GetElapsedTime(speeds.At) > SpeedsLast)
        {
            _speeds = speeds = (clock.GetTimestamp(), SweepTimes.Speeds(await store.ListTimedTrialsAsync(MostTimed)));
        }

        var workers = await GrainFactory.GetGrain<ISchedulerQueue>(ISchedulerGrain.DefaultPool).CountWorkersAsync(spec.WorkerLabels);
        var train = (await store.LoadDatasetAsync(spec.Dataset))?.Splits.FirstOrDefault(split => split.Name == "train");
        return SweepTimes.Estimate(spec, train?.Images, workers, speeds.Speeds);
    }

    public IAsyncEnumerable<SweepSnapshot> WatchAsync(CancellationToken cancellationToken) => _hub.WatchAsync([], cancellationToken);

    public Task OnSweepChangedAsync(SweepSnapshot sweep)
    {
        _ended.Remove(sweep.Id); // its tags, for instance, are not in its row
        _heardOf[sweep.Id] = ++_heard;
        _hub.Publish(sweep);
        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Warning, "A sweep did not answer for the list of sweeps")]
    private partial void LogNoAnswer(Exception error);
}
