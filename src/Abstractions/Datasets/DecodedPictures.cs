using System.Collections.Immutable;

namespace MlTr.Abstractions.Datasets;

/// <summary>How far the decoding of a dataset's pictures for a machine is.</summary>
public enum DecodedState
{
    /// <summary>Under way; trials on the machine that need them wait.</summary>
    Preparing,

    /// <summary>Every picture is there.</summary>
    Ready,

    /// <summary>Could not be done; the problem says why. Trials decode the pictures themselves.</summary>
    Failed,
}

/// <summary>A dataset's pictures, decoded once for all trials of a machine.</summary>
/// <param name="Machine">The machine's name.</param>
/// <param name="ImageSize">Height and width, pixels.</param>
/// <param name="State">Whether trials can read them.</param>
/// <param name="Done">Pictures decoded so far, those that an earlier start left included.</param>
/// <param name="Pictures">Pictures in all.</param>
/// <param name="Bytes">What they take on the machine's disk once they are all there.</param>
/// <param name="ChangedAt">When the state was entered.</param>
/// <param name="Problem">Why it failed.</param>
[GenerateSerializer, Immutable, Alias("mltr.DecodedPicturesSnapshot")]
public sealed record DecodedPicturesSnapshot(
    [property: Id(0)] string Machine,
    [property: Id(1)] int ImageSize,
    [property: Id(2)] DecodedState State,
    [property: Id(3)] int Done,
    [property: Id(4)] int Pictures,
    [property: Id(5)] long Bytes,
    [property: Id(6)] DateTimeOffset ChangedAt,
    [property: Id(7)] string? Problem = null);

/// <summary>What is decoded of one dataset, machine by machine, as far as trials have asked since the platform started. Keyed by dataset id.</summary>
[Alias("mltr.IDecodedPicturesGrain")]
public interface IDecodedPicturesGrain : IGrainWithStringKey
{
    /// <summary>By machine and size, now and whenever it changes.</summary>
    [Alias("Watch")]
    IAsyncEnumerable<ImmutableArray<DecodedPicturesSnapshot>> WatchAsync(CancellationToken cancellationToken = default);
}
