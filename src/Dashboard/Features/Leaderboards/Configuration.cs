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
}
