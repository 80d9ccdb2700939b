using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;

namespace MlTr.Grains.Scheduling;

/// <summary>A worker's right to run one trial.</summary>
/// <param name="Epoch">The fencing number: of two leases on a trial, the higher is the newer.</param>
/// <param name="Deadline">Monotonic time at which the lease ends unless renewed.</param>
/// <param name="StopReason">Set once the trial must stop for good.</param>
/// <param name="YieldReason">Set once the trial must stop and wait again.</param>
/// <param name="IsInherited">Known from the trial's row only: its worker has not been heard of since this scheduler began.</param>
internal sealed record Lease(
    TrialId Trial, string Worker, long Epoch, TimeSpan Deadline, string? StopReason = null, string? YieldReason = null, bool IsInherited = false);

/// <summary>How a sweep's trials share the workers.</summary>
/// <param name="MaxParallelTrials">How many may run at once; 0 for any number.</param>
/// <param name="Priority">Trials of a higher priority go first, and take workers from lower ones.</param>
/// <param name="Labels">What a worker must have to run them; see <see cref="WorkerLabels"/>.</param>
[GenerateSerializer, Immutable, Alias("mltr.QueueRules")]
internal sealed record QueueRules([property: Id(0)] int MaxParallelTrials = 0, [property: Id(1)] int Priority = 0, [property: Id(2)] string Labels = "")
{
    public static QueueRules Of(SweepSpec spec) => new(spec.MaxParallelTrials, spec.Priority, spec.WorkerLabels);
}

/// <summary>
/// What a scheduler decides with: who waits, who holds what. Pure bookkeeping, without a clock of its own. Nothing here is durable:
/// it is built again from the trials' rows, whose epoch is what fences.
/// </summary>
internal sealed class Pool
{
    private readonly Dictionary<TrialId, Lease> _leases = [];
    private readonly HashSet<TrialId> _held = [];
    private readonly HashSet<string> _drained = new(StringComparer.Ordinal);
    private readonly Dictionary<TrialId, (long Epoch, TimeSpan Until)> _delayed = [];
    private readonly Dictionary<string, (string Text, ImmutableSortedDictionary<string, string> Labels)> _labels = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SweepQueue> _sweeps = new(StringComparer.Ordinal);

    public IEnumerable<TrialId> Queue => _sweeps.SelectMany(sweep => sweep.Value.Waiting.Keys.Select(number => new TrialId(sweep.Key, number))).Concat(_delayed.Keys);

    public int QueueLength => _sweeps.Sum(sweep => sweep.Value.Waiting.Count) + _delayed.Count;

    public int LeaseCount => _leases.Count;

    public IEnumerable<Lease> Leases => _leases.Values;

    public Lease? LeaseOf(string worker) => _leases.Values.FirstOrDefault(lease => lease.Worker == worker);

    /// <summary>Remembers a worker's labels; one that is not known has none.</summary>
    public void Know(string worker, string labels)
    {
        if (!_labels.TryGetValue(worker, out var known) || known.Text != labels)
        {
            _labels[worker] = (labels, WorkerLabels.Parse(labels));
        }
    }

    /// <summary>Gives a worker no new trial, or some again.</summary>
    public void Drain(string worker, bool isDrained)
    {
        if (isDrained)
        {
            _drained.Add(worker);
        }
        else
        {
            _drained.Remove(worker);
        }
    }

    /// <summary>Whether a worker may get trials that ask for these labels.</summary>
    public bool Takes(string worker, ImmutableSortedDictionary<string, string> wanted) => !_drained.Contains(worker) && Has(worker, wanted);

    /// <summary>Whether a worker has all of these labels.</summary>
    private bool Has(string worker, ImmutableSortedDictionary<string, string> wanted) =>
        wanted.IsEmpty || (_labels.TryGetValue(worker, out var known) && WorkerLabels.Match(wanted, known.Labels));

