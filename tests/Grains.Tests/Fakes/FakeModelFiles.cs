using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Models;

namespace MlTr.Grains.Tests.Fakes;

/// <summary>Remembers which versions have files; the first recorded checkpoint is the newest, the last one the best.</summary>
internal sealed class FakeModelFiles : IModelFiles
{
    public ConcurrentDictionary<(string Name, int Version), TrialId> Kept { get; } = new();

    public Task<long> FindAsync(TrialId trial, ImmutableArray<CheckpointSnapshot> recorded, ModelCheckpoint choice) => recorded.IsEmpty
        ? throw new ModelRegistryException("no checkpoint")
        : Task.FromResult(choice == ModelCheckpoint.Last ? recorded[0].Step : recorded[^1].Step);

    public async Task<ModelFile?> AddAsync(string name, int version, TrialId trial, ImmutableArray<CheckpointSnapshot> recorded, ModelCheckpoint choice) =>
        Kept.TryAdd((name, version), trial) ? new ModelFile(await FindAsync(trial, recorded, choice), 6, 100, "ab12") : null;

    public void Delete(string name, int version) => Kept.TryRemove((name, version), out _);

    public async IAsyncEnumerable<ImmutableArray<byte>> ReadPackageAsync(string name, int version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (!Kept.ContainsKey((name, version)))
        {
            throw new ModelRegistryException("gone");
        }

        foreach (var part in new[] { name, "-", version.ToString(System.Globalization.CultureInfo.InvariantCulture) })
        {
            yield return [.. Encoding.UTF8.GetBytes(part)];
        }
    }
}
