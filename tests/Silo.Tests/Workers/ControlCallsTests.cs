using MlTr.Silo.Workers;

namespace MlTr.Silo.Tests.Workers;

public sealed class ControlCallsTests
{
    [Fact]
    public void Ask_TheControlProcessDies_AsksAgain()
    {
        var calls = 0;

        var answer = ControlCalls.Ask(() => ++calls == 1 ? Task.FromException<int>(new SiloUnavailableException("gone")) : Task.FromResult(7), TestContext.Current.CancellationToken);

        Assert.Equal((7, 2), (answer, calls));
    }

    [Fact]
    public void Ask_AnErrorOfTheQuestionItself_IsTold() =>
        Assert.Throws<KeyNotFoundException>(() => ControlCalls.Ask(() => Task.FromException<int>(new KeyNotFoundException("no such trial")), TestContext.Current.CancellationToken));

    [Fact]
    public void Ask_StoppedMeanwhile_GivesUp()
    {
        using var stop = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() => ControlCalls.Ask(
            () =>
            {
                stop.Cancel();
                return Task.FromException<int>(new SiloUnavailableException("gone"));
            },
            stop.Token));
    }
}
