using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Model.Training;
using MlTr.Silo.Trials;

namespace MlTr.Silo.Tests.Trials;

public sealed class TrainerSettingsTests
{
    private static readonly ImmutableSortedDictionary<string, ParameterValue> Defaults = HyperParameters.Complete(ImmutableSortedDictionary<string, ParameterValue>.Empty);

    [Fact]
    public void Map_Defaults_AreValidAndThePapers()
    {
        var options = TrainerSettings.Map(Defaults, ["disc", "ring"], "cpu", 2);

        Assert.Empty(options.Validate());
        Assert.Equal((1e-4, 200, 4.0, 0.05, 8.0), (options.LearningRate, options.Passes, options.GammaNeg, options.Clip, options.Config.ArcScale));
        Assert.Equal(2, options.Config.NumClasses);
    }

    [Fact]
    public void Map_EveryHyperParameter_ChangesWhatTheTrainerGets()
    {
        foreach (var known in HyperParameters.All)
        {
            var changed = known.Type switch
            {
                ParameterType.Bool => ParameterValue.Of(!known.Default.AsBool),
                ParameterType.Text => ParameterValue.Of(known.Options.First(option => option != known.Default.AsText)),
                ParameterType.Int => ParameterValue.Of(known.Default.AsInt + 1),
                _ => ParameterValue.Of(known.Default.AsFloat + ((known.Max - known.Default.AsFloat) / 2)),
            };
            var values = Defaults.SetItem(known.Name, changed);

            var (before, after) = (Describe(Defaults), Describe(values));

            Assert.True(before != after, $"{known.Name} changes nothing");
        }
    }

    private static string Describe(ImmutableSortedDictionary<string, ParameterValue> values)
    {
        TrainerOptions options = TrainerSettings.Map(values, ["disc"], "cpu", 1);
        return $"{options} {TrainerSettings.Source(values)}";
    }
}
