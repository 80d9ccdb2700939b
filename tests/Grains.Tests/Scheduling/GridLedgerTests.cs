using MlTr.Abstractions.Trials;
using MlTr.Grains.Scheduling;
using MlTr.Grains.Sweeps.Search;
using MlTr.Grains.Tests.Sweeps.Search;

namespace MlTr.Grains.Tests.Scheduling;

/// <summary>
/// The grid and the pool of leases with everything around them taken away but the rows and the rule of epochs, so that thousands of crashes fit into a
/// second: every point of the grid has one row at any time, and one result at the end.
/// </summary>
public sealed class GridLedgerTests
{
    private const int Workers = 3;

    [Fact]
    public void ThousandsOfCrashes_EveryPointHasOneRowAlways_AndOneResultAtTheEnd()
    {
        var crashes = 0;
        for (var seed = 1; seed <= 200; seed++)
        {
            var run = new Simulation(seed);
            run.ToTheEnd();
            Assert.All(run.Results, result => Assert.Equal(1, result.Value));
            Assert.Equal(run.Expected, run.Results.Count);
            crashes += run.Crashes;
        }

        Assert.InRange(crashes, 5_000, int.MaxValue);
    }

    /// <summary>One sweep whose rows are all that outlives a crash.</summary>
    private sealed class Simulation
    {
        private readonly Random _random;
        private readonly Dictionary<int, Row> _rows = [];
        private readonly Lease?[] _held = new Lease?[Workers]; // what each worker believes to hold, also when it is wrong
        private Pool _pool = new();
        private int _crashesLeft = 120;

        public Simulation(int seed)
        {
            _random = new Random(seed);
            var spec = GridSearchTests.Spec([1 + _random.Next(4), 1 + _random.Next(4), 1 + _random.Next(3)]);
            var step = new GridSearch().Start(spec, slots: Workers);
            Expected = spec.Parameters.Aggregate(1, (product, axis) => product * axis.GridValues.Length);
            foreach (var proposal in step.Proposals)
            {
                _rows.Add(proposal.Number, new Row(TrialState.Queued, 0, null)); // fails on a number that is there
            }

            Assert.Equal(Expected, step.Proposals.Select(proposal => SearchSpace.Key(proposal.Parameters)).Distinct(StringComparer.Ordinal).Count());
            Restart();
        }

        public int Expected { get; }

        public int Crashes { get; private set; }

        public Dictionary<int, int> Results { get; } = [];

        public void ToTheEnd()
        {
            for (var moves = 0; _rows.Values.Any(row => row.State != TrialState.Completed); moves++)
            {
                Assert.InRange(moves, 0, 100_000);
                Move(_random.Next(Workers));
                Assert.Equal(Expected, _rows.Count);
            }
        }

        private void Move(int worker)
        {
            switch (_random.Next(8))
            {
                case 0 when _crashesLeft > 0:
                    Crash();
                    Restart(); // the control process: the pool's memory is gone, the workers go on
                    break;
                case 1 when _crashesLeft > 0:
                    Crash();
                    _held[worker] = null; // the worker's process
                    break;
                case 2 when _crashesLeft > 0 && _pool.LeaseOf(Name(worker)) is { } silent:
                    Crash();
                    Lose(silent); // it goes on without knowing that its lease is gone
                    break;
                case < 5 when _held[worker] is null:
                    Ask(worker);
                    break;
                default:
                    End(worker);
                    break;
            }
        }

        private void Ask(int worker)
        {
            if (_pool.LeaseOf(Name(worker)) is { } forgotten)
            {
                Lose(forgotten); // it asks, so it does not run what it is thought to run
            }

            if (_pool.Assign(Name(worker), TimeSpan.Zero) is not { } lease)
            {
                return;
            }

            if (_crashesLeft > 0 && _random.Next(6) == 0)
            {
                Crash();
                Restart(); // between the lease and its beginning
                return;
            }

            var row = _rows[lease.Trial.Number];
            if (lease.Epoch > row.Epoch && row.State != TrialState.Completed)
            {
                _rows[lease.Trial.Number] = new Row(TrialState.Running, lease.Epoch, lease.Worker);
                _held[worker] = lease;
            }
        }

        private void End(int worker)
        {
            if (_held[worker] is not { } lease)
            {
                return;
            }

            _held[worker] = null;
            var (trial, row) = (lease.Trial.Number, _rows[lease.Trial.Number]);
            if (row.Epoch != lease.Epoch || row.State != TrialState.Running)
            {
                return; // fenced
            }

            _rows[trial] = row with { State = TrialState.Completed };
            Results[trial] = Results.GetValueOrDefault(trial) + 1;
            if (_crashesLeft > 0 && _random.Next(6) == 0)
            {
                Crash();
                Restart(); // the result is durable, and the pool was not told
                return;
            }

            _pool.Remove(lease.Trial);
        }

        private void Lose(Lease lease)
        {
            var row = _rows[lease.Trial.Number];
            if (row.State == TrialState.Running && row.Epoch == lease.Epoch)
            {
                _rows[lease.Trial.Number] = row with { State = TrialState.Queued, Worker = null };
            }

            _pool.Requeue(lease);
        }

        private void Restart()
        {
            _pool = new Pool();
            foreach (var (number, row) in _rows)
            {
                var id = new TrialId("s", number);
                if (row.State == TrialState.Running)
                {
                    _pool.Adopt(new Lease(id, row.Worker!, row.Epoch, TimeSpan.Zero, IsInherited: true));
                }
                else if (row.State == TrialState.Queued)
                {
                    _pool.Enqueue(id, row.Epoch, new QueueRules());
                }
            }
        }

        private void Crash()
        {
            _crashesLeft--;
            Crashes++;
        }

        private static string Name(int worker) => $"w{worker}";

        private sealed record Row(TrialState State, long Epoch, string? Worker);
    }
}
