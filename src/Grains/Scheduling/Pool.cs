using System.Collections.Immutable;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Scheduling;

/// <summary>A worker's right to run one trial.</summary>
/// <param name="Epoch">The fencing number: of two leases on a trial, the higher is the newer.</param>
/// <param name="Deadline">Monotonic time at which the lease ends unless renewed.</param>
/// <param name="StopReason">Set once the trial must stop.</param>
internal sealed record Lease(TrialId Trial, string Worker, long Epoch, TimeSpan Deadline, string? StopReason = null);

/// <summary>
/// What a scheduler decides with: who waits, who holds what. Pure bookkeeping, without a clock of its own. Nothing here is durable:
/// it is built again from the trials' rows, whose epoch is what fences.
/// </summary>
internal sealed class Pool
{
    private readonly Dictionary<TrialId, long> _queue = []; // trial -> the highest epoch handed out so far
    private readonly Dictionary<TrialId, Lease> _leases = [];
    private readonly Dictionary<string, int> _limits = new(StringComparer.Ordinal);

    public IEnumerable<TrialId> Queue => _queue.Keys.OrderBy(trial => trial.SweepId, StringComparer.Ordinal).ThenBy(trial => trial.Number);

    public IEnumerable<Lease> Leases => _leases.Values;

    public Lease? LeaseOf(string worker) => _leases.Values.FirstOrDefault(lease => lease.Worker == worker);

    /// <summary>Adds a trial that waits; one that is already waiting or leased stays as it is.</summary>
    public void Enqueue(TrialId trial, long epoch, int maxParallelTrials)
    {
        _limits[trial.SweepId] = maxParallelTrials;
        if (!_leases.ContainsKey(trial))
        {
            _queue[trial] = Math.Max(epoch, _queue.GetValueOrDefault(trial));
        }
    }

    /// <summary>Takes over a lease that a row or a worker tells of, unless a newer one is known.</summary>
    public bool Adopt(Lease lease)
    {
        if (_leases.TryGetValue(lease.Trial, out var known) && (known.Epoch > lease.Epoch || (known.Epoch == lease.Epoch && known.Worker != lease.Worker)))
        {
            return false;
        }

        if (_queue.TryGetValue(lease.Trial, out var handedOut) && handedOut > lease.Epoch)
        {
            return false;
        }

        _queue.Remove(lease.Trial);
        _leases[lease.Trial] = known is null ? lease : lease with { StopReason = known.StopReason ?? lease.StopReason };
        return true;
    }

    /// <summary>
    /// Gives a free worker the next trial: of the sweep with the fewest running trials (fair share), the one with the lowest number.
    /// </summary>
    public Lease? Assign(string worker, TimeSpan deadline)
    {
        var running = _leases.Keys.CountBy(trial => trial.SweepId).ToDictionary(StringComparer.Ordinal);
        var next = _queue.Keys
            .Where(trial => !IsAtLimit(trial.SweepId, running))
            .OrderBy(trial => running.GetValueOrDefault(trial.SweepId))
            .ThenBy(trial => trial.SweepId, StringComparer.Ordinal)
            .ThenBy(trial => trial.Number)
            .Cast<TrialId?>()
            .FirstOrDefault();
        if (next is not { } chosen)
        {
            return null;
        }

        _queue.Remove(chosen, out var epoch);
        return _leases[chosen] = new Lease(chosen, worker, epoch + 1, deadline);
    }

    /// <summary>Renews a lease; false if the worker does not hold it at this epoch.</summary>
    public bool Renew(TrialId trial, string worker, long epoch, TimeSpan deadline)
    {
        if (!_leases.TryGetValue(trial, out var lease) || lease.Worker != worker || lease.Epoch != epoch)
        {
            return false;
        }

        _leases[trial] = lease with { Deadline = deadline };
        return true;
    }

    /// <summary>Puts a leased trial back into the queue.</summary>
    public void Requeue(Lease lease)
    {
        if (_leases.TryGetValue(lease.Trial, out var current) && current.Epoch == lease.Epoch)
        {
            _leases.Remove(lease.Trial);
            _queue[lease.Trial] = lease.Epoch;
        }
    }

    /// <summary>Forgets a trial that has ended.</summary>
    public void Remove(TrialId trial)
    {
        _queue.Remove(trial);
        _leases.Remove(trial);
    }

    public ImmutableArray<Lease> Expired(TimeSpan now) => [.. _leases.Values.Where(lease => lease.Deadline <= now)];

    /// <summary>Empties a sweep's queue and marks its leases to stop.</summary>
    public void Stop(string sweepId, string reason)
    {
        foreach (var trial in _queue.Keys.Where(trial => trial.SweepId == sweepId).ToList())
        {
            _queue.Remove(trial);
        }

        foreach (var lease in _leases.Values.Where(lease => lease.Trial.SweepId == sweepId).ToList())
        {
            _leases[lease.Trial] = lease with { StopReason = reason };
        }
    }

    /// <summary>Why a trial waits, in words.</summary>
    public string WaitReason(TrialId trial, int workers, int idle)
    {
        var running = _leases.Keys.CountBy(leased => leased.SweepId).ToDictionary(StringComparer.Ordinal);
        return workers == 0 ? "no worker has called in yet"
            : IsAtLimit(trial.SweepId, running) ? $"its sweep runs at most {_limits[trial.SweepId]} trials at once"
            : idle > 0 ? "about to start"
            : "every worker is busy";
    }

    private bool IsAtLimit(string sweepId, Dictionary<string, int> running) =>
        _limits.GetValueOrDefault(sweepId) is > 0 and var limit && running.GetValueOrDefault(sweepId) >= limit;
}
