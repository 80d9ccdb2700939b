using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace MlTr.Dashboard.Features.Sweeps.Analysis;

/// <summary>How much a parameter matters.</summary>
/// <param name="Name">The parameter.</param>
/// <param name="Share">By how much of the objective's variance the forest errs more when the parameter's values are mixed up; near 0 for one that does not matter.</param>
public sealed record Importance(string Name, double Share);

/// <summary>What a forest found.</summary>
/// <param name="Explained">The share of the objective's variance that the forest foretells for trials it has not seen; at or below 0 it knows nothing.</param>
/// <param name="Parameters">The parameters, the one that matters most first.</param>
public sealed record ImportanceResult(double Explained, ImmutableArray<Importance> Parameters);

/// <summary>
/// Permutation importance (Breiman 2001) of the parameters over a random forest that foretells the objective, measured on trials that the forest
/// was not grown on: in five parts, each part once held out. The same trials give the same numbers.
/// </summary>
internal static class ForestImportance
{
    /// <summary>Fewer trials say nothing: a forest then foretells noise.</summary>
    public const int FewestTrials = 20;

    private const int Parts = 5;
    private const int Trees = 100;
    private const int Mixes = 5;
    private const int Seed = 1;

    /// <param name="names">The parameters.</param>
    /// <param name="rows">For each trial where it stands on each parameter, and its objective.</param>
    public static ImportanceResult Compute(ImmutableArray<string> names, ImmutableArray<(float[] Places, float Objective)> rows)
    {
        var mean = rows.Average(row => (double)row.Objective);
        var variance = rows.Average(row => (row.Objective - mean) * (row.Objective - mean));
        if (variance <= 0)
        {
            return new(0, [.. names.Select(name => new Importance(name, 0))]);
        }

        var (error, mixed) = (0.0, new double[names.Length]);
        var part = Deal(rows.Length);
        for (var held = 0; held < Parts; held++)
        {
            var grown = Grow(names.Length, [.. rows.Where((_, i) => part[i] != held)]);
            var test = rows.Where((_, i) => part[i] == held).ToArray();
            error += Error(grown, test);
            for (var axis = 0; axis < names.Length; axis++)
            {
                mixed[axis] += Enumerable.Range(0, Mixes).Average(mix => Error(grown, Mix(test, axis, Seed + mix)));
            }
        }

        var all = variance * rows.Length;
        return new(1 - (error / all), [.. names.Select((name, i) => new Importance(name, Math.Max(0, (mixed[i] - error) / all))).OrderByDescending(one => one.Share).ThenBy(one => one.Name, StringComparer.Ordinal)]);
    }

    /// <summary>The part of each trial: shuffled, so that the order in which a search proposed them plays no role.</summary>
    private static int[] Deal(int count)
    {
        var parts = Enumerable.Range(0, count).Select(i => i % Parts).ToArray();
        new Random(Seed).Shuffle(parts);
        return parts;
    }

    private static (MLContext Context, ITransformer Model, SchemaDefinition Schema) Grow(int axes, ImmutableArray<(float[] Places, float Objective)> rows)
    {
        var context = new MLContext(Seed);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Places)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, axes);
        var trainer = context.Regression.Trainers.FastForest(new FastForestRegressionTrainer.Options
        {
            LabelColumnName = nameof(Row.Objective),
            FeatureColumnName = nameof(Row.Places),
            NumberOfTrees = Trees,
            NumberOfLeaves = 32,
            MinimumExampleCountPerLeaf = 2,
            NumberOfThreads = 1,
            Seed = Seed,
            FeatureSelectionSeed = Seed,
        });
        return (context, trainer.Fit(context.Data.LoadFromEnumerable(rows.Select(Row.Of), schema)), schema);
    }

    private static double Error((MLContext Context, ITransformer Model, SchemaDefinition Schema) grown, (float[] Places, float Objective)[] rows)
    {
        var scored = grown.Model.Transform(grown.Context.Data.LoadFromEnumerable(rows.Select(Row.Of), grown.Schema));
        return scored.GetColumn<float>("Score").Zip(rows, (score, row) => (score - row.Objective) * (double)(score - row.Objective)).Sum();
    }

    private static (float[] Places, float Objective)[] Mix((float[] Places, float Objective)[] rows, int axis, int seed)
    {
        var column = rows.Select(row => row.Places[axis]).ToArray();
        new Random(seed).Shuffle(column);
        return [.. rows.Select((row, i) => ((float[])[.. row.Places[..axis], column[i], .. row.Places[(axis + 1)..]], row.Objective))];
    }

    private sealed class Row
    {
        public float[] Places { get; set; } = [];

        public float Objective { get; set; }

        public static Row Of((float[] Places, float Objective) row) => new() { Places = row.Places, Objective = row.Objective };
    }
}
