using System.Globalization;
using System.Text.Json;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>A trial's configuration for use elsewhere.</summary>
internal static class Configuration
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    /// <summary>All hyper-parameters, also those left at their default: a default may change in a later version.</summary>
    public static string Json(TrialSnapshot trial) => JsonSerializer.Serialize(HyperParameters.Complete(trial.Parameters), Readable);

    /// <summary>A sweep of this one trial: the same network, data and seed again, whatever the defaults are by then.</summary>
    public static SweepSpec AsSweep(TrialSnapshot trial, SweepSpec sweep) => sweep with
    {
        Name = Cut($"{sweep.Name}, trial {trial.Id.Number.ToString(CultureInfo.InvariantCulture)}"),
        Parameters = [.. HyperParameters.Complete(trial.Parameters).Select(pair => new ChoiceParameter(pair.Key, [pair.Value]))],
        Search = new SearchSpec(SearchKind.Grid),
        MaxParallelTrials = 0,
        Stopping = null,
        Constraints = [],
    };

    private static string Cut(string name) => name.Length <= SweepValidator.MaxNameLength ? name : name[^SweepValidator.MaxNameLength..];
}
