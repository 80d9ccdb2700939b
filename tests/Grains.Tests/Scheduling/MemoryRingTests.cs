using MlTr.Abstractions.Workers;
using MlTr.Grains.Scheduling;

namespace MlTr.Grains.Tests.Scheduling;

public sealed class MemoryRingTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Add_WithinHalfAMinute_KeepsTheHighest()
    {
        var ring = new MemoryRing();
        ring.Add(Start, 5);
        ring.Add(Start.AddSeconds(10), 9);
        ring.Add(Start.AddSeconds(29), 7);
        ring.Add(Start.AddSeconds(30), 1);

        Assert.Equal([new MemorySample(Start, 9), new MemorySample(Start.AddSeconds(30), 1)], ring.Samples);
    }

    [Fact]
    public void Add_MoreThanItHolds_DropsTheOldest()
    {
        var ring = new MemoryRing();
        for (var minute = 0; minute < MemoryRing.Capacity + 10; minute++)
        {
            ring.Add(Start.AddMinutes(minute), minute);
        }

        Assert.Equal(MemoryRing.Capacity, ring.Samples.Length);
        Assert.Equal((10, MemoryRing.Capacity + 9), (ring.Samples[0].Bytes, ring.Samples[^1].Bytes));
    }
}
