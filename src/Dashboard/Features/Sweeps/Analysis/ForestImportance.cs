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
    private const int Trees = 50;
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

        var part = Deal(rows.Length);
        var errors = Enumerable.Range(0, Parts).AsParallel().AsOrdered()
            .Select(held => Errors(names.Length, [.. rows.Where((_, i) => part[i] != held)], [.. rows.Where((_, i) => part[i] == held)])).ToList();
        var error = errors.Sum(one => one.Plain);
        double[] mixed = [.. names.Select((_, axis) => errors.Sum(one => one.Mixed[axis]))];
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

    /// <summary>How much a forest errs on trials that it was not grown on: as they are, and with each axis mixed up.</summary>
    private static (double Plain, double[] Mixed) Errors(int axes, ImmutableArray<(float[] Places, float Objective)> grownOn, (float[] Places, float Objective)[] held)
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
        var forest = trainer.Fit(context.Data.LoadFromEnumerable(grownOn.Select(Row.Of), schema));

        // All at once: what one question costs beside its rows is more than they do.
        (float[] Places, float Objective)[] asked = [.. held, .. Enumerable.Range(0, axes).SelectMany(axis => Enumerable.Range(0, Mixes).SelectMany(mix => Mix(held, axis, Seed + mix)))];
        double[] squares = [.. forest.Transform(context.Data.LoadFromEnumerable(asked.Select(Row.Of), schema)).GetColumn<float>("Score").Zip(asked, (score, row) => Math.Pow(score - row.Objective, 2))];
        var perAxis = Mixes * held.Length;
        return (squares.Take(held.Length).Sum(), [.. Enumerable.Range(0, axes).Select(axis => squares.Skip(held.Length + (axis * perAxis)).Take(perAxis).Sum() / Mixes)]);
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
