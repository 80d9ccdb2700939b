using System.Globalization;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Trials;
using MlTr.Silo.Cli.Model;
using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Cli.Platform;

/// <summary>The verbs that talk to the model registry.</summary>
internal static class RegistryVerbs
{
    public static readonly VerbOption Name = new("--name", "NAME", "the model that it becomes a version of");
    public static readonly VerbOption Last = new("--last", "", "its newest checkpoint instead of its best");

    public static async Task<int> ModelsAsync(IMlTrClient client, VerbArguments arguments, IAnsiConsole console)
    {
        var models = await client.ListModelsAsync();
        if (arguments.Has(PlatformVerbs.Json.Name))
        {
            await Console.Out.WriteLineAsync(SweepReport.Json(models));
            return 0;
        }

        if (models.IsEmpty)
        {
            console.WriteLine("No model is registered yet: register SWEEP/TRIAL --name NAME does it, or the button on a trial's page.");
            return 0;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns("Model", "Version", "Stage", "Trial", "Step", "Result", "Registered");
        foreach (var (model, version) in models.SelectMany(model => model.Versions.Select(version => (model, version))))
        {
            table.AddRow(
                model.Name.EscapeMarkup(),
                version.Number.ToString(CultureInfo.InvariantCulture),
                version.Stage.ToString().ToLowerInvariant(),
                version.Trial.ToString().EscapeMarkup(),
                version.Step.ToString(CultureInfo.InvariantCulture),
                $"{SweepProgress.Title(version.Objective)} {SweepProgress.Value(version.Objective, version.Value)}".EscapeMarkup(),
                string.Create(CultureInfo.InvariantCulture, $"{version.RegisteredAt:yyyy-MM-dd HH:mm} by {version.RegisteredBy}").EscapeMarkup());
        }

        console.Write(table);
        return 0;
    }

    public static async Task<int> RegisterAsync(IMlTrClient client, TrialId trial, VerbArguments arguments, IAnsiConsole console)
    {
        try
        {
            var name = arguments.Need(Name.Name, "the model's name, as in: register SWEEP/TRIAL --name kitchen");
            var version = await client.RegisterModelAsync(name, trial, arguments.Has(Last.Name) ? ModelCheckpoint.Last : ModelCheckpoint.Best, PlatformVerbs.WhoAsks(arguments));
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"Trial {trial}, step {version.Step}, is version [bold]{version.Number}[/] of {name}");
            return 0;
        }
        catch (ModelRegistryException error)
        {
            throw new PlatformException(error.Message, error);
        }
    }
}
