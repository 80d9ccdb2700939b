namespace MlTr.Dashboard.Features.Workers;

/// <summary>
/// Says when to read again what the store knows of workers: at first, a moment after something changed (what began then is written by then, and
/// changes that come together are read together), and each minute, since the last hour is another one then.
/// </summary>
internal sealed class HistoryReader(TimeProvider time)
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private TaskCompletionSource _changed = New();

    public void Changed() => _changed.TrySetResult();

    /// <summary>Reads until cancelled. A read that fails is made again with the next one: the page's stream says what is wrong.</summary>
    public async Task RunAsync(Func<Task> readAsync, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await readAsync();
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                Changed();
            }

            await Quiet(Task.WhenAny(_changed.Task, Task.Delay(Longest, time, cancellationToken)));
            _changed = New();
            await Quiet(Task.Delay(Settle, time, cancellationToken));
        }
    }

    private static async Task Quiet(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
