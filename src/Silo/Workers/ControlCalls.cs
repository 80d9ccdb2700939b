namespace MlTr.Silo.Workers;

/// <summary>Questions of a worker's training thread to the control process.</summary>
internal static class ControlCalls
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// Asks until there is an answer: that the control process dies in this moment is no fault of the trial, whose lease is what decides whether it goes on.
    /// </summary>
    /// <exception cref="OperationCanceledException">The trial was stopped meanwhile.</exception>
    public static T Ask<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return call().WaitAsync(cancellationToken).GetAwaiter().GetResult();
            }
            catch (Exception error) when (error is OrleansException or TimeoutException)
            {
                cancellationToken.WaitHandle.WaitOne(Pause);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
