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
        Models[name] = known with { Versions = known.Versions.Insert(0, version), History = known.History.Add(new(DateTimeOffset.UnixEpoch, version.Number, "registered", "asked", by)) };
        return Task.FromResult(version);
    }

    public Task<ImmutableArray<ModelSnapshot>> ListModelsAsync()
    {
        ThrowIfFailing();
        return Task.FromResult(Models.Values.OrderBy(model => model.Name, StringComparer.Ordinal).ToImmutableArray());
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
        return Models[name] = known with { Versions = [.. known.Versions.Select(one => one.Number == version ? one with { Stage = stage } : one)] };
    }

    public async Task DeleteModelVersionAsync(string name, int version, string reason = "on request", string by = "client")
    {
        await Ask($"delete {name} {version}");
        var known = await GetModelAsync(name);
        Models[name] = known with { Versions = known.Versions.RemoveAll(one => one.Number == version) };
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
