using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Models;

/// <summary>
/// Owns one registered model. A version's files are there before its row is written, and are deleted before its row is removed: so each row has
/// its files, and what a crash leaves between the two is a folder that no row names. To delete a version hides it; only to purge it takes its files.
/// </summary>
[ControlSilo]
internal sealed class ModelGrain(IExperimentStore store, IModelFiles files, TimeProvider clock) : Grain, IModelGrain
{
    private const int MaxStaleRetries = 5;

    private readonly LiveHub<ModelSnapshot> _hub = new();
    private ModelRow _row = null!;

    private string Name => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken) => LoadAsync();

    public async Task<ModelVersion> RegisterAsync(TrialId trial, ModelCheckpoint checkpoint, string by)
    {
        if (ModelNames.Problem(Name) is { } problem)
        {
            throw new ModelRegistryException(problem);
        }

        var details = await GrainFactory.GetGrain<ITrialGrain>(trial.ToString()).GetDetailsAsync();
        var recorded = details.Checkpoints.IsDefault ? [] : details.Checkpoints;
        var step = await files.FindAsync(trial, recorded, checkpoint);
        if (Find(trial, step) is { } known)
        {
            await RestoreAsync(known.Number, by, "registered again");
            return Version(known.Number);
        }

        var spec = (await GrainFactory.GetGrain<ISweepGrain>(trial.SweepId).GetSnapshotAsync()).Spec;
        var (number, file) = await AddFilesAsync(trial, recorded, checkpoint);
        var version = new ModelVersion(
            number, ModelStage.None, trial, spec.Name, spec.Dataset, checkpoint, file.Step, spec.Objective, await FiguresAsync(trial, file.Step), details.Trial.Parameters,
            file.Classes, file.Bytes, file.Sha256, clock.GetUtcNow(), by);
        await DecideAsync(model => Find(trial, file.Step) is not null ? null : model with
        {
            Versions = model.Versions.Insert(0, version),
            History = model.History.Add(Event(number, "registered", $"the {checkpoint.ToString().ToLowerInvariant()} checkpoint of {trial}", by)),
        });
        var registered = Find(trial, file.Step)!;
        if (registered.Number != number)
        {
            files.Delete(Name, number); // somebody else registered the same checkpoint meanwhile
        }

        return registered;
    }

    public Task<ModelSnapshot> GetAsync() => Task.FromResult(Known());

    public async Task<ModelSnapshot> SetStageAsync(int version, ModelStage stage, string by, string reason)
    {
        await DecideAsync(model =>
        {
            if (Version(version).Stage == stage)
            {
                return null; // asked twice
            }

            var replaced = stage == ModelStage.Production ? model.Production : null;
            return model with
            {
                Versions = [.. model.Versions.Select(one => one.Number == version ? one with { Stage = stage } : one == replaced ? one with { Stage = ModelStage.Archived } : one)],
                History =
                [
                    .. model.History,
                    .. replaced is null ? ImmutableArray<ModelEvent>.Empty : [Event(replaced.Number, "archived", $"version {version} took its place", by)],
                    Event(version, stage.ToString().ToLowerInvariant(), reason, by),
                ],
            };
        });
        return Known();
    }

    public Task DeleteAsync(int version, string by, string reason) => DecideAsync(model => Deleted(version) is not null ? null : Version(version) switch
    {
        { Stage: ModelStage.Production } => throw new ModelRegistryException($"Version {version} of {Name} is in production: give it another stage before you delete it."),
        var one => model with
        {
            Versions = model.Versions.Remove(one),
            Deleted = NewestFirst(model.Deleted.Add(one with { DeletedAt = clock.GetUtcNow() })),
            History = model.History.Add(Event(version, "deleted", reason, by)),
        },
    });

    public Task RestoreAsync(int version, string by, string reason) => DecideAsync(model =>
    {
        if (Deleted(version) is not { } one)
        {
            Version(version);
            return null;
        }

        return model with
        {
            Versions = NewestFirst(model.Versions.Add(one with { DeletedAt = null })),
            Deleted = model.Deleted.Remove(one),
            History = model.History.Add(Event(version, "restored", reason, by)),
        };
    });

    public async Task PurgeAsync(int version, string by)
    {
        if (Known().Versions.Any(one => one.Number == version))
        {
            throw new ModelRegistryException($"Version {version} of {Name} was not deleted: delete it before you purge it.");
        }

        if (Deleted(version) is not null)
        {
            files.Delete(Name, version); // first: while the row is there, it can be asked again
            await DecideAsync(model => Deleted(version) is not { } one ? null : model with
            {
                Deleted = model.Deleted.Remove(one),
                History = model.History.Add(Event(version, "purged", "its files were removed", by)),
            });
        }
    }

    public IAsyncEnumerable<ModelSnapshot> WatchAsync(CancellationToken cancellationToken) => _hub.WatchAsync(() => [Known()], cancellationToken);

    public async IAsyncEnumerable<ImmutableArray<byte>> ReadPackageAsync(int version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var part in files.ReadPackageAsync(Name, Version(version).Number, cancellationToken))
        {
            yield return part;
        }
    }

    /// <summary>Under the next number that has neither a row nor files: a crash may have left files alone.</summary>
    private async Task<(int Number, ModelFile File)> AddFilesAsync(TrialId trial, ImmutableArray<CheckpointSnapshot> recorded, ModelCheckpoint checkpoint)
    {
        var number = _row.Model.History.Select(happened => happened.Version).DefaultIfEmpty(0).Max();
        while (true)
        {
            number++;
            if (await files.AddAsync(Name, number, trial, recorded, checkpoint) is { } file)
            {
                return (number, file);
            }
        }
    }

    /// <summary>What was measured at a step, but for single classes.</summary>
    private async Task<ImmutableSortedDictionary<string, double>> FiguresAsync(TrialId trial, long step)
    {
        var curves = await store.LoadCurvesAsync(trial, []);
        return curves.Where(curve => !curve.Name.StartsWith(MetricNames.ClassPrefix, StringComparison.Ordinal))
            .SelectMany(curve => curve.Points.Where(point => point.Step == step && double.IsFinite(point.Value)).Select(point => KeyValuePair.Create(curve.Name, point.Value)))
            .DistinctBy(figure => figure.Key)
            .ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>Writes a decision; it is made anew from what the store has if somebody else has written meanwhile. Null decides nothing.</summary>
    private async Task DecideAsync(Func<ModelSnapshot, ModelSnapshot?> decide)
    {
        for (var tries = 0; decide(_row.Model) is { } next; tries++)
        {
            try
            {
                await store.SaveModelAsync(_row with { Model = next });
                _row = new ModelRow(next, _row.Version + 1);
                Show();
                return;
            }
            catch (StaleVersionException) when (tries < MaxStaleRetries)
            {
                await LoadAsync();
                Show();
            }
        }
    }

    private void Show()
    {
        _hub.Publish(_row.Model);
        GrainFactory.GetGrain<IModelDirectoryReports>(IModelDirectoryGrain.Key).OnModelChangedAsync(_row.Model).Ignore(); // one way: there is no answer to wait for
    }

    private async Task LoadAsync() => _row = await store.LoadModelAsync(Name) ?? new ModelRow(new ModelSnapshot(Name, [], []), 0);

    private ModelVersion? Find(TrialId trial, long step) =>
        _row.Model.Versions.Concat(_row.Model.Deleted).FirstOrDefault(version => version.Trial == trial && version.Step == step);

    private ModelVersion? Deleted(int number) => Known().Deleted.FirstOrDefault(version => version.Number == number);

    private static ImmutableArray<ModelVersion> NewestFirst(ImmutableArray<ModelVersion> versions) => versions.Sort((one, other) => other.Number.CompareTo(one.Number));

    private ModelVersion Version(int number) =>
        Known().Versions.FirstOrDefault(version => version.Number == number) ?? throw new KeyNotFoundException($"There is no version {number} of model '{Name}'.");

    private ModelSnapshot Known()
    {
        if (_row.Version == 0)
        {
            DeactivateOnIdle();
            throw new KeyNotFoundException($"There is no model '{Name}'.");
        }

        return _row.Model;
    }

    private ModelEvent Event(int version, string kind, string reason, string by) => new(clock.GetUtcNow(), version, kind, reason, by);
}
