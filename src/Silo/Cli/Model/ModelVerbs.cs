using System.Runtime.InteropServices;
using MlTr.Model.Data;
using MlTr.Model.Native;
using MlTr.Model.Training;
using MlTr.Silo.Hosting;
using MlTr.Silo.Trials;
using Spectre.Console;

namespace MlTr.Silo.Cli.Model;

/// <summary>The verbs that use the model library from a terminal, without the platform: nothing listens, nothing is stored but what they are told to write.</summary>
internal static class ModelVerbs
{
    private static readonly (Verb Verb, Func<VerbArguments, IAnsiConsole, CancellationToken, int> Run)[] All =
    [
        (TrainVerb.Verb, TrainVerb.Run), (PredictVerb.Verb, PredictVerb.Run), (EvaluateVerb.Verb, EvaluateVerb.Run),
    ];

    /// <summary>One line a verb, for the general help.</summary>
    public static string Summary { get; } = string.Join(Environment.NewLine, All.Select(one => $"  {one.Verb.Name,-18} {one.Verb.Summary}"));

    /// <summary>Runs the verb that the words begin with, if it is one of these.</summary>
    /// <returns>The exit code; null if it is another verb.</returns>
    /// <exception cref="PlatformException">What stopped it, in one line.</exception>
    public static int? TryRun(IReadOnlyList<string> words, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var (verb, run) = Array.Find(All, one => words.Count > 0 && one.Verb.Name == words[0]);
        if (verb is null)
        {
            return null;
        }

        var arguments = VerbArguments.Parse(verb, words.Skip(1));
        if (arguments.Help)
        {
            console.Profile.Out.Writer.WriteLine(verb.HelpText);
            return 0;
        }

        try
        {
            NativeTorch.EnsureLoaded();
            return run(arguments, console, cancellationToken);
        }
        catch (Exception error) when (error is DatasetFormatException or InvalidDataException or ArgumentException or TrainingFailedException or IOException or UnauthorizedAccessException)
        {
            throw new PlatformException(error.Message, error);
        }
        catch (ExternalException error)
        {
            throw new PlatformException(TorchFailure.Explain(error), error);
        }
    }
}