    /// <summary>Adds a trial that waits; one that is already waiting or leased stays as it is.</summary>
    public void Enqueue(TrialId trial, long epoch, QueueRules rules)
    {
        var sweep = Sweep(trial.SweepId);
        sweep.Rules = rules;
        if (!_leases.ContainsKey(trial) && !_held.Contains(trial) && !_delayed.ContainsKey(trial))
        {
            sweep.Waiting[trial.Number] = Math.Max(epoch, sweep.Waiting.GetValueOrDefault(trial.Number));
        }
    }

    /// <summary>Takes over a lease that a row or a worker tells of, unless a newer one is known.</summary>
    public bool Adopt(Lease lease)
    {
        if (_leases.TryGetValue(lease.Trial, out var known) && (known.Epoch > lease.Epoch || (known.Epoch == lease.Epoch && known.Worker != lease.Worker)))
        {
            return false;
        }

        var sweep = Sweep(lease.Trial.SweepId);
        if (sweep.Waiting.TryGetValue(lease.Trial.Number, out var handedOut) && handedOut > lease.Epoch)
        {
            return false;
        }

        sweep.Waiting.Remove(lease.Trial.Number);
        Put(known is null ? lease : lease with { StopReason = known.StopReason ?? lease.StopReason, YieldReason = known.YieldReason ?? lease.YieldReason });
        return true;
    }

    /// <summary>
    /// Gives a free worker the next trial: of the highest priority, of the sweep with the fewest running trials (fair share), the one with the lowest number;
    /// among sweeps whose labels it has.
    /// </summary>
    public Lease? Assign(string worker, TimeSpan deadline)
    {
        if (Next(worker) is not { } next)
        {
            return null;
        }

        var (number, epoch) = next.Queue.Waiting.First();
        next.Queue.Waiting.Remove(number);
        return Put(new Lease(new TrialId(next.SweepId, number), worker, epoch + 1, deadline));
    }

    /// <summary>
    /// With no worker free: asks running trials of lower priority to give way, one for each waiting trial that they are in the way of.
    /// </summary>
    /// <returns>The leases that were newly asked.</returns>
    public ImmutableArray<Lease> Preempt()
    {
        var asked = ImmutableArray.CreateBuilder<Lease>();
        var free = _leases.Values.Where(lease => lease.YieldReason is not null || lease.StopReason is not null).Select(lease => lease.Worker).ToList();
        foreach (var (sweepId, queue) in _sweeps.Where(sweep => sweep.Value.MayStart).OrderByDescending(sweep => sweep.Value.Rules.Priority))
        {
            var wanted = queue.Rules.MaxParallelTrials > 0 ? Math.Min(queue.Waiting.Count, queue.Rules.MaxParallelTrials - queue.Running) : queue.Waiting.Count;
            for (; wanted > 0; wanted--)
            {
                if (free.Find(worker => Fits(queue, worker)) is { } soon)
                {
                    free.Remove(soon); // a worker on its way to be free will take this one
                    continue;
                }

                var victim = _leases.Values
                    .Where(lease => lease.YieldReason is null && lease.StopReason is null && PriorityOf(lease) < queue.Rules.Priority && Fits(queue, lease.Worker))
                    .OrderBy(PriorityOf).ThenByDescending(lease => lease.Trial.Number).FirstOrDefault();
                if (victim is null)
                {
                    break;
                }

                asked.Add(Put(victim with { YieldReason = $"gave way to sweep {sweepId}, of priority {queue.Rules.Priority} over {PriorityOf(victim)}" }));
            }
        }

        return asked.ToImmutable();
    }

    /// <summary>Renews a lease; false if the worker does not hold it at this epoch.</summary>
    public bool Renew(TrialId trial, string worker, long epoch, TimeSpan deadline)
    {
        if (!_leases.TryGetValue(trial, out var lease) || lease.Worker != worker || lease.Epoch != epoch)
        {
            return false;
        }

        Put(lease with { Deadline = deadline, IsInherited = false });
        return true;
    }

    /// <summary>The lease on a trial.</summary>
    public Lease? Find(TrialId trial) => _leases.GetValueOrDefault(trial);

