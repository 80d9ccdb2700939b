using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Sweeps;

/// <summary>Works out how long a sweep takes from how long trials took: pictures a second for each size of the network and of its pictures.</summary>
internal static class SweepTimes
{
    /// <summary>As many configurations as are looked at: more of them change the mean by little.</summary>
    private const int Most = 2_000;

    /// <summary>The speed of each kind of trial that was timed.</summary>
    public static ImmutableDictionary<NetworkKind, KindSpeed> Speeds(ImmutableArray<TimedTrial> measured) => measured
        .Where(trial => trial.Steps > 0 && trial.Duration > TimeSpan.Zero)
        .Select(trial => (trial.Steps, trial.Duration, All: HyperParameters.Complete(trial.Parameters)))
        .GroupBy(trial => NetworkKind.Of(trial.All), trial => trial.Steps * (double)trial.All["batch_size"].AsInt / trial.Duration.TotalSeconds)
        .ToImmutableDictionary(group => group.Key, group => new KindSpeed(Median(group), group.Count()));

    /// <param name="spec">A spec without errors.</param>
    /// <param name="pictures">Pictures of a training pass; null if that is not known.</param>
    /// <param name="workers">Workers that may run its trials.</param>
    /// <param name="speeds">What has been measured, of any sweep.</param>
    public static SweepEstimate Estimate(SweepSpec spec, int? pictures, int workers, ImmutableDictionary<NetworkKind, KindSpeed> speeds)
    {
        var count = spec.CountTrials();
        var parallel = (int)Math.Min(Math.Max(count, 1), Math.Max(1, spec.MaxParallelTrials > 0 ? Math.Min(workers, spec.MaxParallelTrials) : workers));
        var configurations = Configurations(spec).Select(HyperParameters.Complete).Select(all => (Kind: NetworkKind.Of(all), Passes: all[HyperParameters.Passes].AsInt)).ToList();
        var kinds = configurations.Select(one => one.Kind).Distinct().ToList();
        var unknown = pictures is null ? $"How many pictures {spec.Dataset} has is known once it was read, when its first sweep starts."
            : kinds.FirstOrDefault(kind => !speeds.ContainsKey(kind)) is { } never ? $"No trial of {never} has run here to its end yet."
            : configurations.Count == 0 ? "No configuration meets the constraints."
            : null;
        if (unknown is not null)
        {
            return new SweepEstimate(null, null, 0, workers, spec.Stopping is { Kind: not StoppingKind.None }, unknown);
        }

        var trial = TimeSpan.FromSeconds(configurations.Average(one => pictures!.Value * (double)one.Passes / speeds[one.Kind].PicturesPerSecond));
        return new SweepEstimate(
            trial * Math.Ceiling((double)count / parallel), trial, kinds.Sum(kind => speeds[kind].Trials), workers, spec.Stopping is { Kind: not StoppingKind.None }, Unknown: null);
    }

    private static double Median(IEnumerable<double> values)
    {
        List<double> sorted = [.. values.Order()];
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>Configurations that the sweep runs: the grid's own, or draws like those of its search.</summary>
    private static IEnumerable<ImmutableSortedDictionary<string, ParameterValue>> Configurations(SweepSpec spec)
    {
        if (spec.Search.Kind == SearchKind.Grid)
        {
            var (share, chance) = ((double)Most / Math.Max(1, spec.CountTrials()), new Random(1)); // by chance: every so-manieth point could have the same value of an axis
            return ParameterGrid.Points(spec).Where(_ => share >= 1 || chance.NextDouble() < share);
        }

        var (rules, random) = (new ConfigurationRules(spec), new Random(1));
        return Enumerable.Range(0, Most).Select(_ => rules.Draw(random)).Where(rules.Allows);
    }
}

/// <summary>How fast trials of one kind were.</summary>
/// <param name="PicturesPerSecond">The median; start and validation included.</param>
/// <param name="Trials">How many there are.</param>
internal sealed record KindSpeed(double PicturesPerSecond, int Trials);

/// <summary>What a trial's speed depends on most.</summary>
internal sealed record NetworkKind(string Variant, long ImageSize, string Precision)
{
    /// <param name="all">Every hyper-parameter, also those left at their default.</param>
    public static NetworkKind Of(ImmutableSortedDictionary<string, ParameterValue> all) => new(all["variant"].AsText, all["image_size"].AsInt, all["precision"].AsText);

    public override string ToString() => $"{Variant} at {(ImageSize == 0 ? "its own picture size" : FormattableString.Invariant($"{ImageSize} px"))} in {Precision}";
}
