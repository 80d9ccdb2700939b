using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using MlTr.Model.Checkpoints;

namespace MlTr.Model.Training;

/// <summary>The knobs that decide what a run computes, by name: a run goes on only with the recipe it was begun with.</summary>
internal static class Recipe
{
    // Where and how often something is done, or another way to the same sums; what the others are is decided by leaving them out here.
    private static readonly string[] Free =
    [
        nameof(TrainerOptions.Device), nameof(TrainerOptions.Threads), nameof(TrainerOptions.AccumulationParts), nameof(TrainerOptions.EvaluateEveryPasses),
        nameof(TrainerOptions.EvaluationBatchSize), nameof(TrainerOptions.CheckpointEveryPasses), nameof(TrainerOptions.CheckpointEverySeconds),
        nameof(TrainerOptions.KeepLastCheckpoints), nameof(TrainerOptions.KeepEveryPasses),
        nameof(TrainerOptions.LogEverySteps), nameof(TrainerOptions.InitialWeights), nameof(TrainerOptions.ClassNames), nameof(TrainerOptions.Config),
        nameof(TrainerOptions.ImageSize), // the size it comes to counts
    ];

    /// <summary>Every knob of the options, of their network and of the training pictures, with its value.</summary>
    public static SortedDictionary<string, string> Of(TrainerOptions options, IBatchSource train)
    {
        var knobs = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["image size"] = Text(options.EffectiveImageSize) };
        foreach (var (prefix, holder) in new (string, object)[] { ("", options), ("network ", options.Config) })
        {
            foreach (var knob in holder.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite && !(holder is TrainerOptions && Free.Contains(p.Name))))
            {
                knobs[prefix + Words(knob.Name)] = Text(knob.GetValue(holder));
            }
        }

        foreach (var (name, value) in train.Recipe)
        {
            knobs["pictures " + name] = value;
        }

        return knobs;
    }

    /// <summary>A phrase for each knob whose value in a checkpoint is another than now; one that an older checkpoint did not record is taken as the same.</summary>
    public static IEnumerable<string> Differences(TrainerState then, IReadOnlyDictionary<string, string> now) => now
        .Where(knob => then.Recipe.TryGetValue(knob.Key, out var value) && value != knob.Value)
        .Select(knob => $"{knob.Key} was {then.Recipe[knob.Key]} and is {knob.Value}");

    /// <summary>GammaNeg as "gamma neg".</summary>
    internal static string Words(string name) => name.Aggregate(
        new StringBuilder(), (text, letter) => (char.IsUpper(letter) && text.Length > 0 ? text.Append(' ') : text).Append(char.ToLowerInvariant(letter))).ToString();

    private static string Text(object? value) => value is IEnumerable several and not string
        ? string.Join(' ', several.Cast<object>().Select(Text))
        : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
