using System.Runtime.CompilerServices;

namespace MlTr.Silo.Cli.Platform;

/// <summary>Follows a stream beyond a move of its grain.</summary>
internal static class Following
{
    /// <summary>The stream's items; it ends with the activation that it came from, and starts again with what is there then.</summary>
    public static async IAsyncEnumerable<T> AgainAsync<T>(Func<CancellationToken, IAsyncEnumerable<T>> watch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var changes = watch(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await changes.MoveNextAsync())
                    {
                        yield break;
                    }
                }
                catch (Exception error) when (error is EnumerationAbortedException or OrleansException && !cancellationToken.IsCancellationRequested)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(300), cancellationToken);
                    break;
                }

                yield return changes.Current;
            }
        }
    }
}
