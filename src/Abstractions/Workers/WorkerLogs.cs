using System.Collections.Immutable;

namespace MlTr.Abstractions.Workers;

/// <summary>One line that a worker's process wrote.</summary>
/// <param name="Number">Grows with each line of the worker, over restarts too.</param>
/// <param name="ProcessId">The process that wrote it.</param>
/// <param name="Time">When its supervisor read it.</param>
/// <param name="Level">As in <c>info</c>, <c>warning</c>, <c>error</c>.</param>
/// <param name="Text">The line, without level; the first line of an entry begins with the class that wrote it.</param>
[GenerateSerializer, Immutable, Alias("mltr.WorkerLogLine")]
public sealed record WorkerLogLine(
    [property: Id(0)] long Number,
    [property: Id(1)] int ProcessId,
    [property: Id(2)] DateTimeOffset Time,
    [property: Id(3)] string Level,
    [property: Id(4)] string Text);

/// <summary>Lines of a worker's log, oldest first.</summary>
/// <param name="Supervisor">The machine whose control process reads the worker's output; null if none does, and so no line is known here.</param>
/// <param name="Lines">The lines.</param>
[GenerateSerializer, Immutable, Alias("mltr.WorkerLog")]
public sealed record WorkerLog([property: Id(0)] string? Supervisor, [property: Id(1)] ImmutableArray<WorkerLogLine> Lines)
{
    /// <summary>How many lines of each worker are kept, in memory.</summary>
    public const int MaxLines = 2_000;
}

/// <summary>The newest lines of a worker's log. Keyed by worker id.</summary>
[Alias("mltr.IWorkerLogGrain")]
public interface IWorkerLogGrain : IGrainWithStringKey
{
    /// <summary>What is known now, then the lines that come, until cancelled.</summary>
    [Alias("Watch")]
    IAsyncEnumerable<WorkerLog> WatchAsync(CancellationToken cancellationToken = default);
}
