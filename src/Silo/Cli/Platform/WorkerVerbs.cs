using System.Globalization;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Workers;
using MlTr.Silo.Cli.Model;
using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Cli.Platform;

/// <summary>The verbs about workers: <c>workers</c> lists them, <c>worker drain</c> and <c>worker resume</c> decide whether one gets trials.</summary>
internal static class WorkerVerbs
{
    private static readonly (string Title, IReadOnlyList<VerbOption> Options) Where = ("Platform", [PlatformAccess.Url, PlatformAccess.Data]);

    public static Verb List => new("workers", "[--json]", "list the workers: state, device, work, and how much of the last hour they had some", [Where, ("Output", [PlatformVerbs.Json])]);

    public static Verb One => new("worker", "drain|resume WORKER", "give a worker no new trial, or trials again; it ends the one that it runs", [Where, ("Record", [PlatformVerbs.By])], "drain|resume WORKER");

    public static async Task<int> ListAsync(IMlTrClient client, VerbArguments arguments, IAnsiConsole console)
    {
        var workers = (await client.GetSchedulerAsync()).Workers;
        var used = (await client.GetWorkerUtilisationAsync()).ToDictionary(worker => worker.WorkerId, StringComparer.Ordinal);
        if (arguments.Has(PlatformVerbs.Json.Name))
        {
            await console.Profile.Out.Writer.WriteLineAsync(SweepReport.Write(workers.Select(worker => Json(worker, used.GetValueOrDefault(worker.Id)))));
            return 0;
        }

        if (workers.IsEmpty)
        {
            console.WriteLine("No worker has called in: they come with a platform that runs (serve), within seconds of its start.");
            return 0;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns("Worker", "State", "Device", "Work");
        table.AddColumn(new TableColumn("Last hour").RightAligned()).AddColumn("Machine").AddColumn(new TableColumn("Restarts").RightAligned());
        foreach (var worker in workers)
        {
            table.AddRow(
                worker.Id.EscapeMarkup(),
                (worker.DrainedBy is { } by ? $"{worker.State}, drained by {by}" : worker.State.ToString()).EscapeMarkup(),
                $"{worker.Device}, {worker.DeviceName}".EscapeMarkup(),
                Work(worker).EscapeMarkup(),
                used.TryGetValue(worker.Id, out var share) ? share.Hour.Share.ToString("P0", CultureInfo.InvariantCulture) : "-",
                worker.MachineName.EscapeMarkup(),
                worker.Restarts.ToString(CultureInfo.InvariantCulture));
        }

        console.Write(table);
        return 0;
    }

    public static async Task<int> DecideAsync(IMlTrClient client, VerbArguments arguments, IAnsiConsole console)
    {
        if (arguments.Words is not [("drain" or "resume") and var what, var id])
        {
            throw new PlatformException("worker takes drain or resume and one worker, as in: worker drain cpu-0; list them with: workers.");
        }

        var workers = (await client.GetSchedulerAsync()).Workers;
        if (!workers.Any(worker => worker.Id == id))
        {
            throw new PlatformException($"No worker '{id}' has called in{(workers.IsEmpty ? "" : $"; there are {string.Join(", ", workers.Select(worker => worker.Id))}")}. List them with: workers.");
        }

        var by = PlatformVerbs.WhoAsks(arguments);
        await (what == "drain" ? client.DrainWorkerAsync(id, by) : client.ResumeWorkerAsync(id, by));
        console.MarkupLineInterpolated($"Worker [bold]{id}[/] gets {(what == "drain" ? "no new trial; the one that it runs it brings to its end" : "trials again")}");
        return 0;
    }

    private static string Work(WorkerSnapshot worker) => worker switch
    {
        { Trial: { } trial } => trial.ToString(),
        { Part: { } part } => $"part {part.Number} of {part.Evaluation}",
        _ => "-",
    };

    private static object Json(WorkerSnapshot worker, WorkerUtilisation? used) => new
    {
        worker.Id,
        worker.State,
        worker.DrainedBy,
        worker.Device,
        worker.DeviceName,
        Trial = worker.Trial?.ToString(),
        Part = worker.Part?.ToString(),
        UsedLastHour = used?.Hour.Share,
        UsedLastDay = used?.Day.Share,
        worker.MachineName,
        worker.ProcessId,
        worker.MemoryBytes,
        worker.Labels,
        worker.StartedAt,
        worker.LastContact,
        worker.Restarts,
        worker.CompletedTrials,
    };
}
