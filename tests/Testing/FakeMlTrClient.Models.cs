using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Testing;

public sealed partial class FakeMlTrClient
{
    /// <summary>The registered models, by name.</summary>
    public ConcurrentDictionary<string, ModelSnapshot> Models { get; } = [];

    public Task<ModelVersion> RegisterModelAsync(string name, TrialId trial, ModelCheckpoint checkpoint = ModelCheckpoint.Best, string by = "client")
    {
        Ask($"register {name} {trial} {checkpoint}");
        if (ModelNames.Problem(name) is { } problem)
        {
            throw new ModelRegistryException(problem);
        }

        var known = Models.GetValueOrDefault(name, new ModelSnapshot(name, [], []));
        var version = new ModelVersion(
            known.History.Select(happened => happened.Version).DefaultIfEmpty(0).Max() + 1, ModelStage.None, trial, "Sweep", "marks", checkpoint, 10, new Objective(),
            ImmutableSortedDictionary<string, double>.Empty, ImmutableSortedDictionary<string, ParameterValue>.Empty, 6, 1 << 20, "ab12", DateTimeOffset.UnixEpoch, by);
        Publish(known with { Versions = known.Versions.Insert(0, version), History = known.History.Add(new(DateTimeOffset.UnixEpoch, version.Number, "registered", "asked", by)) });
        return Task.FromResult(version);
    }

    public Task<ImmutableArray<ModelSnapshot>> ListModelsAsync()
    {
        ThrowIfFailing();
        return Task.FromResult(Models.Values.Where(model => !model.Versions.IsEmpty).OrderBy(model => model.Name, StringComparer.Ordinal).ToImmutableArray());
    }

    public Task<ModelSnapshot> GetModelAsync(string name)
    {
        ThrowIfFailing();
        return Task.FromResult(Models.TryGetValue(name, out var model) ? model : throw new KeyNotFoundException($"There is no model '{name}'."));
    }

    public async Task<ModelSnapshot> SetModelStageAsync(string name, int version, ModelStage stage, string reason = "on request", string by = "client")
    {
        await Ask($"stage {name} {version} {stage}");
        var known = await GetModelAsync(name);
        return Publish(known with { Versions = [.. known.Versions.Select(one => one.Number == version ? one with { Stage = stage } : one)] });
    }

    public async Task DeleteModelVersionAsync(string name, int version, string reason = "on request", string by = "client")
    {
        await Ask($"delete {name} {version}");
        var known = await GetModelAsync(name);
        var thrown = known.Versions.Single(one => one.Number == version);
        Publish(known with { Versions = known.Versions.Remove(thrown), Deleted = known.Deleted.Add(thrown with { DeletedAt = DateTimeOffset.UnixEpoch }) });
    }

    public async Task RestoreModelVersionAsync(string name, int version, string reason = "on request", string by = "client")
    {
        await Ask($"restore {name} {version}");
        var known = await GetModelAsync(name);
        var thrown = known.Deleted.Single(one => one.Number == version);
        Publish(known with { Versions = known.Versions.Add(thrown with { DeletedAt = null }), Deleted = known.Deleted.Remove(thrown) });
    }

    public async Task PurgeModelVersionAsync(string name, int version, string by = "client")
    {
        await Ask($"purge {name} {version}");
        var known = await GetModelAsync(name);
        Publish(known with { Deleted = known.Deleted.RemoveAll(one => one.Number == version) });
    }

    public async IAsyncEnumerable<ModelSnapshot> WatchModelAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var model in WatchAsync<ModelSnapshot>(one => one.Name == name, [await GetModelAsync(name)], cancellationToken))
        {
            yield return model;
        }
    }

    public async IAsyncEnumerable<ImmutableArray<ModelSnapshot>> WatchModelsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ThrowIfFailing();
        ImmutableArray<ModelSnapshot> now = [.. Models.Values.OrderBy(model => model.Name, StringComparer.Ordinal)];
        await foreach (var models in WatchAsync<ImmutableArray<ModelSnapshot>>(_ => true, [now], cancellationToken))
        {
            yield return models;
        }
    }

    /// <summary>Makes a model, or a change of it, known.</summary>
    public ModelSnapshot Publish(ModelSnapshot model)
    {
        Tell(Models[model.Name] = model);
        Tell(ImmutableArray.Create(model));
        return model;
    }

    public async IAsyncEnumerable<ImmutableArray<byte>> ReadModelPackageAsync(string name, int version, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var known = await GetModelAsync(name);
        if (known.Versions.All(one => one.Number != version))
        {
            throw new KeyNotFoundException($"There is no version {version} of model '{name}'.");
        }

        yield return [80, 75];
        yield return [3, 4];
    }
}
