using System.Collections.Immutable;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Tests.Storage;
using MlTr.Grains.Trials;
using Orleans.Core.Internal;

namespace MlTr.Grains.Tests.Trials;

/// <summary>Whoever follows a log sees each line once and in order, whenever they begin to look.</summary>
public sealed class LogStreamTests(PlatformFixture platform)
{
    private const long Epoch = 100; // above any that the row has

    private readonly TrialId _id = new($"log-{Guid.NewGuid():N}", 1);

    private ITrialReports Trial => platform.Grains.GetGrain<ITrialReports>(_id.ToString());

    [Fact]
    public async Task WatchLog_ReportsArriveBetweenLoadAndWatch_NoLineIsMissingAndNoneComesTwice()
    {
        const int Before = 2_300, All = 3_000; // more than two pages are there before anybody looks
        await BeginAsync();
        await ReportAsync(1, Before);

        var watching = Task.WhenAll(new[] { 0, 0, 999, 1_000, 2_299, 2_300 }.Select(after => ReadAsync(after, All)));
        for (var number = Before + 1; number <= All; number += 10)
        {
            await ReportAsync(number, 10);
            await ReportAsync(number, 10); // a repeat: the answer to the first was lost
        }

        foreach (var (after, lines) in new[] { 0, 0, 999, 1_000, 2_299, 2_300 }.Zip(await watching))
        {
            Assert.Equal(Enumerable.Range(after + 1, All - after), lines.Select(line => line.Number));
        }
    }

    [Fact]
    public async Task WatchLog_NothingLogged_SaysSo_AndBringsTheFirstLine()
    {
        await BeginAsync();
        await using var watch = new Watch<ImmutableArray<LogLine>>(limit => platform.Client.WatchLogAsync(_id, cancellationToken: limit));
        Assert.Empty(await watch.NextAsync());

        await ReportAsync(1, 1);

        Assert.Equal("line 3.1", Assert.Single(await watch.NextAsync()).Text);
    }

    [Fact]
    public async Task WatchLog_TheActivationEnds_WatchedAgainFromTheLastLineNothingIsMissing()
    {
        await BeginAsync();
        await ReportAsync(1, 5);
        await using (var watch = new Watch<ImmutableArray<LogLine>>(limit => platform.Client.WatchLogAsync(_id, cancellationToken: limit)))
        {
            Assert.Equal(5, (await watch.NextAsync()).Length);
            await platform.Grains.GetGrain<ITrialGrain>(_id.ToString()).AsReference<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken);
            await ReportAsync(6, 2);
            await Assert.ThrowsAnyAsync<Exception>(() => watch.UntilAsync(_ => false)); // the stream has ended with its activation
        }

        Assert.Equal([6, 7], (await ReadAsync(5, 7)).Select(line => line.Number));
    }

    [Fact]
    public async Task WatchLog_NoSuchTrial_SaysSo()
    {
        await using var watch = new Watch<ImmutableArray<LogLine>>(limit => platform.Client.WatchLogAsync(new TrialId("no-such-sweep", 1), cancellationToken: limit));

        await Assert.ThrowsAsync<KeyNotFoundException>(watch.NextAsync);
    }

    private async Task BeginAsync()
    {
        await platform.Store.SaveSweepAsync(SomeRow.Sweep(_id.SweepId), [SomeRow.Trial(_id.SweepId, 1)], [], TestContext.Current.CancellationToken);
        Assert.Equal(3, (await Trial.BeginAsync(Epoch, "w", "cpu"))!.Attempt);
    }

    private async Task ReportAsync(int from, int count) => Assert.Equal(
        TrialDirective.Continue,
        await Trial.ReportAsync(new TrialReport(Epoch) { LogLines = [.. Enumerable.Range(from, count).Select(number => SomeRow.Line(3, number))] }));

    private async Task<List<LogLine>> ReadAsync(int after, int until)
    {
        var lines = new List<LogLine>();
        await using var watch = new Watch<ImmutableArray<LogLine>>(limit => platform.Client.WatchLogAsync(_id, after == 0 ? 0 : 3, after, limit));
        while (lines.Count == 0 || lines[^1].Number < until)
        {
            lines.AddRange(await watch.NextAsync());
        }

        return lines;
    }
}
