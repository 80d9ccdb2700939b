using System.Collections.Concurrent;
using MlTr.Grains.Sweeps;

namespace MlTr.Grains.Tests.Fakes;

/// <summary>Remembers whose files were deleted.</summary>
internal sealed class FakeSweepFiles : ISweepFiles
{
    public ConcurrentQueue<string> Deleted { get; } = [];

    public (long Free, long Total)? Space() => (3, 4);

    public void Delete(string sweepId) => Deleted.Enqueue(sweepId);
}
