using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Notes;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Silo.Cli.Model;
using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Cli.Platform;

/// <summary>The verbs that talk to a platform through the typed client.</summary>
internal static class PlatformVerbs
{
    public static readonly VerbOption Json = new("--json", "", "print JSON instead of a table; progress goes to standard error");

    public static readonly VerbOption By = new("--by", "NAME", "who asks, for the record", Default: "the name of the user");

    private static readonly VerbOption Reason = new("--reason", "TEXT", "why, for the record", Default: "on request");

    private static readonly VerbOption Deleted = new("--deleted", "", "those that were deleted and not purged");

    private static readonly (string Title, IReadOnlyList<VerbOption> Options) Where = ("Platform", [PlatformAccess.Url, PlatformAccess.Data]);

    // Nothing trains in the platform of a verb that only asks or decides: what it decides is done when a platform with workers starts.
    private static readonly ImmutableDictionary<string, string?> WithoutWorkers = ImmutableDictionary<string, string?>.Empty.Add("Platform:Roles", "control");

    private static readonly (Verb Verb, Func<VerbArguments, IAnsiConsole, CancellationToken, Task<int>> RunAsync)[] All =
    [
        (RunVerb.Verb, RunVerb.RunAsync),
        (new("sweeps", "[--json]", "list the newest sweeps", [Where, ("Output", [Json, Deleted])]), (arguments, console, stop) => WithSweepsAsync(arguments, client => SweepsAsync(client, arguments, console), stop)),
        (new("trials", "SWEEP [--json]", "list a sweep's trials, best first", [Where, ("Output", [Json])], "SWEEP"), (arguments, console, stop) => WithSweepsAsync(arguments, client => TrialsAsync(client, arguments, console), stop)),
        (EvaluateTrialVerb.Verb, EvaluateTrialVerb.RunAsync),
        (Decision("pause", "SWEEP", "hold a sweep: running trials leave a checkpoint and wait"), (arguments, console, stop) => DecideAsync(arguments, console, (client, id, why, by) => client.PauseSweepAsync(id, why, by), stop)),
        (Decision("resume", "SWEEP", "go on with a paused sweep"), (arguments, console, stop) => DecideAsync(arguments, console, (client, id, why, by) => client.ResumeSweepAsync(id, why, by), stop)),
        (Decision("cancel", "SWEEP[/TRIAL]", "stop a sweep, or one of its trials"), (arguments, console, stop) => WithSweepsAsync(arguments, client => CancelAsync(client, arguments, console), stop)),
        (Decision("retry", "SWEEP[/TRIAL]...", "run failed and cancelled trials again: all of a sweep, or those named"), (arguments, console, stop) => WithSweepsAsync(arguments, client => RetryAsync(client, arguments, console), stop)),
        (Decision("delete", "SWEEP", "throw an ended sweep away: lists leave it out, restore takes it back"), (arguments, console, stop) => DecideAsync(arguments, console, (client, id, why, by) => client.DeleteSweepAsync(id, why, by), stop)),
        (Decision("restore", "SWEEP", "take a deleted sweep back"), (arguments, console, stop) => DecideAsync(arguments, console, (client, id, why, by) => client.RestoreSweepAsync(id, why, by), stop)),
        (new("purge", "SWEEP", "remove a deleted sweep for good, with its curves, logs and checkpoints", [Where, ("Record", [By])], "SWEEP"), (arguments, console, stop) => WithAsync(arguments, client => PurgeAsync(client, arguments, console), stop)),
        (new("tag", "SWEEP[/TRIAL] [TAG]...", "replace the tags of a sweep or a trial; without a TAG it has none", [Where, ("Record", [By])], "SWEEP[/TRIAL] TAG..."), (arguments, console, stop) => WithAsync(arguments, client => TagAsync(client, arguments, console), stop)),
        (new("models", "[--json]", "list the registered models", [Where, ("Output", [Json])]), (arguments, console, stop) => WithAsync(arguments, client => RegistryVerbs.ModelsAsync(client, arguments, console), stop)),
        (new("register", "SWEEP/TRIAL --name NAME", "copy a trial's checkpoint into the registry, as the next version of a model", [Where, ("Model", [RegistryVerbs.Name, RegistryVerbs.Last]), ("Record", [By])], "SWEEP/TRIAL"), (arguments, console, stop) => WithAsync(arguments, client => RegistryVerbs.RegisterAsync(client, OneTrial(arguments), arguments, console), stop)),
        (WorkerVerbs.List, (arguments, console, stop) => WithAsync(arguments, client => WorkerVerbs.ListAsync(client, arguments, console), stop)),
        (WorkerVerbs.One, (arguments, console, stop) => WithAsync(arguments, client => WorkerVerbs.DecideAsync(client, arguments, console), stop)),
        (BackupVerb.Verb, BackupVerb.RunAsync),
        (AccountVerbs.Users, (arguments, console, stop) => WithAsync(arguments, client => AccountVerbs.UserAsync(client, arguments, console, PasswordInput.OfProcess(console), stop), stop)),
        (AccountVerbs.Tokens, (arguments, console, stop) => WithAsync(arguments, client => AccountVerbs.TokenAsync(client, arguments, console), stop)),
    ];