    /// <summary>Puts a leased trial back into the queue, from which nobody gets it before a moment of the monotonic clock.</summary>
    public void Requeue(Lease lease, TimeSpan notBefore = default)
    {
        if (_leases.TryGetValue(lease.Trial, out var current) && current.Epoch == lease.Epoch)
        {
            Drop(lease.Trial);
            var sweep = Sweep(lease.Trial.SweepId);
            if (notBefore > TimeSpan.Zero)
            {
                _delayed[lease.Trial] = (lease.Epoch, notBefore);
            }
            else if (!_held.Contains(lease.Trial))
            {
                sweep.Waiting[lease.Trial.Number] = lease.Epoch;
            }

            Forget(lease.Trial.SweepId, sweep);
        }
    }

    /// <summary>Lets delayed trials wait for a worker whose time has come.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Wake(TimeSpan now)
    {
        var due = _delayed.Where(delayed => delayed.Value.Until <= now).ToList();
        foreach (var (trial, (epoch, _)) in due)
        {
            _delayed.Remove(trial);
            if (!_held.Contains(trial))
            {
                Sweep(trial.SweepId).Waiting[trial.Number] = epoch;
            }
        }

        return due.Count > 0;
    }

    /// <summary>Takes one trial out of the queue, or marks its lease to give way; it does not wait again until released.</summary>
    public void Hold(TrialId trial, string reason)
    {
        _held.Add(trial);
        if (_leases.TryGetValue(trial, out var lease))
        {
            Put(lease with { YieldReason = reason });
        }
        else if (_sweeps.TryGetValue(trial.SweepId, out var sweep) && sweep.Waiting.Remove(trial.Number))
        {
            Forget(trial.SweepId, sweep);
        }
    }

    /// <summary>Lets a held trial be queued again; one that has not given way yet goes on.</summary>
    public void Release(TrialId trial)
    {
        if (_held.Remove(trial) && _leases.TryGetValue(trial, out var lease))
        {
            Put(lease with { YieldReason = null });
        }
    }

    /// <summary>Forgets a trial that has ended.</summary>
    public void Remove(TrialId trial)
    {
        _held.Remove(trial);
        _delayed.Remove(trial);
        if (_sweeps.TryGetValue(trial.SweepId, out var sweep))
        {
            sweep.Waiting.Remove(trial.Number);
            Drop(trial);
            Forget(trial.SweepId, sweep);
        }
    }

    public ImmutableArray<Lease> Expired(TimeSpan now) => [.. _leases.Values.Where(lease => lease.Deadline <= now)];

    /// <summary>Empties a sweep's queue and marks its leases to stop.</summary>
    public void Stop(string sweepId, string reason)
    {
        foreach (var delayed in _delayed.Keys.Where(trial => trial.SweepId == sweepId).ToList())
        {
            _delayed.Remove(delayed);
        }

        if (_sweeps.TryGetValue(sweepId, out var sweep))
        {
            sweep.Waiting.Clear();
            sweep.IsPaused = false;
            Mark(sweepId, lease => lease with { StopReason = reason });
            Forget(sweepId, sweep);
        }
    }

    /// <summary>Takes one trial out of the queue, or marks its lease to stop.</summary>
    /// <returns>Whether it is leased, and so its worker will stop it.</returns>
    public bool Stop(TrialId trial, string reason)
    {
        if (_leases.TryGetValue(trial, out var lease))
        {
            Put(lease with { StopReason = reason });
            return true;
        }

        Remove(trial);
        return false;
    }

    /// <summary>Starts no trial of a sweep, and marks its leases to give way.</summary>
    public void Pause(string sweepId, string reason)
    {
        Sweep(sweepId).IsPaused = true;
        Mark(sweepId, lease => lease with { YieldReason = reason });
    }

    /// <summary>Starts trials of a sweep again; those that have not given way yet go on.</summary>
    public void Resume(string sweepId)
    {
        if (_sweeps.TryGetValue(sweepId, out var sweep))
        {
            sweep.IsPaused = false;
            Mark(sweepId, lease => lease with { YieldReason = null });
            Forget(sweepId, sweep);
        }
    }

