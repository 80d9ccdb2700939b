using System.Collections.Immutable;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Models;

/// <summary>The copy of a checkpoint that a version consists of.</summary>
/// <param name="Step">The checkpoint's optimiser step.</param>
/// <param name="Classes">How many classes it knows.</param>
/// <param name="Bytes">Size of the weights file.</param>
/// <param name="Sha256">Checksum of the weights file.</param>
public sealed record ModelFile(long Step, int Classes, long Bytes, string Sha256);

/// <summary>The files of the registered models. What cannot be done is a <see cref="ModelRegistryException"/> whose message says what to do.</summary>
public interface IModelFiles
{
    /// <summary>The optimiser step of the checkpoint that is meant.</summary>
    /// <exception cref="ModelRegistryException">There is none that can be used.</exception>
    Task<long> FindAsync(TrialId trial, ImmutableArray<CheckpointSnapshot> recorded, ModelCheckpoint choice);

    /// <summary>Copies a checkpoint; the copy appears complete or not at all.</summary>
    /// <returns>Null if there are files of that version already, which are left alone.</returns>
    /// <exception cref="ModelRegistryException">There is no such checkpoint, or it cannot be copied.</exception>
    Task<ModelFile?> AddAsync(string name, int version, TrialId trial, ImmutableArray<CheckpointSnapshot> recorded, ModelCheckpoint choice);

    /// <summary>Deletes the files of a version; none is fine.</summary>
    /// <exception cref="ModelRegistryException">They cannot be deleted.</exception>
    void Delete(string name, int version);

    /// <summary>The files of a version as a ZIP archive, piece by piece; their checksums are checked first.</summary>
    /// <exception cref="ModelRegistryException">They are gone or damaged.</exception>
    IAsyncEnumerable<ImmutableArray<byte>> ReadPackageAsync(string name, int version, CancellationToken cancellationToken);
}