    /// <summary>One line a verb, for the general help.</summary>
    public static string Summary { get; } = string.Join(Environment.NewLine, All.Select(one => $"  {one.Verb.Name,-18} {one.Verb.Summary}"));

    /// <summary>Runs the verb that the words begin with, if it is one of these.</summary>
    /// <returns>The exit code; null if it is another verb.</returns>
    /// <exception cref="PlatformException">What stopped it.</exception>
    public static async Task<int?> TryRunAsync(IReadOnlyList<string> words, IAnsiConsole console, CancellationToken stop)
    {
        var (verb, runAsync) = Array.Find(All, one => words.Count > 0 && one.Verb.Name == words[0]);
        if (verb is null)
        {
            return null;
        }

        var arguments = VerbArguments.Parse(verb, words.Skip(1));
        if (arguments.Help)
        {
            await console.Profile.Out.Writer.WriteLineAsync(verb.HelpText);
            return 0;
        }

        try
        {
            return await runAsync(arguments, console, stop);
        }
        catch (SweepStateException error)
        {
            throw new PlatformException(error.Message, error);
        }
        catch (KeyNotFoundException error)
        {
            throw new PlatformException($"{error.Message} List what there is with: sweeps, or trials SWEEP.", error);
        }
    }

    public static string WhoAsks(VerbArguments arguments) => arguments[By.Name] ?? Environment.UserName;

    private static Verb Decision(string name, string usage, string summary) => new(name, usage, summary, [Where, ("Record", [Reason, By])], usage);

    private static Task<int> WithAsync(VerbArguments arguments, Func<IMlTrClient, Task<int>> askAsync, CancellationToken stop) =>
        WithPlatformAsync(arguments, platform => askAsync(platform.Client), stop);

    /// <summary>For a verb that tells of sweeps: where no platform runs, what is running waits for one.</summary>
    private static Task<int> WithSweepsAsync(VerbArguments arguments, Func<IMlTrClient, Task<int>> askAsync, CancellationToken stop) => WithPlatformAsync(
        arguments,
        async platform =>
        {
            var code = await askAsync(platform.Client);
            if (platform.IsEmbedded && (await platform.Client.ListSweepsAsync()).Any(sweep => sweep.State == SweepState.Running))
            {
                await Console.Error.WriteLineAsync("No platform runs on this data folder: what is shown as running goes on when one starts.");
            }

            return code;
        },
        stop);

    private static async Task<int> WithPlatformAsync(VerbArguments arguments, Func<PlatformAccess, Task<int>> askAsync, CancellationToken stop)
    {
        await using var platform = await PlatformAccess.OpenAsync(arguments, WithoutWorkers, stop, mayBegin: AccountVerbs.IsFirst(arguments));
        return await askAsync(platform);
    }

    private static Task<int> DecideAsync(VerbArguments arguments, IAnsiConsole console, Func<IMlTrClient, string, string, string, Task> decideAsync, CancellationToken stop) => WithSweepsAsync(
        arguments,
        async client =>
        {
            var id = One(arguments);
            await decideAsync(client, id, Why(arguments), WhoAsks(arguments));
            return await SayAsync(client, id, console, arguments.VerbName is "pause" or "resume");
        },
        stop);

