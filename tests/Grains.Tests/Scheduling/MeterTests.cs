using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Grains.Scheduling;
using MlTr.Grains.Tests.Sweeps;
using MlTr.Grains.Trials;

namespace MlTr.Grains.Tests.Scheduling;

/// <summary>What an operator sees of the scheduler from outside.</summary>
public sealed class MeterTests
{
    [Fact]
    public async Task Sweep_OnTwoWorkers_ShowsQueueLeasesAndReports()
    {
        var counts = new ConcurrentDictionary<string, double>();
        var seen = new ConcurrentDictionary<(string Name, double Value), TaskCompletionSource>();
        using var listener = Listen(counts, seen);
        await using var platform = new PlatformFixture();
        await platform.InitializeAsync();
        var release = new TaskCompletionSource();
        platform.Runner.OnStep("meter", (_, _, stop) => WaitHandle.WaitAny([stop.WaitHandle, ((IAsyncResult)release.Task).AsyncWaitHandle], TimeSpan.FromSeconds(60)));

        await platform.Grains.GetGrain<ISweepGrain>("meter").StartAsync(SweepLifecycleTests.Rates(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), "test");
        await Task.WhenAll(Seen("mltr.scheduler.queue", 5), Seen("mltr.scheduler.leases", 2), Seen("mltr.scheduler.workers", 2)).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        release.TrySetResult();
        await platform.UntilAsync("meter", sweep => sweep.IsFinal);
        await platform.Grains.GetGrain<ITrialReports>("meter/1").ReportAsync(new TrialReport(Epoch: 99));

        Assert.InRange(counts["mltr.scheduler.assignments"], 7, double.MaxValue);
        Assert.InRange(counts["mltr.trials.reports accepted=True"], 7, double.MaxValue);
        Assert.InRange(counts["mltr.trials.reports accepted=False"], 1, double.MaxValue);

        Task Seen(string name, double value) => seen.GetOrAdd((name, value), _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    private static MeterListener Listen(ConcurrentDictionary<string, double> counts, ConcurrentDictionary<(string Name, double Value), TaskCompletionSource> seen)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Meter.Name == SchedulerMeter.Name)
                {
                    own.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => counts.AddOrUpdate(Key(instrument, tags), value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) =>
            seen.GetOrAdd((instrument.Name, value), _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult());
        listener.Start();
        return listener;
    }

    private static string Key(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) => tags.IsEmpty ? instrument.Name : $"{instrument.Name} {tags[0].Key}={tags[0].Value}";
}
