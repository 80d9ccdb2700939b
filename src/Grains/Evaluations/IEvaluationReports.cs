using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Trials;

namespace MlTr.Grains.Evaluations;

/// <summary>The writing side of an evaluation, for workers and the scheduler. Implemented by the evaluation's grain.</summary>
[Alias("mltr.IEvaluationReports")]
internal interface IEvaluationReports : IGrainWithStringKey
{
    /// <summary>Begins a part. Null if the epoch is not newer than its last one, it is done, the evaluation has ended, or another kind of device computes it.</summary>
    [Alias("Begin")]
    Task<PartAssignment?> BeginAsync(int part, long epoch, string worker, string device);

    /// <summary>Says how many of a part's pictures are computed.</summary>
    [Alias("Report")]
    Task<TrialDirective> ReportAsync(int part, long epoch, int done);

    /// <summary>Ends a part: with <see cref="AttemptState.Completed"/> the file counts, which says what the network gave for its pictures.</summary>
    [Alias("End")]
    Task<EndAnswer> EndAsync(int part, long epoch, AttemptEnd end, string? file);

    /// <summary>The lease of an epoch is gone. An older epoch, or another worker's, changes nothing.</summary>
    /// <returns>True if the part waits.</returns>
    [Alias("Lose")]
    Task<bool> LoseAsync(int part, long epoch, string worker, string reason, FailureKind kind);

    /// <summary>Goes on after a restart.</summary>
    [Alias("Wake")]
    Task WakeAsync();
}

/// <summary>A part of an evaluation, with what a worker needs to know to compute it.</summary>
/// <param name="Id">Evaluation and number.</param>
/// <param name="Parts">How many parts there are.</param>
/// <param name="Epoch">The fencing number of this assignment.</param>
/// <param name="Dataset">The dataset's id.</param>
/// <param name="Split">The split.</param>
/// <param name="Checkpoint">The checkpoint's folder, in that of the trial.</param>
/// <param name="ImageSize">Side of the pictures in pixels.</param>
/// <param name="Device"><c>cpu</c> or <c>cuda:N</c>.</param>
[GenerateSerializer, Immutable, Alias("mltr.PartAssignment")]
public sealed record PartAssignment(
    [property: Id(0)] PartId Id,
    [property: Id(1)] int Parts,
    [property: Id(2)] long Epoch,
    [property: Id(3)] string Dataset,
    [property: Id(4)] string Split,
    [property: Id(5)] string Checkpoint,
    [property: Id(6)] int ImageSize,
    [property: Id(7)] string Device);
