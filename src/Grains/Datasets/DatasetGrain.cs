using Microsoft.Extensions.Logging;
using MlTr.Abstractions.Datasets;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;
using Orleans.Concurrency;

namespace MlTr.Grains.Datasets;

/// <summary>Owns the index of one dataset: has its files written if need be, and every shard looked at by the shard's own grain.</summary>
[ControlSilo, Reentrant]
internal sealed partial class DatasetGrain(IExperimentStore store, IDatasetSource source, TimeProvider clock, ILogger<DatasetGrain> logger)
    : Grain, IDatasetGrain, IDatasetReadiness
{
    // A share of the progress for writing the files, the rest for reading them shard by shard.
    private const double WritingShare = 0.8;
    private const int ShardsPerSplit = 4;
    private static readonly TimeSpan WaitDuration = TimeSpan.FromSeconds(10);

    private readonly LiveHub<DatasetSnapshot> _hub = new();
    private DatasetSnapshot? _dataset;
    private Task _preparation = Task.CompletedTask;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override async Task OnActivateAsync(CancellationToken cancellationToken) =>
        _dataset = await store.LoadDatasetAsync(this.GetPrimaryKeyString(), cancellationToken);

    public Task<DatasetSnapshot> GetSnapshotAsync() => Task.FromResult(Known());

    public async Task<DatasetSnapshot> RegisterAsync(DatasetRegistration registration, string by)
    {
        var id = this.GetPrimaryKeyString();
        if (DatasetIds.Problem(id) is { } problem)
        {
            throw Refused(problem);
        }

        DatasetSnapshot dataset;
        try
        {
            dataset = await Task.Run(() => source.Examine(registration with { Id = id }));
        }
        catch (DatasetRegistrationException)
        {
            DeactivateIfUnknown();
            throw;
        }

        if (_dataset is not null && (_dataset.Folder, _dataset.Format) != (dataset.Folder, dataset.Format))
        {
            throw Refused($"'{id}' is {_dataset.Folder} ({_dataset.Format}) already: choose another id for {dataset.Folder} ({dataset.Format}).");
        }

        if (_dataset is null)
        {
            await store.SaveDatasetAsync(dataset);
            Show(dataset);
            LogRegistered(id, dataset.Folder, dataset.Format, by);
        }

        return Known();

        DatasetRegistrationException Refused(string message)
        {
            DeactivateIfUnknown();
            return new DatasetRegistrationException(message);
        }
    }

    public Task<DatasetSnapshot> PrepareAsync()
    {
        var dataset = Known();
        if (_preparation.IsCompleted && dataset.State != DatasetState.Ready)
        {
            Show(dataset with { State = DatasetState.Preparing, Progress = 0, Problem = null });
            _preparation = PrepareFilesAsync(dataset);
        }

        return Task.FromResult(Known());
    }

    public IAsyncEnumerable<DatasetSnapshot> WatchAsync(CancellationToken cancellationToken) => _hub.WatchAsync(() => [Known()], cancellationToken);

    public async Task<DatasetSnapshot> WaitForChangeAsync(DatasetState knownState, double knownProgress)
    {
        var dataset = Known();
        if (dataset.State == knownState && dataset.Progress.Equals(knownProgress))
        {
            await Task.WhenAny(_changed.Task, Task.Delay(WaitDuration, clock));
        }

        return Known();
    }

    private async Task PrepareFilesAsync(DatasetSnapshot dataset)
    {
        await Task.Yield();
        try
        {
            var share = 0.0;
            var writing = Task.Run(() => source.EnsureAsync(dataset, now => Volatile.Write(ref share, now), CancellationToken.None));
            while (await Task.WhenAny(writing, Task.Delay(TimeSpan.FromMilliseconds(200), clock)) != writing)
            {
                Show(Known() with { Progress = WritingShare * Math.Round(Volatile.Read(ref share), 2) });
            }

            var contents = await writing;
            var shards = new List<ShardSnapshot>();
            foreach (var (name, _) in contents.Splits)
            {
                shards.AddRange(await Task.WhenAll(Enumerable.Range(0, ShardsPerSplit)
                    .Select(number => GrainFactory.GetGrain<IDatasetShardGrain>(new ShardId(dataset.Id, name, number, ShardsPerSplit).ToString()))
                    .Select(IndexAsync)));
                Show(Known() with { Progress = WritingShare + ((1 - WritingShare) * shards.Count / (contents.Splits.Length * ShardsPerSplit)) });
            }

            var splits = SplitBuilder.Build(shards); // as the store will tell it after a restart
            var ready = dataset with { State = DatasetState.Ready, Progress = 1, Problem = null, Classes = contents.Classes, Splits = splits };
            await store.SaveDatasetAsync(ready);
            LogReady(dataset.Id, splits.Sum(split => split.Images));
            Show(ready);
        }
        catch (Exception error)
        {
            LogFailed(error, dataset.Id);
            Show(dataset with { State = DatasetState.Failed, Problem = error.Message });
        }
    }

    /// <summary>A shard may take longer than an answer may: the next question waits for the same work.</summary>
    private static async Task<ShardSnapshot> IndexAsync(IDatasetShardGrain shard)
    {
        while (true)
        {
            try
            {
                return await shard.IndexAsync();
            }
            catch (TimeoutException)
            {
            }
        }
    }

    private void Show(DatasetSnapshot dataset)
    {
        if (_dataset != dataset)
        {
            _hub.Publish(dataset);
            GrainFactory.GetGrain<IDatasetDirectoryReports>(IDatasetDirectoryGrain.Key).OnDatasetChangedAsync(dataset).Ignore(); // one way: there is no answer to wait for
        }

        _dataset = dataset;
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }

    private void DeactivateIfUnknown()
    {
        if (_dataset is null)
        {
            DeactivateOnIdle();
        }
    }

    private DatasetSnapshot Known()
    {
        if (_dataset is null)
        {
            DeactivateOnIdle();
            throw new KeyNotFoundException($"There is no dataset '{this.GetPrimaryKeyString()}'.");
        }

        return _dataset;
    }

    [LoggerMessage(LogLevel.Information, "Dataset {DatasetId} is ready with {ImageCount} images")]
    private partial void LogReady(string datasetId, int imageCount);

    [LoggerMessage(LogLevel.Information, "Dataset {DatasetId} is registered by {By}: {Folder} ({Format})")]
    private partial void LogRegistered(string datasetId, string folder, string format, string by);

    [LoggerMessage(LogLevel.Error, "Dataset {DatasetId} could not be prepared")]
    private partial void LogFailed(Exception error, string datasetId);
}
