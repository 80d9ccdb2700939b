using System.Collections.Immutable;
using MlTr.Abstractions.Workers;

namespace MlTr.Grains.Workers;

/// <summary>The newest lines of one worker's log. Safe to use from several threads.</summary>
internal sealed class WorkerLogRing
{
    private readonly Lock _gate = new();
    private readonly Queue<WorkerLogLine> _lines = new();
    private long _last;

    /// <summary>The newest line's number; 0 if there was none.</summary>
    public long Last
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    /// <summary>Adds a line; one that is not newer than the newest changes nothing.</summary>
    /// <returns>Whether it was added.</returns>
    public bool Add(WorkerLogLine line)
    {
        lock (_gate)
        {
            if (line.Number <= _last)
            {
                return false;
            }

            _last = line.Number;
            _lines.Enqueue(line);
            if (_lines.Count > WorkerLog.MaxLines)
            {
                _lines.Dequeue();
            }

            return true;
        }
    }

    /// <summary>The kept lines after a number, oldest first.</summary>
    public ImmutableArray<WorkerLogLine> After(long number)
    {
        lock (_gate)
        {
            return _last <= number ? [] : [.. _lines.SkipWhile(line => line.Number <= number)];
        }
    }
}
