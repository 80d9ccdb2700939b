namespace MlTr.Model.Data.Marks;

/// <summary>
/// Decides which classes each picture of a split shows. Done for the whole split at once, because the traps are exact quotas:
/// what a model can learn by heart in training (a cross brings a triangle, the two stars never meet) fails it in validation.
/// </summary>
internal static class LabelPlan
{
    public const double EmptyShare = 0.01;
    public const double StarsTogether = 0.35;
    private const int MaxClasses = 5;

    // 1 to 5 classes; 2.43 on average, 2.4 with the empty pictures.
    private static readonly double[] CountShares = [0.23, 0.34, 0.25, 0.13, 0.05];

    public static double TriangleWithCross(MarksSplit split) => split == MarksSplit.Train ? 0.9 : 0.5;

    public static SortedSet<int>[] Make(MarksPreset preset, MarksSplit split)
    {
        var draw = new SeededDraw(preset.Seed, (ulong)split, 0xA11CE);
        var pictures = new SortedSet<int>[preset.CountOf(split)];
        for (var i = 0; i < pictures.Length; i++)
        {
            pictures[i] = Classes(preset, ref draw);
        }

        foreach (var i in Order(pictures.Length, ref draw).Take((int)Math.Round(EmptyShare * pictures.Length)))
        {
            pictures[i].Clear();
        }

        int Index(string name) => preset.Classes.ToList().IndexOf(name);
        var protect = new HashSet<int> { Index("star5"), Index("star6"), Index("triangle"), Index("cross") };
        if (Index("star6") >= 0)
        {
            SetStars(pictures, Index("star5"), Index("star6"), split, protect, preset.NumClasses, ref draw);
        }

        if (Index("cross") >= 0)
        {
            SetTriangles(pictures, Index("cross"), Index("triangle"), TriangleWithCross(split), protect, preset.NumClasses, ref draw);
        }

        return pictures;
    }

    /// <summary>A long tail: the first class is drawn four times as often as the last.</summary>
    public static double WeightOf(int classIndex, int numClasses) => 1 - (0.75 * classIndex / (numClasses - 1));

    private static SortedSet<int> Classes(MarksPreset preset, ref SeededDraw draw)
    {
        var count = 1;
        for (var u = draw.NextDouble() - CountShares[0]; u >= 0 && count < MaxClasses; u -= CountShares[count++])
        {
        }

        var chosen = new SortedSet<int>();
        var total = Enumerable.Range(0, preset.NumClasses).Sum(k => WeightOf(k, preset.NumClasses));
        while (chosen.Count < count)
        {
            var u = draw.NextDouble() * total;
            var k = 0;
            while (k < preset.NumClasses - 1 && (u -= WeightOf(k, preset.NumClasses)) >= 0)
            {
                k++;
            }

            chosen.Add(k);
        }

        return chosen;
    }

    private static void SetStars(SortedSet<int>[] pictures, int five, int six, MarksSplit split, HashSet<int> protect, int numClasses, ref SeededDraw draw)
    {
        var with = Order(pictures.Length, ref draw).Where(i => pictures[i].Contains(five) || pictures[i].Contains(six)).ToList();
        var both = with.Where(i => pictures[i].Contains(five) && pictures[i].Contains(six)).ToList();
        var quota = split == MarksSplit.Train ? 0 : (int)Math.Round(StarsTogether * with.Count);
        foreach (var i in both.Skip(quota))
        {
            Swap(pictures[i], draw.Chance(0.5) ? five : six, protect, numClasses, ref draw);
        }

        foreach (var i in with.Except(both).Where(i => CanTake(pictures[i], protect)).Take(Math.Max(0, quota - both.Count)))
        {
            Bring(pictures[i], pictures[i].Contains(five) ? six : five, protect, ref draw);
        }
    }

    private static void SetTriangles(SortedSet<int>[] pictures, int cross, int triangle, double share, HashSet<int> protect, int numClasses, ref SeededDraw draw)
    {
        var with = Order(pictures.Length, ref draw).Where(i => pictures[i].Contains(cross)).ToList();
        var both = with.Where(i => pictures[i].Contains(triangle)).ToList();
        var quota = (int)Math.Round(share * with.Count);
        foreach (var i in both.Skip(quota))
        {
            Swap(pictures[i], triangle, protect, numClasses, ref draw);
        }

        foreach (var i in with.Except(both).Where(i => CanTake(pictures[i], protect)).Take(Math.Max(0, quota - both.Count)))
        {
            Bring(pictures[i], triangle, protect, ref draw);
        }
    }

    private static bool CanTake(SortedSet<int> picture, HashSet<int> protect) => picture.Count < MaxClasses || picture.Any(k => !protect.Contains(k));

    // Takes the place of another class where one may go, so that the mean number of classes hardly moves.
    private static void Bring(SortedSet<int> picture, int added, HashSet<int> protect, ref SeededDraw draw)
    {
        var free = picture.Where(k => !protect.Contains(k)).ToList();
        if (free.Count > 0)
        {
            picture.Remove(free[draw.NextInt(free.Count)]);
        }

        picture.Add(added);
    }

    private static void Swap(SortedSet<int> picture, int removed, HashSet<int> protect, int numClasses, ref SeededDraw draw)
    {
        var free = Enumerable.Range(0, numClasses).Where(k => !protect.Contains(k) && !picture.Contains(k)).ToList();
        picture.Remove(removed);
        picture.Add(free[draw.NextInt(free.Count)]);
    }

    private static int[] Order(int count, ref SeededDraw draw)
    {
        var order = Enumerable.Range(0, count).ToArray();
        draw.Shuffle(order);
        return order;
    }
}
