namespace MlTr.Grains.Tests;

/// <summary>A stream that a test reads step by step, for a minute at most.</summary>
internal sealed class Watch<T> : IAsyncDisposable
{
    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly IAsyncEnumerator<T> _items;

    public Watch(Func<CancellationToken, IAsyncEnumerable<T>> watch)
    {
        _limit.CancelAfter(TimeSpan.FromSeconds(60));
        _items = watch(_limit.Token).GetAsyncEnumerator(_limit.Token);
    }

    public async Task<T> NextAsync() => await _items.MoveNextAsync() ? _items.Current : throw new InvalidOperationException("The stream has ended.");

    /// <summary>The next item that satisfies the condition.</summary>
    public async Task<T> UntilAsync(Func<T, bool> condition)
    {
        while (true)
        {
            if (await NextAsync() is var item && condition(item))
            {
                return item;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _limit.CancelAsync();
        await _items.DisposeAsync();
        _limit.Dispose();
    }
}
