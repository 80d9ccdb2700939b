using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Trials;

/// <summary>Checkpoints for download.</summary>
internal static class CheckpointEndpoint
{
    /// <summary>Where a checkpoint is served.</summary>
    public static string Href(TrialId trial, CheckpointSnapshot checkpoint) =>
        FormattableString.Invariant($"/api/sweeps/{Uri.EscapeDataString(trial.SweepId)}/trials/{trial.Number}/checkpoints/{checkpoint.Attempt}/{checkpoint.Step}.zip");

    /// <summary>What the archive is called.</summary>
    public static string FileName(TrialId trial, long step) => FormattableString.Invariant($"{trial.SweepId}-trial-{trial.Number}-step-{step}.zip");

    public static void MapCheckpoints(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/sweeps/{sweep}/trials/{number:int}/checkpoints/{attempt:int}/{step:long}.zip", GetAsync);

    internal static Task<IResult> GetAsync(string sweep, int number, int attempt, long step, IMlTrClient client, HttpContext context)
    {
        var trial = new TrialId(sweep, number);
        return ZipDownload.SendAsync(client.ReadCheckpointAsync(trial, attempt, step, context.RequestAborted), FileName(trial, step), context);
    }
}
