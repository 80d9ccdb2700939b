using System.Collections.Immutable;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Silo.Cli.Platform;
using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Cli;

/// <summary>Runs the first sweep through the typed client and shows it in the terminal.</summary>
internal sealed class Demo(IMlTrClient client, IAnsiConsole console)
{
    private static readonly ImmutableArray<(string Metric, string Title)> Shares =
    [
        ("val/CF1", "CF1"), ("val/OF1", "OF1"), ("val/AP_small", "AP small"), ("val/AP_medium", "AP medium"), ("val/AP_large", "AP large"),
        ("marks/lookalike_confusion", "Look-alikes"), ("marks/trap_cross_gap", "Cross gap"), ("marks/trap_stars_gap", "Stars gap"),
    ];

    /// <summary>The first sweep with the person's changes.</summary>
    /// <exception cref="PlatformException">A change is no number.</exception>
    public static SweepSpec Spec(string? dataset, string? passes)
    {
        var spec = SweepTemplates.FirstSweep with { Dataset = dataset ?? SweepTemplates.BuiltInDataset };
        if (passes is null)
        {
            return spec;
        }

        return ParameterValue.TryParse(passes, ParameterType.Int, out var value)
            ? spec with { Parameters = [.. spec.Parameters.Select(axis => axis.Name == "passes" ? new ChoiceParameter("passes", [value]) : axis)] }
            : throw new PlatformException($"--passes takes a whole number, not '{passes}'.");
    }

    /// <returns>True if every trial has its result.</returns>
    public async Task<bool> RunAsync(SweepSpec spec, CancellationToken cancellationToken)
    {
        string id;
        try
        {
            id = await client.StartSweepAsync(spec, "demo");
        }
        catch (SweepSpecException error)
        {
            throw new PlatformException(error.Message, error);
        }

        console.MarkupLineInterpolated($"Sweep [bold]{id}[/]: {SweepValidator.GridSize(spec)} trials on {spec.Dataset}");
        var end = await new SweepProgress(client, console).FollowAsync(id, cancellationToken);
        SweepReport.WriteTable(console, end, await client.GetLeaderboardAsync(id), Shares);
        return end.State == SweepState.Completed;
    }
}