    private static async Task<int> SweepsAsync(IMlTrClient client, VerbArguments arguments, IAnsiConsole console)
    {
        var sweeps = await client.ListSweepsAsync(deleted: arguments.Has(Deleted.Name));
        if (arguments.Has(Json.Name))
        {
            await Console.Out.WriteLineAsync(SweepReport.Json(sweeps));
            return 0;
        }

        if (sweeps.IsEmpty)
        {
            console.WriteLine("There are no sweeps yet: start one with run SWEEP.yaml, or on the dashboard.");
            return 0;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns("Sweep", "Name", "Dataset", "State", "Progress", "Trials", "Best");
        foreach (var sweep in sweeps)
        {
            table.AddRow(
                sweep.Id.EscapeMarkup(),
                sweep.Spec.Name.EscapeMarkup(),
                sweep.Spec.Dataset.EscapeMarkup(),
                sweep.IsArchived ? $"{sweep.State}, archived" : sweep.State.ToString(),
                sweep.Progress.ToString("P0", CultureInfo.InvariantCulture),
                sweep.TrialCount.ToString(CultureInfo.InvariantCulture),
                $"{SweepProgress.Title(sweep.Spec.Objective)} {SweepProgress.Value(sweep.Spec.Objective, sweep.Best?.Objective)}".EscapeMarkup());
        }

        console.Write(table);
        return 0;
    }

    private static async Task<int> TrialsAsync(IMlTrClient client, VerbArguments arguments, IAnsiConsole console)
    {
        var sweep = await client.GetSweepAsync(One(arguments));
        if (arguments.Has(Json.Name))
        {
            await Console.Out.WriteLineAsync(await SweepReport.JsonAsync(client, sweep));
        }
        else
        {
            SweepReport.WriteTable(console, sweep, await client.GetLeaderboardAsync(sweep.Id), ("val/CF1", "CF1"), ("val/OF1", "OF1"));
        }

        return 0;
    }

    private static async Task<int> CancelAsync(IMlTrClient client, VerbArguments arguments, IAnsiConsole console)
    {
        var word = One(arguments);
        if (AsTrial(word) is { } trial)
        {
            await client.CancelTrialAsync(trial, Why(arguments), WhoAsks(arguments));
            var state = (await client.GetTrialAsync(trial)).Trial.State;
            console.MarkupLineInterpolated($"Trial {trial} {(state == TrialState.Running ? "is being cancelled: its worker leaves it now" : $"is {state}")}");
            return 0;
        }

        await client.CancelSweepAsync(word, Why(arguments), WhoAsks(arguments));
        return await SayAsync(client, word, console);
    }

    private static async Task<int> RetryAsync(IMlTrClient client, VerbArguments arguments, IAnsiConsole console)
    {
        var trials = arguments.Words.Select(AsTrial).ToList();
        var sweeps = arguments.Words.Zip(trials, (word, trial) => trial?.SweepId ?? word).Distinct().ToList();
        if (sweeps.Count != 1 || (arguments.Words.Count > 1 && trials.Contains(null)))
        {
            throw new PlatformException("retry takes one sweep, or trials of one sweep, as in: retry SWEEP/2 SWEEP/5; see retry --help.");
        }

        var again = await client.RetryTrialsAsync(sweeps[0], [.. trials.OfType<TrialId>().Select(trial => trial.Number)], Why(arguments), WhoAsks(arguments));
        console.WriteLine(again == 0 ? "No trial there ended without a result." : string.Create(CultureInfo.InvariantCulture, $"{again} trials wait for a worker again."));
        return 0;
    }

    private static async Task<int> PurgeAsync(IMlTrClient client, VerbArguments arguments, IAnsiConsole console)
    {
        var sweep = await client.GetSweepAsync(One(arguments));
        await client.PurgeSweepAsync(sweep.Id, WhoAsks(arguments));
        console.MarkupLineInterpolated($"Sweep [bold]{sweep.Id}[/] is gone");
        return 0;
    }

    private static async Task<int> TagAsync(IMlTrClient client, VerbArguments arguments, IAnsiConsole console)
    {
        var word = arguments.Words.Count > 0 ? arguments.Words[0] : throw new PlatformException("Name one sweep or trial and its tags, as in: tag SWEEP/2 night baseline; see tag --help.");
        ImmutableArray<string> tags = [.. arguments.Words.Skip(1)];
        try
        {
            var kept = AsTrial(word) is { } trial
                ? await client.SetTagsAsync(trial, tags, WhoAsks(arguments))
                : await client.SetTagsAsync(word, tags, WhoAsks(arguments));
            console.MarkupLineInterpolated($"{word} has {(kept.IsEmpty ? "no tags" : $"the tags {string.Join(", ", kept)}")}");
            return 0;
        }
        catch (NotesException error)
        {
            throw new PlatformException(error.Message, error);
        }
    }

    private static async Task<int> SayAsync(IMlTrClient client, string id, IAnsiConsole console, bool mayHaveEnded = false)
    {
        var sweep = await client.GetSweepAsync(id);
        console.MarkupLineInterpolated($"Sweep [bold]{sweep.Id}[/] is {sweep.State}");
        if (mayHaveEnded && sweep.IsFinal)
        {
            console.MarkupLineInterpolated($"It has ended, so nothing was changed. Trials without a result run again with: retry {sweep.Id}");
        }

        return 0;
    }

    private static string One(VerbArguments arguments) => arguments.Words is [var only] ? only : throw new PlatformException("Name one sweep; list them with: sweeps.");

    private static TrialId OneTrial(VerbArguments arguments) => arguments.Words is [var only] ? TrialOf(only) : throw new PlatformException("Name one trial, as SWEEP/TRIAL; list them with: trials SWEEP.");

    private static string Why(VerbArguments arguments) => arguments[Reason.Name] ?? "on request";

    private static TrialId? AsTrial(string word) => word.Contains('/', StringComparison.Ordinal) ? TrialOf(word) : null;

    /// <exception cref="PlatformException">It names no trial.</exception>
    public static TrialId TrialOf(string word)
    {
        try
        {
            return TrialId.Parse(word);
        }
        catch (FormatException error)
        {
            throw new PlatformException(error.Message, error);
        }
    }
}
