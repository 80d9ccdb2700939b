using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Tests.Predictions;

public sealed class PredictionsGrainTests(PlatformFixture platform)
{
    [Fact]
    public async Task Start_ComputesOnce_TellsHowFarItIs_AndAnswersFromWhatItHas()
    {
        var (client, trial) = (platform.Client, await TrialAsync());
        var goOn = new TaskCompletionSource();
        platform.Predictor.Before(trial, () => goOn.Task);
        Assert.Equal(PredictionsState.None, (await client.GetPredictionsAsync(trial)).State);
        await Assert.ThrowsAsync<PredictionsException>(() => client.GetPredictedPicturesAsync(trial, new PredictionQuery()));

        await client.StartPredictionsAsync(trial);
        await client.StartPredictionsAsync(trial); // asked twice, computed once
        var running = await UntilAsync(trial, state => state.Progress > 0);
        goOn.SetResult();
        var ready = await UntilAsync(trial, state => state.State == PredictionsState.Ready);

        Assert.Equal((PredictionsState.Running, 0.5), (running.State, running.Progress));
        Assert.Equal((10, "marks", "validation", 2), (ready.Step, ready.Dataset, ready.Split, ready.Pictures));
        Assert.Equal(1, platform.Predictor.Computed[trial]);
        Assert.Equal("b.png", Assert.Single((await client.GetPredictedPicturesAsync(trial, new PredictionQuery(0, PredictionFilter.FalseNegatives))).Pictures).Path);
        Assert.Equal(1, Assert.Single(await client.GetSimilarPicturesAsync(trial, 0)).Picture.Index);
        Assert.Equal("image/png", (await client.GetHeatMapAsync(trial, 0, 0)).MediaType);
        await Assert.ThrowsAsync<PredictionsException>(() => client.GetHeatMapAsync(trial, 2, 0));
        await Assert.ThrowsAsync<PredictionsException>(() => client.GetHeatMapAsync(trial, 0, 1));
        await Assert.ThrowsAsync<PredictionsException>(() => client.GetPredictedPicturesAsync(trial, new PredictionQuery(1)));
    }

    [Fact]
    public async Task Start_WhatFails_SaysWhy_AndMayBeTriedAgain()
    {
        var (client, trial) = (platform.Client, await TrialAsync());
        platform.Predictor.Before(trial, () => throw new PredictionsException("no checkpoint"));
        await client.StartPredictionsAsync(trial);
        var failed = await UntilAsync(trial, state => state.State == PredictionsState.Failed);

        platform.Predictor.Before(trial, () => Task.CompletedTask);
        await client.StartPredictionsAsync(trial);

        Assert.Equal("no checkpoint", failed.Problem);
        await UntilAsync(trial, state => state.State == PredictionsState.Ready);
    }

    [Fact]
    public async Task Watch_EachChange_IsPushed()
    {
        var trial = await TrialAsync();
        var goOn = new TaskCompletionSource();
        platform.Predictor.Before(trial, () => goOn.Task);
        await using var watch = new Watch<PredictionsSnapshot>(limit => platform.Client.WatchPredictionsAsync(trial, limit));
        var first = await watch.NextAsync();

        await platform.Client.StartPredictionsAsync(trial);
        var running = await watch.UntilAsync(state => state.State == PredictionsState.Running);
        goOn.SetResult();
        var ready = await watch.UntilAsync(state => state.State == PredictionsState.Ready);

        Assert.Equal((PredictionsState.None, 0.5, 2), (first.State, running.Progress, ready.Pictures));
    }

    [Fact]
    public async Task Watch_NoSuchTrial_SaysSo()
    {
        await using var watch = new Watch<PredictionsSnapshot>(limit => platform.Client.WatchPredictionsAsync(new TrialId("no-such-sweep", 1), limit));

        await Assert.ThrowsAsync<KeyNotFoundException>(watch.NextAsync);
    }

    [Fact]
    public async Task Get_NoSuchTrial_SaysSo() => await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.GetPredictionsAsync(new TrialId("no-such-sweep", 1)));

    [Fact]
    public async Task Predict_ATooLargePicture_IsRefused()
    {
        var error = await Assert.ThrowsAsync<PredictionsException>(() => platform.Client.PredictPictureAsync(new TrialId("any", 1), [.. new byte[OwnPrediction.MaxBytes + 1]]));

        Assert.Contains("10 MiB", error.Message, StringComparison.Ordinal);
    }

    private async Task<TrialId> TrialAsync()
    {
        var sweep = await platform.Client.StartSweepAsync(SweepTemplates.FirstSweep, "test");
        await platform.UntilAsync(sweep, one => one.IsFinal);
        return new TrialId(sweep, 1);
    }

    private async Task<PredictionsSnapshot> UntilAsync(TrialId trial, Func<PredictionsSnapshot, bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var now = await platform.Client.GetPredictionsAsync(trial);
            if (condition(now))
            {
                return now;
            }

            await Task.Delay(20, limit.Token);
        }
    }
}
