using System.Collections.Immutable;
using MlTr.Abstractions.Workers;

namespace MlTr.Grains.Scheduling;

/// <summary>A worker's memory over time: the highest of each half minute, for twelve hours.</summary>
internal sealed class MemoryRing
{
    public const int Capacity = 1_440;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly Queue<MemorySample> _samples = new();
    private MemorySample? _open;

    /// <summary>Oldest first, the half minute under way last.</summary>
    public ImmutableArray<MemorySample> Samples => _open is { } open ? [.. _samples, open] : [];

    public void Add(DateTimeOffset time, long bytes)
    {
        if (_open is { } open && time - open.Time < Period)
        {
            _open = open with { Bytes = Math.Max(open.Bytes, bytes) };
            return;
        }

        if (_open is not null)
        {
            _samples.Enqueue(_open);
        }

        _open = new MemorySample(time, bytes);
        if (_samples.Count >= Capacity)
        {
            _samples.Dequeue();
        }
    }
}
