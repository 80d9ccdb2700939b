using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace MlTr.Grains;

/// <summary>Hands what a grain publishes to everybody who watches it. Used on the grain's own turns only.</summary>
internal sealed class LiveHub<T>
{
    // A watcher this far behind is cut off and must ask again: it must not hold the grain's memory.
    private const int Backlog = 10_000;

    private readonly List<Channel<T>> _watchers = [];

    public bool HasWatchers => _watchers.Count > 0;

    public void Publish(T item)
    {
        for (var index = _watchers.Count - 1; index >= 0; index--)
        {
            if (!_watchers[index].Writer.TryWrite(item))
            {
                _watchers[index].Writer.TryComplete(new InvalidOperationException("The watcher fell too far behind; watch again."));
                _watchers.RemoveAt(index);
            }
        }
    }

    /// <summary>Ends every stream; with an error if there is a reason. Whoever follows watches again.</summary>
    public void End(Exception? error = null)
    {
        foreach (var watcher in _watchers)
        {
            watcher.Writer.TryComplete(error);
        }

        _watchers.Clear();
    }

    /// <summary>The given items first, then everything published from now on.</summary>
    public IAsyncEnumerable<T> WatchAsync(IEnumerable<T> first, CancellationToken cancellationToken) => WatchAsync(first.ToAsyncEnumerable(), cancellationToken);

    /// <summary>
    /// What is asked for first, then everything published from now on. What cannot be answered, as of a thing that is not there, is said by the stream as it
    /// begins: a grain method that throws before it returns its stream leaves Orleans without one to close, of which it warns.
    /// </summary>
    public async IAsyncEnumerable<T> WatchAsync(Func<IEnumerable<T>> first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in WatchAsync(first(), cancellationToken))
        {
            yield return item;
        }
    }

    /// <summary>What is read first, then everything published since the reading began: what is published meanwhile comes after it, and perhaps twice.</summary>
    public async IAsyncEnumerable<T> WatchAsync(IAsyncEnumerable<T> first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<T>(Backlog);
        _watchers.Add(channel);
        try
        {
            await foreach (var item in first.WithCancellation(cancellationToken))
            {
                yield return item;
            }

            await foreach (var item in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return item;
            }
        }
        finally
        {
            _watchers.Remove(channel);
        }
    }
}
