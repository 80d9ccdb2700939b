using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Sweeps.Files;
using MlTr.Silo.Cli.Model;
using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Cli.Platform;

/// <summary>Runs the sweep of a file to its end.</summary>
internal static class RunVerb
{
    /// <summary>The options of a platform in this process.</summary>
    public static readonly (string Title, IReadOnlyList<VerbOption> Options) OwnPlatform = ("Where no platform runs yet",
    [
        new("--port", "PORT", "the dashboard's port on this machine", "0..65535", "a free one"),
        new("--workers", "N", "CPU worker processes", "0..64", "1"),
        new("--threads", "N", "CPU threads of each worker; 0 shares all cores", "0..1024", "0"),
        new("--log", "LEVEL", "how much is logged", "trace, debug, information, warning, error", "warning"),
    ]);

    public static readonly Verb Verb = new(
        "run",
        "SWEEP.yaml [--json] [--url ADDRESS]",
        "register the file's datasets, run its sweep, print the leaderboard",
        [
            ("Platform", [PlatformAccess.Url, PlatformAccess.Data]),
            OwnPlatform,
            ("Output", [PlatformVerbs.Json, PlatformVerbs.By]),
        ],
        Positional: "SWEEP.yaml");

    public static async Task<int> RunAsync(VerbArguments arguments, IAnsiConsole console, CancellationToken stop)
    {
        var path = arguments.Words is [var only] ? only : throw new PlatformException("run takes one file, as in: run SWEEP.yaml; see run --help.");
        var problem = Check(path);
        if (problem is not null && !await PlatformAccess.IsRunningAsync(arguments, stop))
        {
            throw problem; // nothing is started only to find one more error
        }

        var json = arguments.Has(PlatformVerbs.Json.Name);
        var progress = json ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }) : console;
        await using var platform = await PlatformAccess.OpenAsync(arguments, Embedded(arguments), stop, mayBegin: true);
        var file = Load(path, [.. (await platform.Client.ListDatasetsAsync()).Select(dataset => dataset.Id)]);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, platform.Stopping);
        progress.MarkupLineInterpolated($"{(platform.IsEmbedded ? "Platform in this process" : "Running platform")}: [link]{platform.Address}[/]");
        try
        {
            var end = await RunAsync(platform.Client, file, PlatformVerbs.WhoAsks(arguments), platform.Address, progress, ending.Token);
            await ReportAsync(platform.Client, end, json, console);
            return end.State == SweepState.Completed ? 0 : 1;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            throw new PlatformException(platform.Failure ?? (platform.IsEmbedded
                ? "Stopped: running trials have left a checkpoint, and the sweep goes on when a platform starts on this data folder."
                : "Stopped watching: the sweep goes on in the platform."));
        }
    }

    private static async Task<SweepSnapshot> RunAsync(IMlTrClient client, SweepFile file, string by, string address, IAnsiConsole progress, CancellationToken cancellationToken)
    {
        string id;
        try
        {
            foreach (var dataset in file.Datasets)
            {
                var known = await client.RegisterDatasetAsync(dataset, by);
                progress.MarkupLineInterpolated($"Dataset [bold]{known.Id}[/]: {known.Folder} ({known.Format})");
            }

            id = await client.StartSweepAsync(file.Spec, by);
        }
        catch (Exception error) when (error is SweepSpecException or DatasetRegistrationException)
        {
            throw new PlatformException(error.Message, error);
        }

        var sweep = await client.GetSweepAsync(id);
        var count = file.Spec.CountTrials();
        progress.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"Sweep [bold]{id}[/]: {count} trial{(count == 1 ? "" : "s")} on {sweep.Spec.Dataset}, [link]{address}/sweeps/{id}[/]");
        return await new SweepProgress(client, progress).FollowAsync(id, cancellationToken);
    }

    private static async Task ReportAsync(IMlTrClient client, SweepSnapshot end, bool json, IAnsiConsole console)
    {
        if (json)
        {
            await Console.Out.WriteLineAsync(await SweepReport.JsonAsync(client, end));
            return;
        }

        Leaderboard board = await client.GetLeaderboardAsync(end.Id);
        SweepReport.WriteTable(console, end, board, ("val/CF1", "CF1"), ("val/OF1", "OF1"));
        var without = board.Rows.Count(row => !row.Trial.HasResult);
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{board.Rows.Length - without} of {board.Rows.Length} trials have their result.");
        if (without > 0)
        {
            console.MarkupLineInterpolated($"Run the others again: [bold]retry {end.Id}[/]");
        }
    }

    /// <summary>What is wrong with the file itself; null if nothing is.</summary>
    private static PlatformException? Check(string path)
    {
        try
        {
            Load(path, knownDatasets: null);
            return null;
        }
        catch (PlatformException problem)
        {
            return problem;
        }
    }

    private static SweepFile Load(string path, IEnumerable<string>? knownDatasets)
    {
        try
        {
            return SweepFile.Load(path, knownDatasets);
        }
        catch (SweepSpecException error)
        {
            throw new PlatformException($"{path}: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PlatformException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The settings of a platform in this process.</summary>
    public static ImmutableDictionary<string, string?> Embedded(VerbArguments arguments) => ((string Option, string Key)[])
    [
        ("--port", "Platform:Port"), ("--workers", "Platform:Workers"), ("--threads", "Platform:Threads"), ("--log", "Logging:LogLevel:Default"),
    ] switch
    {
        var settings => settings.Where(pair => arguments.Has(pair.Option)).ToImmutableDictionary(pair => pair.Key, pair => arguments[pair.Option]),
    };
}