    /// <summary>Why a trial waits, in words.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="workers">The workers that have called in.</param>
    /// <param name="idle">Those that run nothing.</param>
    public string WaitReason(TrialId trial, IReadOnlyCollection<string> workers, IReadOnlyCollection<string> idle) => _sweeps.GetValueOrDefault(trial.SweepId) switch
    {
        { IsPaused: true } => "its sweep is paused",
        _ when _delayed.ContainsKey(trial) => "is tried again after a delay",
        _ when workers.Count == 0 => "no worker has called in yet",
        { } sweep when !workers.Any(worker => Fits(sweep, worker)) && workers.Any(worker => Has(worker, sweep.Wanted)) => "every worker that could run it is drained",
        { } sweep when !workers.Any(worker => Fits(sweep, worker)) => $"no worker has the labels {sweep.Rules.Labels}",
        { IsAtLimit: true } sweep => $"its sweep runs at most {sweep.Rules.MaxParallelTrials} trials at once",
        { } sweep when idle.Any(worker => Fits(sweep, worker)) => "about to start",
        { } sweep when _leases.Values.Any(lease => PriorityOf(lease) > sweep.Rules.Priority) => "workers are busy with trials of higher priority",
        { Wanted.IsEmpty: false } sweep => $"every worker with the labels {sweep.Rules.Labels} is busy",
        _ => "every worker is busy",
    };

    private (string SweepId, SweepQueue Queue)? Next(string worker)
    {
        (string SweepId, SweepQueue Queue)? best = null;
        foreach (var (sweepId, queue) in _sweeps)
        {
            if (queue.MayStart && Fits(queue, worker) && (best is not { } known || queue.Rules.Priority > known.Queue.Rules.Priority
                || (queue.Rules.Priority == known.Queue.Rules.Priority && queue.Running < known.Queue.Running)))
            {
                best = (sweepId, queue);
            }
        }

        return best;
    }

    private bool Fits(SweepQueue queue, string worker) => Takes(worker, queue.Wanted);

    private int PriorityOf(Lease lease) => _sweeps.GetValueOrDefault(lease.Trial.SweepId)?.Rules.Priority ?? 0;

    private Lease Put(Lease lease)
    {
        if (!_leases.ContainsKey(lease.Trial))
        {
            Sweep(lease.Trial.SweepId).Running++;
        }

        return _leases[lease.Trial] = lease;
    }

    private void Drop(TrialId trial)
    {
        if (_leases.Remove(trial))
        {
            Sweep(trial.SweepId).Running--;
        }
    }

    private void Mark(string sweepId, Func<Lease, Lease> mark)
    {
        foreach (var lease in _leases.Values.Where(lease => lease.Trial.SweepId == sweepId).ToList())
        {
            _leases[lease.Trial] = mark(lease);
        }
    }

    private SweepQueue Sweep(string id) => _sweeps.TryGetValue(id, out var known) ? known : _sweeps[id] = new SweepQueue();

    private void Forget(string id, SweepQueue sweep)
    {
        if (sweep is { Running: 0, Waiting.Count: 0, IsPaused: false } && !_delayed.Keys.Any(trial => trial.SweepId == id)) // which keeps the rules
        {
            _sweeps.Remove(id);
        }
    }

    private sealed class SweepQueue
    {
        /// <summary>Number of a waiting trial -> the highest epoch handed out so far.</summary>
        public SortedDictionary<int, long> Waiting { get; } = [];

        public QueueRules Rules
        {
            get;
            set => (field, Wanted) = (value, WorkerLabels.Parse(value.Labels));
        } = new();

        /// <summary>The labels of the rules.</summary>
        public ImmutableSortedDictionary<string, string> Wanted { get; private set; } = ImmutableSortedDictionary<string, string>.Empty;

        public int Running { get; set; }

        public bool IsPaused { get; set; }

        public bool IsAtLimit => Rules.MaxParallelTrials > 0 && Running >= Rules.MaxParallelTrials;

        public bool MayStart => Waiting.Count > 0 && !IsPaused && !IsAtLimit;
    }
}
