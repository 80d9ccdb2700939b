namespace MlTr.Model.Tests.Training;

/// <summary>Collects garbage without pause while something else happens: what the collector may free too early, it frees.</summary>
internal static class GarbageStorm
{
    public static async Task DuringAsync(Action action)
    {
        using var finished = new CancellationTokenSource();
        var token = finished.Token;
        var collecting = Task.Run(
            () =>
            {
                while (!token.IsCancellationRequested)
                {
                    GC.Collect(0);
                    GC.WaitForPendingFinalizers();
                }
            },
            CancellationToken.None);
        try
        {
            action();
        }
        finally
        {
            await finished.CancelAsync();
            await collecting;
        }
    }
}
