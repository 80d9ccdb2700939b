using System.Threading.Channels;

namespace MlTr.Grains.Storage;

/// <summary>
/// The only writer of this process. Writes that wait at the same moment share one commit, and so one wait for the disk; each runs under a savepoint of
/// its own, so that one that fails (a stale version) fails alone. A write's task completes after the commit, never before.
/// </summary>
internal sealed class GroupWriter : IAsyncDisposable
{
    private const int MaxWaiting = 4_096;
    private const int MaxGroup = 512; // bounds how long the first of a group waits for the last

    private readonly Channel<Pending> _waiting = Channel.CreateBounded<Pending>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly StoreDialect _dialect;
    private readonly TimeProvider _clock;
    private readonly Task _loop;
    private WriteSession _session;

    /// <summary>Opens the writer's connection and starts.</summary>
    public GroupWriter(StoreDialect dialect, TimeProvider clock)
    {
        (_dialect, _clock, _session) = (dialect, clock, new WriteSession(dialect));
        // A thread of its own: it waits for the disk, and must not take a pool thread from the grains for that.
        _loop = Task.Factory.StartNew(Loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Runs the write in the next group. Cancelling works until its turn comes; from then on the write's outcome is told.</summary>
    public async Task RunAsync(Action<WriteSession> write, CancellationToken cancellationToken)
    {
        var pending = new Pending(write, cancellationToken);
        try
        {
            await _waiting.Writer.WriteAsync(pending, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(IExperimentStore), "The store is closed: the host is stopping.");
        }

        await pending.Done.Task;
    }

    /// <summary>Finishes what waits and closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_waiting.Writer.TryComplete())
        {
            await _loop;
        }
    }

    private void Loop()
    {
        var group = new List<Pending>(MaxGroup);
        while (_waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (group.Count < MaxGroup && _waiting.Reader.TryRead(out var pending))
            {
                if (!pending.TryCancel())
                {
                    group.Add(pending);
                }
            }

            if (group.Count > 0)
            {
                Write(group);
                group.Clear();
            }
        }

        Close();
    }

    private void Write(List<Pending> group)
    {
        var started = _clock.GetTimestamp();
        try
        {
            if (_session.IsLost)
            {
                Reopen();
            }

            _session.PointsInserted = 0;
            _session.Execute(_dialect.BeginWrite);
            foreach (var pending in group)
            {
                WriteOne(pending);
            }

            _session.Execute("COMMIT");
        }
#pragma warning disable CA1031 // whatever it is, it belongs to the waiting writes, and the writer must go on
        catch (Exception error)
#pragma warning restore CA1031
        {
            RollBack();
            foreach (var pending in group)
            {
                pending.Done.SetException(_dialect.Translate(error));
            }

            return;
        }

        Record(group, started);
        foreach (var pending in group)
        {
            pending.Complete();
        }
    }

    private void WriteOne(Pending pending)
    {
        var pointsBefore = _session.PointsInserted;
        _session.Execute("SAVEPOINT one");
        try
        {
            pending.Write(_session);
            _session.Execute("RELEASE one");
            _session.Context.ChangeTracker.Clear();
        }
        catch (Exception error) when (_session.IsInTransaction)
        {
            // Told only after the commit: the others' fate may still change what is true.
            pending.Failure = _dialect.Translate(error);
            _session.Execute("ROLLBACK TO one");
            _session.Execute("RELEASE one");
            _session.Forget();
            _session.PointsInserted = pointsBefore;
        }
    }

    private void Reopen()
    {
        var session = new WriteSession(_dialect);
        _session.Dispose();
        _session = session;
    }

    private void RollBack()
    {
        try
        {
            if (_session.IsInTransaction)
            {
                _session.Execute("ROLLBACK");
            }
        }
#pragma warning disable CA1031 // the first error is the one to tell; the next BEGIN shows whether this one lasts
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        _session.Forget();
    }

    private void Record(List<Pending> group, long started)
    {
        StoreMeter.Commits.Add(1);
        StoreMeter.WritesPerCommit.Record(group.Count);
        StoreMeter.CommitDuration.Record(_clock.GetElapsedTime(started).TotalSeconds);
        StoreMeter.PointsWritten.Add(_session.PointsInserted);
    }

    private void Close()
    {
        using var session = _session;
        _dialect.BeforeClose(session.Connection);
    }

    private sealed class Pending(Action<WriteSession> write, CancellationToken cancellationToken)
    {
        public Action<WriteSession> Write => write;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Exception? Failure { get; set; }

        public bool TryCancel() => cancellationToken.IsCancellationRequested && Done.TrySetCanceled(cancellationToken);

        public void Complete()
        {
            if (Failure is null)
            {
                Done.SetResult();
            }
            else
            {
                Done.SetException(Failure);
            }
        }
    }
}
