using MlTr.Silo.Workers;

namespace MlTr.Silo.Hosting;

/// <summary>
/// Ends a silo that the others took for dead, because it was cut off or had no time for too long: it can never join again as itself. Whoever looks
/// after the process starts it again. The runtime's own way ends with a dump of its stack.
/// </summary>
internal sealed class CutOff : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        if (context?.Contains("told I am dead", StringComparison.Ordinal) != true)
        {
            Environment.FailFast($"{sender}: {context}", exception);
        }

        Console.Error.WriteLine("The other processes of the cluster could not reach this one for too long and go on without it: it ends here, to be started again.");
        ParentWatch.ExitNow();
    }
}
