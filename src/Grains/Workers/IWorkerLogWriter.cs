using System.Collections.Immutable;
using MlTr.Abstractions.Workers;

namespace MlTr.Grains.Workers;

/// <summary>A worker's log for its supervisor, who has the lines and sends them here, where every page finds them. Keyed by worker id.</summary>
[Alias("mltr.IWorkerLogWriter")]
internal interface IWorkerLogWriter : IGrainWithStringKey
{
    /// <summary>Adds lines that follow on <paramref name="after"/>; 0 if they are all that the supervisor has. Lines that are known already change nothing.</summary>
    /// <param name="supervisor">The supervisor's machine.</param>
    /// <param name="after">The number that was answered last.</param>
    /// <param name="lines">Oldest first; none only says that the supervisor is there.</param>
    /// <returns>The newest line's number. If it is not that of the lines that were sent, lines are missing here and nothing was taken: send all.</returns>
    [Alias("Append")]
    Task<long> AppendAsync(string supervisor, long after, ImmutableArray<WorkerLogLine> lines);
}
