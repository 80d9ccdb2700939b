using System.Numerics;

namespace MlTr.Model.Data.Marks;

/// <summary>How often one class of a pair is seen where only the other is.</summary>
/// <param name="A">First class of the pair.</param>
/// <param name="B">Second class of the pair.</param>
/// <param name="BForA">Share of the pictures with A and without B whose score for B is above one half; null without such a picture.</param>
/// <param name="AForB">The same the other way round.</param>
public sealed record PairConfusion(string A, string B, double? BForA, double? AForB);

/// <summary>How well one class is found in one group of pictures; each figure is null where it is undefined.</summary>
/// <param name="Pictures">Pictures of the group.</param>
/// <param name="Recall">Share of the pictures with the class that score above one half.</param>
/// <param name="Precision">Share of the pictures above one half that have the class.</param>
/// <param name="Auc">Probability that a picture with the class scores above one without, ties counting half.</param>
public sealed record GroupFigures(int Pictures, double? Recall, double? Precision, double? Auc);

/// <summary>What the look-alike pairs and the traps of a set of marks did to a model.</summary>
/// <param name="Pairs">Confusion pair by pair.</param>
/// <param name="TriangleWithCross">Triangles in pictures that show a cross; null where the set has no such trap.</param>
/// <param name="TriangleWithoutCross">Triangles in pictures that show none.</param>
/// <param name="StarsAlone">Recall of either star where it stands without the other.</param>
/// <param name="StarsTogether">Recall of both stars where they meet.</param>
public sealed record LookAlikeReport(
    IReadOnlyList<PairConfusion> Pairs,
    GroupFigures? TriangleWithCross,
    GroupFigures? TriangleWithoutCross,
    double? StarsAlone,
    double? StarsTogether)
{
    /// <summary>Mean over all directions of all pairs; 0 is best.</summary>
    public double? Confusion => Mean(Pairs.SelectMany(pair => new[] { pair.BForA, pair.AForB }));

    /// <summary>
    /// How much worse triangles are told from their absence beside a cross: AUC without a cross minus AUC with one. AUC, because unlike
    /// AP it does not change with the share of triangles, which differs between the groups. 0: the habit was not learned.
    /// </summary>
    public double? TrapCrossGap => TriangleWithoutCross?.Auc - TriangleWithCross?.Auc;

    /// <summary>Recall of stars that stand alone minus recall of stars that meet, at a score of one half. 0: the habit was not learned.</summary>
    public double? TrapStarsGap => StarsAlone - StarsTogether;

    /// <summary>The figures for the leaderboard; those that are undefined are left out.</summary>
    public IReadOnlyDictionary<string, double> Figures() =>
        new (string Name, double? Value)[]
        {
            ("marks/lookalike_confusion", Confusion),
            ("marks/trap_cross_gap", TrapCrossGap),
            ("marks/trap_stars_gap", TrapStarsGap),
        }.Where(figure => figure.Value is not null).ToDictionary(figure => figure.Name, figure => figure.Value!.Value);

    private static double? Mean(IEnumerable<double?> values) => values.Average();
}

/// <summary>Measures what the built-in sets were made to show.</summary>
public static class LookAlikes
{
    /// <summary>Measures pairs and traps from scores and labels, both [pictures, classes] with the columns of the manifest's classes.</summary>
    public static LookAlikeReport Measure<T>(T[,] scores, sbyte[,] labels, MarksManifest manifest)
        where T : IFloatingPoint<T>
    {
        var classes = manifest.Classes.ToList();
        if (scores.GetLength(0) != labels.GetLength(0) || scores.GetLength(1) != classes.Count || labels.GetLength(1) != classes.Count)
        {
            throw new ArgumentException("scores and labels must both have a row for each picture and a column for each class", nameof(scores));
        }

        var all = Enumerable.Range(0, labels.GetLength(0)).ToList();
        bool Has(int i, string name) => labels[i, classes.IndexOf(name)] == 1;
        bool Lacks(int i, string name) => labels[i, classes.IndexOf(name)] == 0;
        double Score(int i, string name) => double.CreateChecked(scores[i, classes.IndexOf(name)]);
        bool Sees(int i, string name) => Score(i, name) > 0.5;
        GroupFigures Group(string name, IEnumerable<int> pictures)
        {
            var known = pictures.Where(i => Has(i, name) || Lacks(i, name)).ToList();
            var (with, without) = (known.Where(i => Has(i, name)).ToList(), known.Where(i => Lacks(i, name)).ToList());
            return new GroupFigures(
                known.Count, Share(with, i => Sees(i, name)), Share(known.Where(i => Sees(i, name)), i => Has(i, name)),
                Auc([.. with.Select(i => Score(i, name))], [.. without.Select(i => Score(i, name))]));
        }

        var pairs = manifest.LookAlikes.Select(pair => (A: pair[0], B: pair[1])).Select(pair => new PairConfusion(
            pair.A, pair.B,
            Share(all.Where(i => Has(i, pair.A) && Lacks(i, pair.B)), i => Sees(i, pair.B)),
            Share(all.Where(i => Has(i, pair.B) && Lacks(i, pair.A)), i => Sees(i, pair.A)))).ToList();
        var cross = manifest.Traps.FirstOrDefault(trap => trap.Name == "cross");
        var stars = manifest.Traps.FirstOrDefault(trap => trap.Name == "stars");
        return new LookAlikeReport(
            pairs,
            cross is null ? null : Group(cross.Other, all.Where(i => Has(i, cross.Given))),
            cross is null ? null : Group(cross.Other, all.Where(i => Lacks(i, cross.Given))),
            stars is null ? null : Stars(together: false),
            stars is null ? null : Stars(together: true));

        double? Stars(bool together)
        {
            var seen = new List<(int Picture, string Star)>();
            foreach (var (star, other) in new[] { (stars.Given, stars.Other), (stars.Other, stars.Given) })
            {
                seen.AddRange(all.Where(i => Has(i, star) && (together ? Has(i, other) : Lacks(i, other))).Select(i => (i, star)));
            }

            return Share(seen, one => Sees(one.Picture, one.Star));
        }
    }

    private static double? Share<T>(IEnumerable<T> items, Func<T, bool> holds) => items.Average(item => holds(item) ? 1 : (double?)0);

    private static double? Auc(double[] with, double[] without)
    {
        if (with.Length == 0 || without.Length == 0)
        {
            return null;
        }

        Array.Sort(without);
        var wins = 0.0;
        foreach (var score in with)
        {
            var below = Bound(without, score, orEqual: false);
            wins += below + ((Bound(without, score, orEqual: true) - below) / 2.0);
        }

        return wins / ((double)with.Length * without.Length);
    }

    private static int Bound(double[] sorted, double value, bool orEqual)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] < value || (orEqual && sorted[middle] == value) ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
