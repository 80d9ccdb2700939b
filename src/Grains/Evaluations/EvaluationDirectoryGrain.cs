using System.Collections.Immutable;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;
using Orleans.Concurrency;

namespace MlTr.Grains.Evaluations;

/// <summary>What a trial's directory hears from its evaluations. Implemented by the directory's grain.</summary>
[Alias("mltr.IEvaluationDirectoryReports")]
internal interface IEvaluationDirectoryReports : IGrainWithStringKey
{
    [Alias("OnEvaluationChanged"), OneWay]
    Task OnEvaluationChangedAsync(EvaluationSnapshot evaluation);
}

/// <summary>Answers from the store which evaluations a trial has, and passes on what they say of themselves; keeps nothing.</summary>
[ControlSilo]
internal sealed class EvaluationDirectoryGrain(IExperimentStore store) : Grain, IEvaluationDirectoryGrain, IEvaluationDirectoryReports
{
    private readonly LiveHub<ImmutableArray<EvaluationSnapshot>> _hub = new();

    public Task<ImmutableArray<string>> ListAsync() => store.ListEvaluationsAsync(TrialId.Parse(this.GetPrimaryKeyString()));

    public IAsyncEnumerable<ImmutableArray<EvaluationSnapshot>> WatchAsync(CancellationToken cancellationToken) => _hub.WatchAsync(AllAsync(), cancellationToken);

    public Task OnEvaluationChangedAsync(EvaluationSnapshot evaluation)
    {
        _hub.Publish([evaluation]);
        return Task.CompletedTask;
    }

    private async IAsyncEnumerable<ImmutableArray<EvaluationSnapshot>> AllAsync()
    {
        var ids = await ListAsync();
        yield return [.. await Task.WhenAll(ids.Select(id => GrainFactory.GetGrain<IEvaluationGrain>(id).GetSnapshotAsync()))];
    }
}
